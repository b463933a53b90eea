import AGSTestSupport
import SystemPackage
import Testing

@testable import AGSLib

/// A reference of the agent's must not be what the user's git means by the name of another.
@Suite struct ImportShadowTests {
  @Test(arguments: ["tags/main", "tags/origin/main", "heads/origin/main", "heads/origin"])
  func newNameThatHidesAnotherIsKeptAside(name: String) async throws {
    try await QuarantineFixture.with { fixture in
      try await fixture.host("update-ref", "refs/remotes/origin/main", "HEAD")
      try await fixture.host(
        "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "update-ref", "refs/\(name)", "HEAD~1")
      let report = try await fixture.take(quarantine)
      #expect(report.imported == [] && report.failures == [] && report.copy == nil)
      #expect(report.kept.map(\.reference) == ["refs/ags/0123abcd/\(name)"])
      #expect(try await fixture.host("log", "-1", "--format=%s", "main") == ["two"])
      #expect(try await fixture.host("log", "-1", "--format=%s", "origin/main") == ["two"])
      #expect(try await fixture.host("log", "-1", "--format=%s", "origin") == ["two"])
    }
  }

  /// The user has such names already.
  @Test func nameThatIsThereMoves() async throws {
    try await QuarantineFixture.with { fixture in
      try await fixture.host("tag", "main", "HEAD")
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "update-ref", "refs/tags/main", "HEAD~1")
      #expect(try await fixture.take(quarantine).imported.map(\.subject) == [.tag])
    }
  }
}
