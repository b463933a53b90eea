import AGSWire
import Testing

/// A small generator with a fixed course, so that a failure comes again.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ (state >> 29)) &* 0x9E37_79B9_7F4A_7C15
  }
}

@Suite struct JSONMutationTests {
  static let corpus: [String] = [
    #"{"v":1,"kind":"request","id":7,"method":"open","params":{"html":"<b>\u00e9\ud834\udd1e"}}"#,
    #"[[["deep",[{"a":[{"b":null}]}]]],-1.5e+7,18446744073709551615,true,false]"#,
    "\"\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\\\\\\\"\"",
    #"{"":"","a":{"a":{"a":{}}},"b":[0,1,2,3,4,5,6,7,8,9]}"#,
    String(decoding: LaunchDocumentTests.full.encoded(), as: UTF8.self),
  ]

  static let pieces: [[UInt8]] =
    [
      "\"", "\\", "\\u", "\\ud800", "[", "]", "{", "}", ",", ":", "-", "e", ".", "0", "\n", "null",
      "\\u0000", "99999999999999999999",
    ].map { Array($0.utf8) } + [[0], [0x80], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90], [0xFF]]

  static func mutate(_ bytes: inout [UInt8], with generator: inout SeededGenerator) {
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let place = Int.random(in: 0...bytes.count, using: &generator)
      let length = min(Int.random(in: 0...6, using: &generator), bytes.count - place)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes.removeSubrange(place..<(place + length))
      case 1: bytes.insert(contentsOf: pieces.randomElement(using: &generator) ?? [], at: place)
      case 2:
        for index in place..<(place + length) {
          bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
        }
      default:
        let copy = Array(bytes[place..<(place + length)])
        bytes.insert(contentsOf: copy, at: Int.random(in: 0...bytes.count, using: &generator))
      }
    }
  }

  @Test func mutatedInputNeverTrapsAndWhatIsReadSurvivesWriting() throws {
    var generator = SeededGenerator(state: 0xA65)
    var accepted = 0
    for round in 0..<20_000 {
      var bytes = Array(Self.corpus[round % Self.corpus.count].utf8)
      Self.mutate(&bytes, with: &generator)
      let value: JSONValue
      do { value = try JSONReader.read(bytes) } catch { continue }
      accepted += 1
      let written = value.encoded()
      #expect(!written.contains(0x0A))
      #expect(try JSONReader.read(written) == value, "round \(round)")
    }
    #expect(accepted > 500)
  }

  @Test func mutatedDocumentsNeverTrap() {
    var generator = SeededGenerator(state: 0x5EED)
    for _ in 0..<5_000 {
      var bytes = LaunchDocumentTests.full.encoded()
      Self.mutate(&bytes, with: &generator)
      bytes.withUnsafeBufferPointer { pointer in
        do throws(LaunchDocumentError) {
          let lines = try LaunchDocument.lines(in: pointer)
          _ = try LaunchDocument.decodeHeader(UnsafeBufferPointer(rebasing: pointer[lines.header]))
          _ = try LaunchDocument.decodeEnvironment(
            UnsafeBufferPointer(rebasing: pointer[lines.environment]))
        } catch {
          // Refusing is as good as reading; only a trap would be a failure.
          #expect(!error.message.isEmpty)
        }
      }
    }
  }
}
