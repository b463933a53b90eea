import AGSTestSupport
import Glibc
import Synchronization
import SystemPackage
import Testing

@testable import AGSLib

/// Several imports of one session.
@Suite struct ImportRepetitionTests {
  @Test func whatASyncKeptStaysUntilTheUserDeletesIt() async throws {
    try await QuarantineFixture.with { fixture in
      try await fixture.host("branch", "foo")
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "branch", "-f", "foo", "HEAD~1")
      try await fixture.host("branch", "-f", "foo", "HEAD^{commit}")
      let other = try await fixture.host("commit-tree", "-m", "host", "HEAD^{tree}")[0]
      try await fixture.host("branch", "-f", "foo", other)
      let first = try await fixture.take(quarantine, at: .duringSession)
      #expect(first.kept.map(\.reference) == ["refs/ags/0123abcd/heads/foo"])
      // And another name that needs a directory there.
      try await fixture.host("branch", "-D", "-q", "foo")
      try await fixture.host("branch", "foo/bar")
      try await fixture.inside(quarantine, "branch", "-D", "foo")
      try await fixture.inside(quarantine, "branch", "foo/bar", "HEAD~1")
      let end = try await fixture.take(quarantine)
      #expect(end.failures == [] && end.copy == nil, "\(end)")
      #expect(end.kept.map(\.reference) == ["refs/ags/0123abcd/2/heads/foo/bar"])
      #expect(
        try await fixture.host("for-each-ref", "--format=%(refname)", "refs/ags") == [
          "refs/ags/0123abcd/2/heads/foo/bar", "refs/ags/0123abcd/heads/foo",
        ])
    }
  }

  /// As when there is not enough memory for it.
  @Test func importThatIsKilledEachTimeIsGivenUp() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "branch", "topic")
      let recovery = GitRecovery(stateDirectory: fixture.state, git: try fixture.hostGit())
      var record = try #require(try QuarantineRecord.read(in: quarantine.directory))
      let runner = ReadingRunner(directory: quarantine.directory)
      let counting = GitRecovery(stateDirectory: fixture.state, git: try fixture.hostGit(runner))
      record.attempts = 7
      try record.write(in: quarantine.directory)
      _ = try await counting.run { _ in false }
      // While it runs it is counted, so that a kill leaves it so.
      #expect(runner.attempts == 8)
      record.attempts = 8
      try makeDirectory(quarantine.directory)
      try record.write(in: quarantine.directory)
      #expect(try await recovery.run { _ in false }.isEmpty)
      #expect(exists(quarantine.directory))
    }
  }

  @Test func importHasAnEnd() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "branch", "topic")
      let report = try await GitImport.run(
        quarantine.directory, at: .afterSession, git: fixture.hostGit(), within: .zero)
      #expect(report.failures.count == 1 && report.copy == quarantine.directory.string)
      #expect(try await fixture.take(quarantine).imported.map(\.name) == ["topic"])
    }
  }

  @Test func failureIsNoKill() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      try write("x\n", to: fixture.work.appending("x"))
      try await fixture.inside(quarantine, "add", "x")
      try write("", to: fixture.work.appending(".git/index.lock"))
      #expect(try await fixture.take(quarantine).failures.count == 1)
      let record = try #require(try QuarantineRecord.read(in: quarantine.directory))
      #expect(record.failures == 1 && record.attempts == nil)
    }
  }
}

/// Remembers how many attempts the record counts while git runs.
private final class ReadingRunner: CommandRunner {
  private let seen = Mutex<Int?>(nil)
  private let directory: FilePath
  private let runner = SubprocessRunner()

  init(directory: FilePath) { self.directory = directory }

  var attempts: Int? { seen.withLock { $0 } }

  func run(_ command: Command) async throws(CommandError) -> CommandResult {
    do {
      let count = try QuarantineRecord.read(in: directory)?.attempts
      seen.withLock { $0 = count }
    } catch {
      throw CommandError.failed(command.executable, reason: "no record")
    }
    return try await runner.run(command)
  }

  func stream(
    _ command: Command, onLine: @escaping @Sendable (String, OutputStream) -> Void
  ) async throws(CommandError) -> TerminationStatus {
    throw CommandError.failed(command.executable, reason: "not used")
  }
}
