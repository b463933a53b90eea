internal import AGSWire

/// The parts of a URL behind its host.
enum URLText {
  /// Percent-encodes what a browser would encode, and what a shell or PowerShell between us
  /// and the browser could take for more than text: quotes, `$` and backticks.
  static func encoded(_ bytes: ArraySlice<UInt8>) throws(ChannelFault) -> String {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    for (index, byte) in zip(bytes.indices, bytes) {
      if byte == UInt8(ascii: "%") {
        guard bytes.endIndex - index > 2, bytes[index + 1].isHexDigit, bytes[index + 2].isHexDigit
        else { throw CheckedURL.refusal("a % in it is not followed by two digits; write %25") }
        output.append(byte)
      } else if isPlain(byte) {
        output.append(byte)
      } else {
        output += [UInt8(ascii: "%"), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// The same for a path, whose dot segments are resolved as a browser does.
  static func path(_ bytes: ArraySlice<UInt8>) throws(ChannelFault) -> String {
    let segments = try encoded(bytes.dropFirst()).split(
      separator: "/", omittingEmptySubsequences: false)
    var kept: [Substring] = []
    for (index, segment) in segments.enumerated() {
      let dots = dots(in: segment)
      if dots == 0 {
        kept.append(segment)
        continue
      }
      if dots == 2 { _ = kept.popLast() }
      // The name of a directory ends with a slash.
      if index == segments.count - 1 { kept.append("") }
    }
    return "/" + kept.joined(separator: "/")
  }

  /// 1 for `.`, 2 for `..`, 0 for names.
  private static func dots(in segment: Substring) -> Int {
    switch segment.lowercased().replacing("%2e", with: ".") {
    case ".": 1
    case "..": 2
    default: 0
    }
  }

  private static let hexDigits = Array("0123456789ABCDEF".utf8)
  private static let marks = Array("-._~!&()*+,;=:@/?[]#".utf8)

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: marks.contains(byte)
    }
  }
}

/// One of the values behind a URL's `?`, decoded. Bytes, since two texts that are equal to
/// Swift may be different bytes, and not all bytes are text.
struct QueryItem: Sendable, Equatable {
  var name: [UInt8]
  var value: [UInt8]

  static func list(_ query: ArraySlice<UInt8>) -> [QueryItem] {
    query.split(separator: UInt8(ascii: "&")).map { item in
      let equals = item.firstIndex(of: UInt8(ascii: "="))
      return QueryItem(
        name: decoded(item[..<(equals ?? item.endIndex)]),
        value: equals.map { decoded(item[($0 + 1)...]) } ?? [])
    }
  }

  private static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2, let high = rest[rest.startIndex].hexValue,
        let low = rest[rest.startIndex + 1].hexValue
      {
        output.append(high << 4 | low)
        rest = rest.dropFirst(2)
      } else {
        output.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return output
  }
}

extension [QueryItem] {
  /// The value of the only item of that name: one that is there twice has none.
  func only(_ name: String) -> [UInt8]? {
    let found = filter { $0.name.elementsEqual(name.utf8) }
    return found.count == 1 ? found[0].value : nil
  }
}

extension UInt8 {
  var isHexDigit: Bool { hexValue != nil }

  var hexValue: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
