import AGSWire
import Testing

@Suite struct JSONReaderTests {
  static func read(
    _ text: String, limits: JSONReader.Limits = .frame
  ) throws -> JSONValue {
    try JSONReader.read(Array(text.utf8), limits: limits)
  }

  static let valid: [(String, JSONValue)] = [
    ("null", .null), (" true\n", .bool(true)), ("false", .bool(false)),
    ("0", .integer(0)), ("-0", .integer(0)), ("42", .integer(42)), ("-7", .integer(-7)),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .decimal("9223372036854775808")),
    ("1.5", .decimal("1.5")), ("1e3", .decimal("1e3")), ("-2.50E-7", .decimal("-2.50E-7")),
    ("\"\"", .string("")), ("\"a\u{7F}é𝄞\"", .string("a\u{7F}é𝄞")),
    (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
    (#""\u0041\u00e9\u20AC""#, .string("Aé€")), (#""\ud834\udd1e""#, .string("𝄞")),
    (#""\u0000""#, .string("\0")), (#""\uFFFF""#, .string("\u{FFFF}")),
    ("[]", .array([])), ("[ 1 , [ ] ]", .array([.integer(1), .array([])])),
    ("{}", .object([])), ("{\"\":{}}", .object([JSONMember("", .object([]))])),
    (
      " { \"b\" : 1 ,\t\"a\":[null]}\r\n ",
      .object([JSONMember("b", .integer(1)), JSONMember("a", .array([.null]))])
    ),
  ]

  @Test(arguments: Self.valid)
  func validTextIsRead(_ text: String, as value: JSONValue) throws {
    #expect(try Self.read(text) == value)
  }

  static let invalid: [(String, JSONError.Reason)] = [
    ("", .unexpectedEnd), ("  ", .unexpectedEnd), ("nul", .unexpectedEnd),
    ("nulL", .unexpectedByte), ("True", .unexpectedByte), ("'a'", .unexpectedByte),
    ("[", .unexpectedEnd), ("[1", .unexpectedEnd), ("[1,", .unexpectedEnd),
    ("[1,]", .unexpectedByte), ("[,1]", .unexpectedByte), ("[1 2]", .unexpectedByte),
    ("[1}", .unexpectedByte), ("]", .unexpectedByte), ("{", .unexpectedEnd),
    ("{a:1}", .unexpectedByte), ("{\"a\"}", .unexpectedByte), ("{\"a\":}", .unexpectedByte),
    ("{\"a\":1,}", .unexpectedByte), ("{\"a\":1", .unexpectedEnd), ("{1:2}", .unexpectedByte),
    ("{\"a\":1,\"a\":1}", .duplicateName), ("{\"a\":1,\"b\":0,\"\\u0061\":2}", .duplicateName),
    ("1 2", .trailingBytes), ("{}x", .trailingBytes), ("null\0", .trailingBytes),
    ("01", .invalidNumber), ("-", .invalidNumber), ("1.", .invalidNumber),
    (".5", .unexpectedByte), ("1e", .invalidNumber), ("1e+", .invalidNumber),
    ("+1", .unexpectedByte), ("-a", .invalidNumber), ("0x1", .trailingBytes),
    ("NaN", .unexpectedByte), ("\"", .unexpectedEnd), ("\"\\", .unexpectedEnd),
    ("\"a\nb\"", .controlCharacter), ("\"\u{1F}\"", .controlCharacter),
    (#""\x""#, .invalidEscape), (#""\u12""#, .invalidEscape), (#""\u12g4""#, .invalidEscape),
    (#""\ud834""#, .invalidEscape), (#""\ud834x""#, .invalidEscape),
    (#""\ud834\u0041""#, .invalidEscape), (#""\udd1e""#, .invalidEscape),
    (#""\u+123""#, .invalidEscape), ("// c\n1", .unexpectedByte), ("\u{FEFF}1", .unexpectedByte),
  ]

  @Test(arguments: Self.invalid)
  func invalidTextIsRefused(_ text: String, because reason: JSONError.Reason) {
    let error = #expect(throws: JSONError.self) { try Self.read(text) }
    #expect(error?.reason == reason)
  }

  static let broken: [[UInt8]] = [
    [0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x9F, 0xBF],
    [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
    [0xF5, 0x80, 0x80, 0x80], [0xF0, 0x9D, 0x84], [0xFF],
  ]

  @Test(arguments: Self.broken)
  func bytesThatAreNotUTF8AreRefused(_ bytes: [UInt8]) {
    let quote = UInt8(ascii: "\"")
    let error = #expect(throws: JSONError.self) {
      try JSONReader.read([quote] + bytes + [quote])
    }
    #expect(error?.reason == .invalidUTF8)
  }

  @Test func depthIsLimited() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(throws: Never.self) { try Self.read(nested(64)) }
    let error = #expect(throws: JSONError.self) { try Self.read(nested(65)) }
    #expect(error?.reason == .tooDeep)
    #expect(throws: JSONError.self) { try Self.read(String(repeating: "[{\"a\":", count: 100_000)) }
    // Depth counts what is open, not what was.
    let siblings = "[" + String(repeating: "[],{},", count: 200) + "0]"
    #expect(try Self.read(siblings).array?.count == 401)
  }

  @Test func sizeIsLimited() {
    let limits = JSONReader.Limits(size: 4, depth: 1)
    #expect(throws: Never.self) { try Self.read("1234", limits: limits) }
    #expect(throws: JSONError(.tooLarge, offset: 4)) { try Self.read("12345", limits: limits) }
  }

  @Test(.timeLimit(.minutes(1))) func manyNamesCostNoQuadraticTime() throws {
    let members = (0..<100_000).map { "\"\($0)\":0" }.joined(separator: ",")
    let value = try Self.read("{\(members)}", limits: JSONReader.Limits(size: 4 << 20, depth: 2))
    #expect(value.members?.count == 100_000)
  }

  @Test func errorsSayWhere() throws {
    let error = #expect(throws: JSONError.self) { try Self.read("[1,\n x]") }
    #expect(error?.message == "unexpected byte at byte 5")
  }
}
