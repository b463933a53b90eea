import SystemPackage
import Testing

@testable import AGSLib

/// What is read of an agent's files never traps, whatever the bytes are.
@Suite struct GitDataMutationTests {
  /// The same numbers in every run.
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 33)
    }
  }

  private func mutated(_ bytes: [UInt8], seed: UInt64) -> [UInt8] {
    var numbers = Numbers(state: seed)
    var bytes = bytes
    for _ in 0...Int.random(in: 0...6, using: &numbers) where !bytes.isEmpty {
      let at = bytes.indices.randomElement(using: &numbers) ?? 0
      switch Int.random(in: 0...4, using: &numbers) {
      case 0: bytes[at] = UInt8.random(in: 0...255, using: &numbers)
      case 1: bytes[at] = [0, 0xFF, 0x7F, 0x80].randomElement(using: &numbers) ?? 0
      case 2: bytes.removeSubrange(at...)
      case 3: bytes.insert(UInt8.random(in: 0...255, using: &numbers), at: at)
      default: bytes.removeSubrange(at..<min(at + 8, bytes.count))
      }
    }
    return bytes
  }

  @Test(arguments: ["2", "3", "4"])
  func indexes(version: String) async throws {
    try await QuarantineFixture.with { fixture in
      if version == "3" {
        try write("n\n", to: fixture.work.appending("n"))
        try await fixture.host("add", "-N", "n")
      }
      try await fixture.host("update-index", "--index-version", version)
      let file = fixture.work.appending(".git/index")
      let bytes = try #require(try RegularFile.read(file, limit: 1 << 20, links: .refused))
      #expect(try GitIndexFile(bytes, format: .sha1).entries.count == (version == "3" ? 4 : 3))
      var damaged = 0
      for seed in 0..<3000 {
        let changed = mutated(bytes, seed: UInt64(seed))
        for format in [GitObjectFormat.sha1, .sha256] {
          do {
            _ = try GitIndexFile(changed, format: format)
            _ = try GitIndexFile.gitlinks(changed, format: format)
          } catch {
            damaged += 1
          }
        }
      }
      #expect(damaged > 3000)
    }
  }

  @Test func textFiles() throws {
    let object = String(repeating: "a", count: 40)
    let texts = [
      "# pack-refs with: peeled\n\(object) refs/heads/main\n^\(object)\n\(object) refs/tags/v1\n",
      "\(object) \(object) a <a@b> 1 +0000\tmessage\n",
      "[core]\n\tbare = \"a\\\"b\" # c\n[remote \"x\\\\y\"]\n\turl = https://u:p@h/x@y\n",
    ].map { Array($0.utf8) }
    for seed in 0..<3000 {
      for text in texts {
        let changed = mutated(text, seed: UInt64(seed))
        var references = GitReferences()
        try references.addPacked(changed)
        _ = GitReflog(changed).entries
        let settings = GitConfigFile(changed).settings
        let safe = GitSetting.file(GitSetting.withoutSecrets(settings))
        // What is written is read again as the same.
        let again = GitConfigFile(safe)
        #expect(again.isValid)
        #expect(GitSetting.file(GitSetting.withoutSecrets(again.settings)) == safe)
      }
    }
  }
}
