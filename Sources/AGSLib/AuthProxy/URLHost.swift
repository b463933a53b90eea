internal import AGSWire
internal import CGLib
internal import Glibc

/// A host as every browser understands it: a name in ASCII and lower case, an IPv4 address
/// of four decimal numbers, or an IPv6 address in brackets (RFC 5952).
enum URLHost {
  /// - Throws: for what is none of these, and for every other spelling of an address.
  static func normalized(_ text: Substring) throws(ChannelFault) -> String {
    if text.hasPrefix("[") { return try address(text) }
    guard !text.isEmpty else { throw refusal("its host is missing") }
    let host = try text.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false)
      .map { label throws(ChannelFault) in try normalized(label: Substring(label)) }
      .joined(separator: ".")
    guard host.utf8.count <= 253 else { throw refusal("its host is too long") }
    if endsInNumber(host), !isIPv4(host) {
      throw refusal("its host is a number in an unusual spelling")
    }
    return host
  }

  private static func normalized(label text: Substring) throws(ChannelFault) -> String {
    var label = text.lowercased()
    if !label.utf8.allSatisfy({ $0 < 0x80 }) { label = try encoded(label) }
    let bytes = Array(label.utf8)
    guard (1...63).contains(bytes.count) else {
      throw refusal("a part of its host is empty or too long")
    }
    guard bytes.first != hyphen, bytes.last != hyphen, bytes.allSatisfy(isNameByte) else {
      throw refusal("its host has a character that does not belong there")
    }
    // A browser would understand one that nothing encodes to in its own way.
    if label.hasPrefix("xn--"),
      Punycode.decode(bytes[4...]).map({ $0.allSatisfy(\.isASCII) }) ?? true
    {
      throw refusal("a part of its host begins like an international name and is none")
    }
    return label
  }

  /// In the form that the name has after every mapping a browser does, or not at all.
  private static func encoded(_ label: String) throws(ChannelFault) -> String {
    let composed = normalized(label, G_NORMALIZE_NFC)
    guard composed.utf8.elementsEqual(normalized(composed, G_NORMALIZE_NFKC).utf8),
      composed.utf8.elementsEqual(composed.lowercased().utf8),
      composed.unicodeScalars.allSatisfy(isLetter),
      composed.unicodeScalars.first.map(isMark) != true
    else { throw refusal("its host has a character that does not belong into a name") }
    guard composed.utf8.contains(where: { $0 >= 0x80 }) else { return composed }
    guard let ascii = Punycode.encode(composed.unicodeScalars), !composed.hasPrefix("xn--") else {
      throw refusal("a part of its host is too long")
    }
    return "xn--" + String(decoding: ascii, as: UTF8.self)
  }

  private static func normalized(_ text: String, _ form: GNormalizeMode) -> String {
    guard let result = g_utf8_normalize(text, -1, form) else { return "" }
    defer { g_free(result) }
    return String(cString: result)
  }

  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return isNameByte(UInt8(scalar.value)) }
    if scalar.properties.isDefaultIgnorableCodePoint { return false }
    switch scalar.properties.generalCategory {
    case .lowercaseLetter, .otherLetter, .modifierLetter, .decimalNumber, .nonspacingMark,
      .spacingMark:
      return true
    default: return false
    }
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    [.nonspacingMark, .spacingMark].contains(scalar.properties.generalCategory)
  }

  private static let hyphen = UInt8(ascii: "-")

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), hyphen,
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// Such a host is an address for a browser, whatever stands before its last part.
  private static func endsInNumber(_ host: String) -> Bool {
    let last = host.utf8.split(separator: UInt8(ascii: ".")).last ?? host.utf8[...]
    if last.allSatisfy({ isDigit($0) }) { return true }
    return last.starts(with: "0x".utf8) && last.dropFirst(2).allSatisfy { $0.isHexDigit }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isIPv4(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in UInt8(part).map { "\($0)" == part } == true }
  }

  private static func address(_ text: Substring) throws(ChannelFault) -> String {
    var address = in6_addr()
    guard text.hasSuffix("]"),
      inet_pton(AF_INET6, String(text.dropFirst().dropLast()), &address) == 1
    else { throw refusal("its host is no address") }
    let bytes = withUnsafeBytes(of: &address) { Array($0) }
    let groups = stride(from: 0, to: 16, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
    let zeros = longestZeros(groups)
    let parts = { (range: Range<Int>) in
      range.map { String(groups[$0], radix: 16) }.joined(separator: ":")
    }
    guard let zeros else { return "[\(parts(0..<8))]" }
    return "[\(parts(0..<zeros.lowerBound))::\(parts(zeros.upperBound..<8))]"
  }

  /// The first of the longest runs of at least two.
  private static func longestZeros(_ groups: [Int]) -> Range<Int>? {
    var best: Range<Int>?
    var start = 0
    for index in 0...groups.count where index == groups.count || groups[index] != 0 {
      if index - start > max(best?.count ?? 0, 1) { best = start..<index }
      start = index + 1
    }
    return best
  }

  private static func refusal(_ why: String) -> ChannelFault {
    ChannelFault(.invalidURL, "the URL is refused: \(why)")
  }
}
