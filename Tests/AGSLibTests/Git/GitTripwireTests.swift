import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// Direct mode: the agent writes the real git directory.
@Suite struct GitTripwireTests {
  private func set(_ fixture: QuarantineFixture) throws -> FilePath {
    let repository = try #require(try Repository.find(from: fixture.work, userID: getuid()))
    try GitTripwire.set(
      session: QuarantineFixture.session, on: repository, roots: [fixture.work],
      in: fixture.state)
    return GitQuarantine.directory(of: QuarantineFixture.session, in: fixture.state)
  }

  @Test func ordinaryWorkIsNoDifference() async throws {
    try await QuarantineFixture.with { fixture in
      let directory = try set(fixture)
      try await fixture.host("checkout", "-q", "-b", "topic")
      try await fixture.host("commit", "-q", "--allow-empty", "-m", "three")
      try await fixture.host("stash", "list")
      try await fixture.host("gc", "-q")
      #expect(try GitTripwire.check(directory) == [])
      #expect(!exists(directory))
    }
  }

  static let differences: [String: String] = [
    "config": "printf '[core]\\n\\tfsmonitor = touch %s\\n' $CANARY >>config",
    "config.worktree": "echo x >config.worktree",
    "commondir": "echo / >commondir",
    "gitdir": "echo / >gitdir",
    "hooks/pre-commit": "echo x >hooks/pre-commit",
    "hooks": "rm -r hooks; ln -s / hooks",
    "info/attributes": "echo '* filter=x' >info/attributes",
    "info/grafts": "echo x >info/grafts",
    "objects/info/alternates": "echo / >objects/info/alternates",
    "objects/info/http-alternates": "echo x >objects/info/http-alternates",
    "remotes": "mkdir remotes; echo URL: ext::id >remotes/x",
    "branches": "mkdir -p branches; echo ext::id >branches/x",
    "rebase-merge": "mkdir rebase-merge; echo exec id >rebase-merge/git-rebase-todo",
    "sequencer": "mkdir sequencer; echo x >sequencer/todo",
    "HEAD": "echo ref: ../../x >HEAD",
    "logs/refs/heads/x": "ln -s / logs/refs/heads/x",
    "pipe": "mkfifo pipe",
    "worktrees/tree/commondir": "echo / >worktrees/tree/commondir",
    "worktrees/tree/gitdir": "echo / >worktrees/tree/gitdir",
    "modules/lib/config": "echo x >>modules/lib/config",
    "modules/lib/hooks/update": "echo x >modules/lib/hooks/update",
  ]

  @Test(arguments: differences.keys.sorted())
  func differenceIsPutBack(name: String) async throws {
    try await QuarantineFixture.with { fixture in
      let host = fixture.work.appending(".git")
      let library = try await fixture.git.repository("library")
      try await fixture.host("submodule", "--quiet", "add", library.string, "lib")
      try await fixture.host(
        "worktree", "add", "-q", "-b", "tree", fixture.git.root.appending("tree").string)
      let script = try #require(Self.differences[name])
      let listing = """
        find . ! -path './objects/*' ! -name '*.sample' ! -path ./hooks ! -path ./branches | sort
        cat config HEAD modules/lib/config worktrees/tree/commondir worktrees/tree/gitdir
        """
      let before = try await fixture.git.shell(listing, in: host)
      let directory = try set(fixture)
      try await fixture.git.shell("CANARY=\(fixture.canary); \(script)", in: host)
      let report = try GitTripwire.check(directory)
      let first = try #require(report.first { $0.path == "\(host)/\(name)" }, "\(report)")
      #expect(first.outcome == .restored)
      #expect(try await fixture.git.shell(listing, in: host) == before)
      try await fixture.host("status")
      #expect(!fixture.canaryFired)
      #expect(names(in: directory) == ["aside"])
    }
  }

  @Test func rebuiltDirectoryIsSaidAndDisarmed() async throws {
    try await QuarantineFixture.with { fixture in
      let directory = try set(fixture)
      try await fixture.git.shell(
        "mv .git old; cp -r old .git; rm -r old; git config core.fsmonitor 'touch x'",
        in: fixture.work)
      let report = try GitTripwire.check(directory)
      #expect(
        report.map(\.path) == ["\(fixture.work)/.git", "\(fixture.work)/.git/config"])
      #expect(report.contains { $0.isFailure })
      #expect(try await fixture.host("config", "--get-all", "core.bare") == ["false"])
      let config = try read(fixture.work.appending(".git/config"))
      #expect(!config.contains("fsmonitor"))
    }
  }

  @Test func plantedRepositoryBesideItIsDisarmed() async throws {
    try await QuarantineFixture.with { fixture in
      let directory = try set(fixture)
      try write("gitdir: /\n", to: fixture.work.appending("sub/.git"))
      #expect(try GitTripwire.check(directory).map(\.path) == ["\(fixture.work)/sub/.git"])
    }
  }
}
