import AGSWire
import Testing

@Suite struct JSONWriterTests {
  @Test func everyScalarSurvives() throws {
    var text = ""
    for value in stride(from: UInt32(0), through: 0x10FFFF, by: 13) {
      if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
    }
    let read = try JSONReader.read(JSONValue.string(text).encoded()).string
    #expect(read?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
  }

  @Test func outputIsOneLineWithoutSpace() {
    let value = JSONValue.object([
      JSONMember("a\n", .array([.null, .bool(true), .bool(false), .integer(-1)])),
      JSONMember("b", .decimal("1.5")), JSONMember("c", .string("\u{1}\u{7F}\t\r\"\\/é")),
    ])
    #expect(
      String(decoding: value.encoded(), as: UTF8.self)
        == #"{"a\n":[null,true,false,-1],"b":1.5,"c":"\u0001\u007f\t\r\"\\/é"}"#)
  }

  @Test func unsignedNumbersKeepAllBits() throws {
    for number in [0, 1, UInt64(Int64.max), UInt64(Int64.max) + 1, .max] {
      #expect(try JSONReader.read(JSONValue.unsigned(number).encoded()).unsigned == number)
    }
    #expect(JSONValue.integer(-1).unsigned == nil)
    #expect(JSONValue.decimal("18446744073709551616").unsigned == nil)
    #expect(JSONValue.decimal("1.0").unsigned == nil)
  }

  @Test func accessorsAnswerForTheirOwnKindOnly() {
    let value = JSONValue.object([JSONMember("a", .string("x"))])
    #expect(value["a"]?.string == "x" && value["b"] == nil)
    #expect(value.array == nil && value.bool == nil && value.integer == nil)
    #expect(JSONValue.array([.null])["a"] == nil && JSONValue.null.members == nil)
  }
}
