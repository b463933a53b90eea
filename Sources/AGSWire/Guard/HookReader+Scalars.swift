extension HookReader {
  /// Takes a string, the position being at its opening quotation mark. Empty unless it
  /// is kept; checked in either case.
  mutating func string(isKept: Bool) throws(HookError) -> [UInt8] {
    advance()
    var text: [UInt8] = []
    while true {
      guard let byte = next else { throw error(.unexpectedEnd) }
      switch byte {
      case UInt8(ascii: "\""):
        advance()
        return text
      case UInt8(ascii: "\\"):
        advance()
        let scalar = try escape()
        if isKept {
          text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
      case 0..<0x20: throw error(.controlCharacter)
      case 0x20..<0x80:
        if isKept { text.append(byte) }
        advance()
      default: try multibyte(startingWith: byte, into: &text, isKept: isKept)
      }
    }
  }

  /// As `JSONReader`: the one well-formed spelling a scalar has.
  private mutating func multibyte(
    startingWith first: UInt8, into text: inout [UInt8], isKept: Bool
  ) throws(HookError) {
    let following: Int
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
    if isKept { text.append(first) }
    advance()
    for _ in 0..<following {
      guard let byte = next, allowed.contains(byte) else { throw error(.invalidUTF8) }
      if isKept { text.append(byte) }
      advance()
      allowed = 0x80...0xBF
    }
  }

  private mutating func escape() throws(HookError) -> Unicode.Scalar {
    guard let byte = next else { throw error(.unexpectedEnd) }
    advance()
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{08}"
    case UInt8(ascii: "f"): return "\u{0C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw error(.invalidEscape)
    }
    var value = try fourDigits()
    if (0xD800...0xDBFF).contains(value) {
      for expected in [UInt8(ascii: "\\"), UInt8(ascii: "u")] {
        guard next == expected else { throw error(.invalidEscape) }
        advance()
      }
      let low = try fourDigits()
      guard (0xDC00...0xDFFF).contains(low) else { throw error(.invalidEscape) }
      value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else { throw error(.invalidEscape) }
    return scalar
  }

  private mutating func fourDigits() throws(HookError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next else { throw error(.unexpectedEnd) }
      guard let digit = ShellText.hexadecimal(byte) else { throw error(.invalidEscape) }
      value = value << 4 | UInt32(digit)
      advance()
    }
    return value
  }

  mutating func word(_ text: StaticString) throws(HookError) {
    for index in 0..<text.utf8CodeUnitCount {
      guard next == text.utf8Start[index] else { throw unexpected }
      advance()
    }
  }

  mutating func skipNumber() throws(HookError) {
    let isNegative = next == UInt8(ascii: "-")
    if isNegative { advance() }
    guard let first = next, isDigit(first) else {
      throw isNegative ? error(.invalidNumber) : unexpected
    }
    let digits = skipDigits()
    if first == UInt8(ascii: "0"), digits > 1 { throw error(.invalidNumber) }
    if next == UInt8(ascii: ".") {
      advance()
      guard skipDigits() > 0 else { throw error(.invalidNumber) }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      advance()
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { advance() }
      guard skipDigits() > 0 else { throw error(.invalidNumber) }
    }
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0") <= byte && byte <= UInt8(ascii: "9")
  }

  private mutating func skipDigits() -> Int {
    var digits = 0
    while let byte = next, isDigit(byte) {
      advance()
      digits += 1
    }
    return digits
  }
}
