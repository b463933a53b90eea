import AGSTestSupport
import FoundationEssentials
import Testing

extension EndToEnd {
  /// 6-security 9: what an agent plants in a repository does nothing to the host, while the
  /// session lives and afterwards. That each attack bites where nothing protects is shown by
  /// Tests/Fixtures/git-attack-proof.
  @Suite struct GitAttackTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    /// Of workspaces for attacks that need one for themselves: each one's own kind, which is
    /// the plain one for most. `make attacks` takes every kind.
    static let places: [String?] = {
      let wanted = ProcessInfo.processInfo.environment["AGS_ATTACK_KINDS"] ?? ""
      let words = wanted.split(separator: " ").map(String.init)
      return [nil]
        + GitFixture.kinds.filter { $0 != "plain" && (wanted == "every" || words.contains($0)) }
    }()

    /// Two at once, each in a workspace of its own: git on the host mostly waits.
    @Test(arguments: places, GitAttack.all.filter(\.isAlone).map(\.name).inPairs)
    func attackDoesNothing(kind: String?, names: [String]) async throws {
      try await withThrowingTaskGroup { group in
        for attack in GitAttack.all
        where names.contains(attack.name) && (kind == nil || attack.kind == nil) {
          group.addTask {
            try await GitFixture.with(fixture, kind: kind ?? attack.kind ?? "plain") { git in
              var harm = try await git.harm(of: [attack])
              // git's own refusal of what a file of the work tree says.
              if attack.isRefused, git.kind == "submodules" { harm.removeAll { $0 == "* breaks" } }
              #expect(harm == [], "\(attack.name)")
            }
          }
        }
        try await group.waitForAll()
      }
    }

    @Test(arguments: GitFixture.kinds)
    func attacksTogetherDoNothing(kind: String) async throws {
      let attacks = GitAttack.all.filter { !$0.isAlone && ($0.kind ?? kind) == kind }
      for during in ["work", "read"] {
        try await GitFixture.with(fixture, kind: kind) { git in
          let harm = try await git.harm(of: attacks.filter { $0.during == during })
          #expect(harm == [])
        }
      }
    }

    /// Those that replace the git directory itself, where it is of another shape.
    @Test(arguments: ["worktree", "submodule", "subdirectory", "none", "bare-worktree"])
    func gitDirectoryOfEveryShapeIsKept(kind: String) async throws {
      for name in [
        "commondir", "renamed-git", "git-as-link", "rebuilt-in-place", "rm-git", "broken-head",
      ] {
        try await GitFixture.with(fixture, kind: kind) { git in
          let harm = try await git.harm(of: GitAttack.all.filter { $0.name == name })
          #expect(harm == [])
        }
      }
    }

    /// What a header says wrongly would keep an attack out of every test.
    @Test func everyAttackIsInATest() {
      for attack in GitAttack.all {
        #expect(attack.isAlone || ["work", "read"].contains(attack.during), "\(attack.name)")
        #expect(attack.during.map { ["work", "read"].contains($0) } ?? true, "\(attack.name)")
        #expect(attack.kind.map { GitFixture.kinds.contains($0) } ?? true, "\(attack.name)")
      }
    }

    @Test func thereAreAsManyAttacksAsThereWere() {
      #expect(GitAttack.all.count >= 160)
    }
  }
}
