import AGSTestSupport
import SystemPackage
import Testing

extension EndToEnd {
  /// Every way a repository can lie (3-run "Mounts" 1 and 2).
  @Suite struct RepositoryTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    private static let identity = "git -c user.name=t -c user.email=t@example.org"

    @Test func worktreeOfABareRepositoryCommitsIntoIt() async throws {
      try await withRepository(fixture) { path in
        let base = path.removingLastComponent()
        try await fixture.shell(
          "git clone -q --bare project bare.git; git -C bare.git worktree add -q ../fix", in: base)
        let outcome = try await fixture.sandbox(
          "\(Self.identity) commit -q --allow-empty -m inside", in: base.appending("fix"))
        #expect(outcome.status == 0, "\(outcome)")
        let log = try await fixture.shell(
          "git log -1 --format=%s fix", in: base.appending("bare.git"))
        #expect(log.lines == ["inside"])
        let plan = try await fixture.ags("plan", "--agent", "shell", in: base.appending("fix"))
        #expect(plan.standardOutput.contains("-bare-git-"), "\(plan)")
      }
    }

    @Test func bareRepositoryIsAWorkspace() async throws {
      try await withRepository(fixture) { path in
        let base = path.removingLastComponent()
        try await fixture.shell("git clone -q --bare project bare.git", in: base)
        let outcome = try await fixture.sandbox(
          "git rev-parse --is-bare-repository; git branch made; git log -1 --format=%s",
          in: base.appending("bare.git/refs"))
        #expect(outcome.lines == ["true", "first commit"], "\(outcome)")
        let branches = try await fixture.shell(
          "git branch --list made", in: base.appending("bare.git"))
        #expect(branches.lines == ["  made"])
      }
    }

    @Test func submoduleCommitsIntoItsOwnDirectory() async throws {
      try await withRepository(fixture) { path in
        let base = path.removingLastComponent()
        try await fixture.shell(
          """
          git clone -q project library
          cd project
          git -c protocol.file.allow=always submodule --quiet add ../library lib 2>/dev/null
          """, in: base)
        let outcome = try await fixture.sandbox(
          "\(Self.identity) commit -q --allow-empty -m inside; ls ../README 2>/dev/null",
          in: path.appending("lib"))
        #expect(outcome.standardOutput == "", "\(outcome)")
        let log = try await fixture.shell("git log -1 --format=%s", in: path.appending("lib"))
        #expect(log.lines == ["inside"], "\(outcome)")
      }
    }

    @Test func brokenGitFilesAreErrorsBeforeAnythingStarts() async throws {
      try await withRepository(fixture) { path in
        let base = path.removingLastComponent()
        try await fixture.shell(
          """
          git -C project worktree add -q ../tree
          mkdir planted; echo "gitdir: $PWD/project/.git" >planted/.git
          mkdir garbage; echo 'what is this' >garbage/.git
          mkdir linked; ln -s ../project/.git linked/.git
          """, in: base)
        for (name, reason) in [
          ("planted", "does not point back"), ("garbage", "is not a git file"),
          ("linked", "neither a directory nor a file"), ("tree", "which is not there"),
        ] {
          if name == "tree" { try await fixture.shell("mv project gone", in: base) }
          let outcome = try await fixture.sandbox("echo started", in: base.appending(name))
          #expect(outcome.ending == .exited(2) && outcome.standardOutput == "", "\(outcome)")
          #expect(outcome.standardError.contains(reason), "\(outcome)")
          #expect(outcome.standardError.contains("hint: "), "\(outcome)")
        }
        try await fixture.shell("mv gone project", in: base)
      }
    }
  }
}
