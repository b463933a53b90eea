import AGSTestSupport
import Glibc
import Synchronization
import SystemPackage
import Testing

@testable import AGSLib

/// Both sides at work, and imports that are ended at any moment.
@Suite struct QuarantineRecoveryTests {
  @Test func branchMovedOnBothSidesIsKeptBesideTheHosts() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      try write("inside\n", to: fixture.work.appending("i"))
      try await fixture.inside(quarantine, "add", "i")
      try await fixture.inside(quarantine, "commit", "-q", "-m", "inside")
      try await fixture.host("commit", "-q", "--allow-empty", "-m", "host")
      let report = try await fixture.take(quarantine)
      #expect(report.imported.map(\.subject) == [.index])
      #expect(report.kept.map(\.reference) == ["refs/ags/0123abcd/heads/main"])
      #expect(
        report.kept.map(\.command) == [
          ["git", "-C", fixture.work.string, "log", "--oneline", "refs/ags/0123abcd/heads/main"]
        ])
      #expect(try await fixture.host("log", "--format=%s") == ["host", "two", "one"])
      #expect(
        try await fixture.host("log", "-1", "--format=%s", "refs/ags/0123abcd/heads/main")
          == ["inside"])
    }
  }

  @Test func indexChangedOnBothSidesIsLeft() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      for name in ["inside", "host"] { try write("x\n", to: fixture.work.appending(name)) }
      try await fixture.inside(quarantine, "add", "inside")
      try await fixture.host("add", "host")
      let report = try await fixture.take(quarantine)
      #expect(report.notTaken.map(\.reason) == ["it was changed on both sides"])
      #expect(try await fixture.host("ls-files") == ["a", "b", "dir/c", "host"])
    }
  }

  /// The user's own `git status` in the meantime is no change.
  @Test func refreshedIndexOfTheHostIsTheSame() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      try write("x\n", to: fixture.work.appending("inside"))
      try await fixture.inside(quarantine, "add", "inside")
      utimes(fixture.work.appending("a").string, nil)
      try await fixture.host("update-index", "-q", "--refresh")
      #expect(try await fixture.take(quarantine).notTaken == [])
      #expect(try await fixture.host("ls-files") == ["a", "b", "dir/c", "inside"])
    }
  }

  @Test func headMovedOnBothSidesIsLeft() async throws {
    try await QuarantineFixture.with { fixture in
      try await fixture.host("branch", "other")
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "checkout", "-q", "-b", "topic")
      try await fixture.host("checkout", "-q", "other")
      let report = try await fixture.take(quarantine)
      #expect(report.notTaken.map(\.reason) == ["HEAD was moved on both sides"])
      #expect(try await fixture.host("symbolic-ref", "HEAD") == ["refs/heads/other"])
    }
  }

  @Test func deletedInsideAndMovedHereStays() async throws {
    try await QuarantineFixture.with { fixture in
      try await fixture.host("branch", "old", "HEAD~1")
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "branch", "-D", "old")
      try await fixture.host("branch", "-f", "old", "HEAD")
      let report = try await fixture.take(quarantine)
      #expect(report.imported == [] && report.notTaken.map(\.what) == ["refs/heads/old"])
      #expect(try await fixture.host("log", "-1", "--format=%s", "old") == ["two"])
    }
  }

  @Test func repositoryMadeOnBothSidesStaysTheHosts() async throws {
    try await QuarantineFixture.with { fixture in
      fixture.work = fixture.git.root.appending("plain")
      try makeDirectory(fixture.work)
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "init", "-q", "-b", "main")
      try await fixture.inside(quarantine, "commit", "-q", "--allow-empty", "-m", "inside")
      // As long as the session works git takes no `.git` there, unless it is emptied by hand.
      try await fixture.git.shell("rm -r .git/*", in: fixture.work)
      try await fixture.host("init", "-q", "-b", "main")
      try await fixture.host("commit", "-q", "--allow-empty", "-m", "host")
      let report = try await fixture.take(quarantine)
      #expect(report.imported == [] && report.kept.map(\.name) == ["refs/heads/main"])
      #expect(try await fixture.host("log", "--format=%s") == ["host"])
    }
  }

  @Test func lockedIndexIsTriedAgain() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      try write("x\n", to: fixture.work.appending("x"))
      try await fixture.inside(quarantine, "add", "x")
      let lock = fixture.work.appending(".git/index.lock")
      try write("", to: lock)
      let first = try await fixture.take(quarantine)
      #expect(first.failures.count == 1 && first.copy == quarantine.directory.string)
      unlink(lock.string)
      #expect(try await fixture.take(quarantine).failures == [])
      #expect(try await fixture.host("ls-files") == ["a", "b", "dir/c", "x"])
      #expect(try await fixture.host("for-each-ref", "refs/ags") == [])
    }
  }

  @Test func secondImporterWaitsItsTurn() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      let lock = try FileLock(quarantine.directory.appending("lock"))
      await #expect(throws: GitDataError.self) { try await fixture.take(quarantine) }
      withExtendedLifetime(lock) {}
    }
  }

  @Test func discardedSessionLeavesNothing() async throws {
    try await QuarantineFixture.with { fixture in
      var request = try fixture.request()
      request.isDiscarded = true
      let quarantine = try GitQuarantine.prepare(request, in: fixture.state)
      try makeDirectory(fixture.guest)
      try link(fixture.guest.appending("main"), to: fixture.work.appending(".git/objects"))
      try await fixture.inside(quarantine, "commit", "-q", "--allow-empty", "-m", "inside")
      #expect(try await fixture.take(quarantine).isEmpty)
      #expect(try await fixture.host("log", "--format=%s") == ["two", "one"])
      #expect(names(in: fixture.state.appending("git")) == [])
    }
  }

  @Test func whatFailsAgainAndAgainIsGivenUpAndKept() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "branch", "topic")
      let recovery = GitRecovery(
        stateDirectory: fixture.state, git: try fixture.hostGit(EndingRunner(after: 0)))
      for _ in 0..<3 {
        let outcomes = try await recovery.run { _ in false }
        #expect(outcomes.map(\.report.copy) == [quarantine.directory.string])
      }
      #expect(try await recovery.run { _ in false }.isEmpty)
      // Asked for, it is tried.
      #expect(try await fixture.take(quarantine).imported.map(\.name) == ["topic"])
    }
  }

  @Test func deadSessionsAreTakenOverAndLivingOnesLeft() async throws {
    try await QuarantineFixture.with { fixture in
      for (number, session) in ["00000001", "00000002"].enumerated() {
        let quarantine = try fixture.prepare(session: session)
        try await fixture.inside(quarantine, "branch", "topic\(number)")
      }
      for name in ["00000003/main", "other", "00000004/aside"] {
        try makeDirectory(fixture.state.appending("git/\(name)"))
      }
      let recovery = GitRecovery(stateDirectory: fixture.state, git: try fixture.hostGit())
      let outcomes = try await recovery.run { $0 == "00000002" }
      #expect(outcomes.map(\.session) == ["00000001"])
      #expect(outcomes.flatMap { $0.report.imported.map(\.name) } == ["topic0"])
      #expect(names(in: fixture.state.appending("git")) == ["00000002", "00000004", "other"])
      #expect(try await recovery.run { _ in false }.map(\.session) == ["00000002"])
      #expect(try await fixture.host("branch", "--format=%(refname:short)").count == 3)
    }
  }

  /// As kill -9 would, between any two git commands of an import; another import ends it.
  @Test func importThatIsEndedAnywhereIsEndedByTheNext() async throws {
    var step = 0
    var isDone = false
    while !isDone {
      try await QuarantineFixture.with { fixture in
        try await fixture.host("branch", "old")
        try write("stash\n", to: fixture.work.appending("a"))
        let quarantine = try fixture.prepare()
        try await fixture.inside(quarantine, "stash", "push", "-q", "-m", "kept")
        try await fixture.inside(quarantine, "checkout", "-q", "-b", "topic")
        try write("topic\n", to: fixture.work.appending("b"))
        try await fixture.inside(quarantine, "commit", "-q", "-am", "topic")
        try await fixture.inside(quarantine, "branch", "-D", "-q", "old")
        try await fixture.inside(quarantine, "tag", "v1")
        try write("staged\n", to: fixture.work.appending("new"))
        try await fixture.inside(quarantine, "add", "new")
        let expected = try await fixture.pictureInside(quarantine)
        let runner = EndingRunner(after: step)
        _ = try await GitImport.run(
          quarantine.directory, at: .duringSession, git: fixture.hostGit(runner))
        isDone = !runner.hasEnded
        let report = try await fixture.take(quarantine)
        #expect(
          report.failures == [] && report.kept == [] && report.notTaken == [],
          "\(step) \(report.lines)")
        #expect(try await fixture.picture() == expected, "\(step)")
        #expect(try await fixture.host("stash", "list") == ["stash@{0}: On main: kept"], "\(step)")
        #expect(try await fixture.host("for-each-ref", "refs/ags") == [], "\(step)")
      }
      step += 1
    }
    #expect(step > 8)
  }
}

/// Runs so many commands, and fails every later one as if the process were gone.
private final class EndingRunner: CommandRunner {
  private let left: Mutex<Int>
  private let runner = SubprocessRunner()

  init(after count: Int) { left = Mutex(count) }

  var hasEnded: Bool { left.withLock { $0 < 0 } }

  func run(_ command: Command) async throws(CommandError) -> CommandResult {
    let isAlive = left.withLock { left in
      left -= 1
      return left >= 0
    }
    guard isAlive else { throw CommandError.failed(command.executable, reason: "ended") }
    return try await runner.run(command)
  }

  func stream(
    _ command: Command, onLine: @escaping @Sendable (String, OutputStream) -> Void
  ) async throws(CommandError) -> TerminationStatus {
    throw CommandError.failed(command.executable, reason: "not used")
  }
}
