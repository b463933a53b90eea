internal import AGSWire

/// Where a relayed app begins: a path, with a query or a fragment if need be.
struct RelayBase: Equatable {
  /// In bytes, as it is asked for.
  static let maximumLength = 2 << 10

  /// With its leading slash, and nothing in it that a URL may not hold.
  let path: String

  init(_ text: String) throws(ChannelFault) {
    guard text.utf8.count <= Self.maximumLength else {
      throw ChannelFault(.invalidURL, "a base path of over 2 KiB")
    }
    guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { throw ChannelFault(.invalidURL, "a control character in the base path") }
    var path = text.utf8.first == UInt8(ascii: "/") ? "" : "/"
    for byte in text.utf8 {
      if Self.isPlain(byte) {
        path.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        path += (byte < 0x10 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
      }
    }
    self.path = path
  }

  /// What stands for itself in a path, query or fragment (RFC 3986), and `%`: what is encoded
  /// already stays so.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      return true
    default:
      return "-._~!$&'()*+,;=:@/?#%".utf8.contains(byte)
    }
  }
}
