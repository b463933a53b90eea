import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// Indexes that need care.
@Suite struct ImportIndexTests {
  @Test func conflictThatWasResolvedInsideArrives() async throws {
    try await QuarantineFixture.with { fixture in
      try await fixture.host("checkout", "-q", "-b", "side", "HEAD~1")
      try write("side\n", to: fixture.work.appending("a"))
      try await fixture.host("commit", "-q", "-am", "side")
      try await fixture.host("checkout", "-q", "main")
      await #expect(throws: (any Error).self) { try await fixture.host("merge", "-q", "side") }
      let quarantine = try fixture.prepare()
      try write("both\n", to: fixture.work.appending("a"))
      try await fixture.inside(quarantine, "commit", "-q", "-am", "merged")
      let expected = try await fixture.pictureInside(quarantine)
      let report = try await fixture.take(quarantine)
      #expect(report.failures == [] && report.copy == nil)
      #expect(try await fixture.picture() == expected)
      let quit = ["git", "-C", fixture.work.string, "merge", "--quit"]
      #expect(report.notTaken.map(\.what) == ["MERGE_HEAD"])
      #expect(report.notTaken.map(\.command) == [quit])
      try await fixture.host("merge", "--quit")
      #expect(try await fixture.host("status", "--porcelain") == [])
    }
  }

  /// Its `.git` is not looked at before the end, and the user's next `git status` would.
  @Test(arguments: [false, true])
  func repositoryInTheIndexWaitsForTheEndOfTheSession(isSparse: Bool) async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      let nested = fixture.work.appending("dir/nested")
      try makeDirectory(nested)
      try await fixture.host("init", "-q", in: nested)
      try await fixture.host("commit", "-q", "--allow-empty", "-m", "x", in: nested)
      try await fixture.inside(
        quarantine, "-c", "advice.addEmbeddedRepo=false", "add", "dir/nested")
      if isSparse {
        try await fixture.inside(quarantine, "commit", "-q", "-m", "nested")
        try await fixture.inside(
          quarantine, "sparse-checkout", "set", "--cone", "--sparse-index", "other")
      }
      try await fixture.host("config", "core.fsmonitor", fixture.trap, in: nested)
      let report = try await fixture.take(quarantine, at: .duringSession)
      #expect(report.notTaken.contains { $0.what == "the index" }, "\(report)")
      try await fixture.host("status")
      #expect(!fixture.canaryFired)
      #expect(!(try await fixture.host("ls-files").contains("dir/nested")))
      let end = try await fixture.take(quarantine)
      #expect(end.failures == [] && end.copy == nil, "\(end)")
      #expect(try await fixture.host("ls-files").contains("dir/nested"))
      try await fixture.host("status")
      #expect(!fixture.canaryFired)
    }
  }
}
