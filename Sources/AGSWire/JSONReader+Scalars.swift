extension JSONReader {
  /// Reads a string, the position being at its opening quotation mark.
  mutating func string() throws(JSONError) -> String {
    position += 1
    var text: [UInt8] = []
    while true {
      guard let byte = next else { throw error(.unexpectedEnd) }
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        position += 1
        try appendEscape(to: &text)
      case 0..<0x20:
        throw error(.controlCharacter)
      case 0x20..<0x80:
        text.append(byte)
        position += 1
      default:
        try appendMultibyte(startingWith: byte, to: &text)
      }
    }
  }

  /// Takes one scalar of two to four bytes, in the one well-formed spelling it has.
  private mutating func appendMultibyte(
    startingWith first: UInt8, to text: inout [UInt8]
  ) throws(JSONError) {
    let following: Int
    // Narrower bounds for the second byte shut out overlong forms, surrogates and
    // scalars beyond U+10FFFF.
    var allowed: ClosedRange<UInt8> = 0x80...0xBF
    switch first {
    case 0xC2...0xDF: following = 1
    case 0xE0: (following, allowed) = (2, 0xA0...0xBF)
    case 0xED: (following, allowed) = (2, 0x80...0x9F)
    case 0xE1...0xEF: following = 2
    case 0xF0: (following, allowed) = (3, 0x90...0xBF)
    case 0xF4: (following, allowed) = (3, 0x80...0x8F)
    case 0xF1...0xF3: following = 3
    default: throw error(.invalidUTF8)
    }
    text.append(first)
    position += 1
    for _ in 0..<following {
      guard let byte = next, allowed.contains(byte) else { throw error(.invalidUTF8) }
      text.append(byte)
      position += 1
      allowed = 0x80...0xBF
    }
  }

  private mutating func appendEscape(to text: inout [UInt8]) throws(JSONError) {
    guard let byte = next else { throw error(.unexpectedEnd) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): try appendScalar(to: &text)
    default: throw error(.invalidEscape)
    }
  }

  /// Takes the four digits after `\u`, and the second half of a surrogate pair.
  private mutating func appendScalar(to text: inout [UInt8]) throws(JSONError) {
    var value = try fourDigits()
    if (0xD800...0xDBFF).contains(value) {
      guard next == UInt8(ascii: "\\") else { throw error(.invalidEscape) }
      position += 1
      guard next == UInt8(ascii: "u") else { throw error(.invalidEscape) }
      position += 1
      let low = try fourDigits()
      guard (0xDC00...0xDFFF).contains(low) else { throw error(.invalidEscape) }
      value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00)
    }
    // A lone low half is no scalar.
    guard let scalar = Unicode.Scalar(value) else { throw error(.invalidEscape) }
    text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  private mutating func fourDigits() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next else { throw error(.unexpectedEnd) }
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: throw error(.invalidEscape)
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  /// Reads a number; anything that cannot begin one is an unexpected byte.
  mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    let isNegative = next == UInt8(ascii: "-")
    if isNegative { position += 1 }
    guard let first = next, isDigit(first) else {
      throw isNegative ? error(.invalidNumber) : unexpected
    }
    let digits = skipDigits()
    if first == UInt8(ascii: "0"), digits > 1 { throw error(.invalidNumber) }
    var isInteger = true
    if next == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      guard skipDigits() > 0 else { throw error(.invalidNumber) }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isInteger = false
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      guard skipDigits() > 0 else { throw error(.invalidNumber) }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int64(text) { return .integer(value) }
    return .decimal(text)
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0") <= byte && byte <= UInt8(ascii: "9")
  }

  private mutating func skipDigits() -> Int {
    let start = position
    while let byte = next, isDigit(byte) { position += 1 }
    return position - start
  }
}
