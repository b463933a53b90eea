import Testing

@testable import AGSLib

/// RFC 3492, section 7.1.
@Suite struct PunycodeTests {
  @Test(arguments: [
    ("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"),
    ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
    ("pročprostěnemluvíčesky", "proprostnemluvesky-uyb24dma41a"),
    ("почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"),
    ("3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"),
    ("ひとつ屋根の下2", "2-u9tlzr9756bt3uc0v"),
    ("bücher", "bcher-kva"),
    ("ü", "tda"),
    ("-> $1.00 <-", "-> $1.00 <--"),
  ])
  func labelsOfTheDocument(text: String, encoded: String) throws {
    let scalars = Array(text.unicodeScalars)
    let found = try #require(Punycode.encode(scalars))
    #expect(String(decoding: found, as: UTF8.self) == encoded)
    #expect(Punycode.decode(Array(encoded.utf8)[...]) == scalars)
  }

  @Test func whatNothingEncodesToIsRefused() {
    for text in ["google-", "0", "99999999", "a-b-", "kva-", "bcher-kv", "Ü", "bcher-KVA"] {
      let decoded = Punycode.decode(Array(text.utf8)[...])
      #expect(decoded.map { $0.allSatisfy(\.isASCII) } ?? true, "\(text)")
    }
    #expect(Punycode.encode(Array(repeating: "ü", count: 64)) == nil)
  }

  @Test(arguments: 1...4)
  func everyLabelComesBackAndNoBytesTrap(seed: Int) {
    var generator = SeededNumbers(seed: seed)
    for _ in 0..<2000 {
      let scalars = (0..<Int.random(in: 0...63, using: &generator)).map { _ in
        Unicode.Scalar(UInt32.random(in: 0...0x10ffff, using: &generator)) ?? "a"
      }
      let encoded = Punycode.encode(scalars) ?? []
      #expect(encoded.count > 63 || Punycode.decode(encoded[...]) == scalars)
      let bytes = (0..<Int.random(in: 0...70, using: &generator)).map { _ in
        Array("abz019-".utf8).randomElement(using: &generator) ?? 0
      }
      if let decoded = Punycode.decode(bytes[...]) { #expect(Punycode.encode(decoded) == bytes) }
    }
  }
}
