import AGSTestSupport
import Glibc
import Synchronization
import SystemPackage
import Testing

@testable import AGSLib

/// Work that cannot be taken over stays where it is, and the report says where.
@Suite struct ImportLossTests {
  private func expectKept(
    _ report: GitImportReport, _ quarantine: GitQuarantine,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    #expect(report.failures == [], sourceLocation: location)
    #expect(!report.notTaken.isEmpty, sourceLocation: location)
    #expect(report.copy == quarantine.directory.string, sourceLocation: location)
    #expect(
      exists(quarantine.record.repositories[0].privateDirectory), sourceLocation: location)
    #expect(
      try QuarantineRecord.read(in: quarantine.directory)?.isGivenUp == true,
      sourceLocation: location)
  }

  @Test func branchWithATreeThatGitRefusesStaysInTheCopy() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      let scene = HostileQuarantineTests.Scene(
        fixture: fixture, quarantine: quarantine,
        own: quarantine.record.repositories[0].privateDirectory, victim: "/nonexistent")
      // As old programs made them: a mode with a zero before it.
      try await fixture.git.shell(
        """
        blob=$(git hash-object -w -t blob --stdin </dev/null)
        raw=$(echo $blob | sed 's/../\\\\x&/g')
        tree=$( (printf '0100644 f\\0'; printf "$raw") |
          git hash-object -w -t tree --stdin --literally)
        commit=$(git -c user.name=a -c user.email=a@b commit-tree -m old $tree)
        git update-ref refs/heads/upstream $commit
        """.replacingGit(scene.own), in: fixture.work)
      let report = try await fixture.take(quarantine)
      #expect(report.notTaken.map(\.what) == ["refs/heads/upstream"])
      try expectKept(report, quarantine)
    }
  }

  @Test func branchOnACutHistoryStaysInTheCopy() async throws {
    try await QuarantineFixture.with { fixture in
      let upstream = try await fixture.git.repository("upstream")
      try await fixture.host("commit", "-q", "--allow-empty", "-m", "second", in: upstream)
      let quarantine = try fixture.prepare()
      try await fixture.inside(
        quarantine, "fetch", "-q", "--depth=1", "file://\(upstream)", "main")
      try await fixture.inside(quarantine, "branch", "fix", "FETCH_HEAD")
      try await fixture.inside(quarantine, "branch", "good")
      let report = try await fixture.take(quarantine)
      #expect(report.imported.map(\.name) == ["good"])
      #expect(
        report.notTaken.contains {
          $0.what == "refs/heads/fix" && $0.reason.contains("shallow")
        }, "\(report.notTaken)")
      try expectKept(report, quarantine)
      #expect(!exists(fixture.work.appending(".git/shallow")))
    }
  }

  /// What the host has whole arrives, wherever the agent's own history ends.
  @Test func cutHistoryThatTheHostHasArrives() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      let head = try await fixture.inside(quarantine, "rev-parse", "HEAD")[0]
      try await fixture.inside(quarantine, "commit", "-q", "--allow-empty", "-m", "three")
      try write(
        head + "\n", to: quarantine.record.repositories[0].privateDirectory.appending("shallow"))
      let report = try await fixture.take(quarantine)
      #expect(report.notTaken == [] && report.copy == nil)
      #expect(try await fixture.host("log", "--format=%s") == ["three", "two", "one"])
    }
  }

  @Test(arguments: ["index", "head", "references", "names", "pack"])
  func whatGitDoesNotTakeStaysInTheCopy(what: String) async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      let own = quarantine.record.repositories[0].privateDirectory
      let head = try await fixture.inside(quarantine, "rev-parse", "HEAD")[0]
      switch what {
      case "index": try write("DIRC\0\0\0\u{2}x", to: own.appending("index"))
      case "head": try write("nothing\n", to: own.appending("HEAD"))
      case "references":
        let names = (0...GitReferencePlan.limit).map { "\(head) refs/heads/many/\($0)\n" }
        try write(names.joined(), to: own.appending("packed-refs"))
      case "names": try write(head + "\n", to: own.appending("refs/heads/-x"))
      default:
        try write("PACK", to: own.appending("objects/pack/pack-\(head).pack"))
        try await fixture.inside(quarantine, "branch", "good")
      }
      try expectKept(try await fixture.take(quarantine), quarantine)
    }
  }

  /// Nobody's pack or object is; copied they would take all of their length on the disk.
  @Test(arguments: ["pack", "object"])
  func hollowFilesAreNotCopied(what: String) async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      let own = quarantine.record.repositories[0].privateDirectory
      try await fixture.inside(quarantine, "branch", "topic")
      let digits = String(repeating: "a", count: 38)
      let file = own.appending(
        what == "pack" ? "objects/pack/pack-\(digits).pack" : "objects/aa/\(digits)")
      try makeDirectory(file.removingLastComponent())
      try write("PACK", to: file)
      #expect(truncate(file.string, 2 << 30) == 0)
      let runner = MeasuringRunner(staging: quarantine.directory.appending("main.staging"))
      let report = try await GitImport.run(
        quarantine.directory, at: .afterSession, git: fixture.hostGit(runner))
      #expect(report.imported.map(\.name) == ["topic"])
      #expect(runner.largest < 1 << 20)
      try expectKept(report, quarantine)
    }
  }

  @Test func packsBeyondTheLimitAreLeft() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      let own = quarantine.record.repositories[0].privateDirectory
      try await fixture.inside(quarantine, "branch", "topic")
      for number in 0..<210 {
        try write("PACK", to: own.appending("objects/pack/pack-\(number).pack"))
      }
      let report = try await fixture.take(quarantine)
      #expect(report.imported.map(\.name) == ["topic"])
      #expect(report.notTaken.contains { $0.reason.contains("10 more") })
      try expectKept(report, quarantine)
    }
  }

  @Test func moduleClonedInsideStaysInTheCopy() async throws {
    try await QuarantineFixture.with { fixture in
      let library = try await fixture.git.repository("library")
      let quarantine = try fixture.prepare()
      let own = quarantine.record.repositories[0].privateDirectory
      try await fixture.host("clone", "-q", library.string, own.appending("modules/x").string)
      try expectKept(try await fixture.take(quarantine), quarantine)
    }
  }

  @Test func configurationAndHalfAMergeKeepNoCopy() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      let own = quarantine.record.repositories[0].privateDirectory
      let head = try await fixture.inside(quarantine, "rev-parse", "HEAD")[0]
      try await fixture.inside(quarantine, "config", "core.pager", "cat")
      try write(head + "\n", to: own.appending("MERGE_HEAD"))
      let report = try await fixture.take(quarantine)
      #expect(report.notTaken.count == 2 && report.copy == nil)
      #expect(names(in: fixture.state.appending("git")) == [])
    }
  }
}

/// Remembers the largest file there was in a staging repository.
private final class MeasuringRunner: CommandRunner {
  private let seen = Mutex<Int>(0)
  private let staging: FilePath
  private let runner = SubprocessRunner()

  init(staging: FilePath) { self.staging = staging }

  var largest: Int { seen.withLock { $0 } }

  func run(_ command: Command) async throws(CommandError) -> CommandResult {
    for directory in ["objects/pack", "objects/aa"] {
      let path = staging.appending(directory)
      for name in names(in: path) {
        var facts = stat()
        guard stat(path.appending(name).string, &facts) == 0 else { continue }
        seen.withLock { $0 = max($0, Int(facts.st_size)) }
      }
    }
    return try await runner.run(command)
  }

  func stream(
    _ command: Command, onLine: @escaping @Sendable (String, OutputStream) -> Void
  ) async throws(CommandError) -> TerminationStatus {
    throw CommandError.failed(command.executable, reason: "not used")
  }
}

extension String {
  /// A script whose git works in `directory`.
  fileprivate func replacingGit(_ directory: FilePath) -> String {
    "export GIT_DIR='\(directory)'\n" + self
  }
}
