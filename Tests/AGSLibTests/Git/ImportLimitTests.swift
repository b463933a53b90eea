import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// What small files of an agent's could make of memory and time.
@Suite struct ImportLimitTests {
  static let refused: [String: String] = [
    "a long subsection": "[a \"\(String(repeating: "x", count: 5000))\"]\n\tb = c\n",
    "a long section": "[\(String(repeating: "x", count: 300))]\n\tb = c\n",
    "a long name": "[a]\n\t\(String(repeating: "x", count: 300)) = c\n",
    "many settings": "[a]\n" + String(repeating: "b\n", count: 20_001),
    "a zero in a comment": "[a]\n\tb = c # \0\n",
    "a zero in a value": "[a]\n\tb = \"c\0d\"\n",
  ]

  @Test(arguments: refused.keys.sorted())
  func configurationWithThisIsNotRead(what: String) {
    let file = GitConfigFile(Array((Self.refused[what] ?? "").utf8))
    #expect(!file.isValid && file.settings == [])
  }

  @Test func settingsKeepTheirSections() {
    let text = "[a \"x\"]\r\n\tb = 1\n\tc = 2\n[a]\n\tb = 3\n[a \"x\"]\n\tb = 4\n"
    #expect(
      GitConfigFile(Array(text.utf8)).settings.map { "\($0.key) \($0.text)" } == [
        "a.x.b 1", "a.x.c 2", "a.b 3", "a.x.b 4",
      ])
    let limits = "[a \"\(String(repeating: "x", count: 4000))\"]\n"
    #expect(GitConfigFile(Array((limits + String(repeating: "b\n", count: 20_000)).utf8)).isValid)
  }

  /// It is no space to git.
  @Test func formFeedBelongsToTheValue() {
    let file = GitConfigFile(Array("[a]\n\tb =\u{C}c\u{B}\n".utf8))
    #expect(file.value("b", in: "a") == "\u{C}c\u{B}")
  }

  /// The accent makes one character of the second colon and itself.
  @Test func accentHidesNoSecondColon() {
    #expect(!GitSetting.isPlainURL("ext:\u{3A}\u{301}sh -c id"))
    #expect(!GitSetting.isPlainURL("-\u{301}x"))
    #expect(!GitSetting.isPlainURL("gopher:/\u{2F}\u{301}x"))
  }

  @Test func namesHaveSoManyParts() {
    #expect(GitReferenceName("refs/heads" + String(repeating: "/a", count: 30)) != nil)
    #expect(GitReferenceName("refs/heads" + String(repeating: "/a", count: 31)) == nil)
  }

  /// In version 4 an entry of 65 bytes may repeat the whole path before it.
  @Test func indexThatUnfoldsIsNotRead() throws {
    func entry(_ path: String) -> [UInt8] {
      [UInt8](repeating: 0, count: 24) + [0, 0, 0x81, 0xA4]
        + [UInt8](repeating: 0, count: 12 + 20 + 2) + [0] + Array(path.utf8) + [0]
    }
    func index(_ count: Int) -> [UInt8] {
      var bytes = Array("DIRC".utf8) + [0, 0, 0, 4]
      bytes += (0..<4).reversed().map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
      bytes += entry(String(repeating: "a", count: 4096))
      let next = entry("")
      for _ in 1..<count { bytes += next }
      return bytes + [UInt8](repeating: 0, count: 20)
    }
    #expect(try GitIndexFile(index(10), format: .sha1).entries.count == 10)
    #expect(throws: GitDataError.self) {
      try GitIndexFile(index(GitIndexFile.limit / 4096 + 10), format: .sha1)
    }
  }

  @Test func configurationIsTakenOfBranchesTheHostHasAndNoMoreThanItCanSet() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      let own = quarantine.record.repositories[0].privateDirectory
      try await fixture.inside(quarantine, "branch", "topic")
      let head = try await fixture.inside(quarantine, "rev-parse", "HEAD")[0]
      let many = (0..<210).map { "b\($0)" }
      try write(
        many.map { "\(head) refs/heads/\($0)\n" }.joined()
          + (try read(own.appending("packed-refs"))), to: own.appending("packed-refs"))
      try write(
        try read(own.appending("config"))
          + (["ghost", "topic"] + many).map { "[branch \"\($0)\"]\n\trebase = true\n" }.joined(),
        to: own.appending("config"))
      let report = try await fixture.take(quarantine)
      #expect(report.failures == [])
      #expect(report.notTaken.contains { $0.what == "config: branch.ghost.rebase" })
      let config = try await fixture.host("config", "--get-regexp", "^branch\\.")
      #expect(config.contains("branch.topic.rebase true"))
      #expect(config.count == 200)
    }
  }
}
