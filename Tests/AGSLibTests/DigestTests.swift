import AGSLib
import Testing

@Test func sha256OfKnownInput() {
  #expect(
    Digest.sha256(Array("ab".utf8), Array("c".utf8))
      == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
}
