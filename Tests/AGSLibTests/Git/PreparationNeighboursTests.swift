import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// Two sessions in one workspace mount over the same places.
@Suite struct PreparationNeighboursTests {
  static let other = "89abcdef"

  @Test(arguments: [true, false])
  func placesGoWithTheLastSession(firstEndsFirst: Bool) async throws {
    try await QuarantineFixture.with { fixture in
      fixture.work = fixture.git.root.appending("plain")
      try makeDirectory(fixture.work)
      let place = fixture.work.appending(".git")
      let sessions = [try fixture.prepare(), try fixture.prepare(session: Self.other)]
      #expect(sessions.map(\.record.made) == [[place], [place]])
      let before = try #require(GitMarker(at: place))
      let order = firstEndsFirst ? sessions : sessions.reversed()
      #expect(try await fixture.take(order[0]).isEmpty)
      #expect(before.isUnchanged && !exists(order[0].directory))
      #expect(try await fixture.take(order[1]).isEmpty)
      #expect(!exists(place))
    }
  }

  @Test func directoryOfAMissingSubmoduleStaysForTheOtherSession() async throws {
    try await QuarantineFixture.with { fixture in
      let library = try await fixture.git.repository("library")
      try await fixture.host("submodule", "--quiet", "add", library.string, "lib/x")
      try await fixture.host("commit", "-q", "-m", "with library")
      try await fixture.host("submodule", "--quiet", "deinit", "-f", "lib/x")
      let place = fixture.work.appending("lib/x")
      let parent = place.removingLastComponent()
      #expect(rmdir(place.string) == 0 && rmdir(parent.string) == 0)
      let first = try fixture.prepare()
      let second = try fixture.prepare(session: Self.other)
      #expect(second.record.made == [parent, place])
      #expect(try await fixture.take(first).isEmpty)
      #expect(exists(place))
      #expect(try await fixture.take(second).isEmpty)
      #expect(!exists(parent))
    }
  }

  @Test func sessionElsewhereOrWithoutAContainerKeepsNothing() async throws {
    try await QuarantineFixture.with { fixture in
      let repository = try fixture.prepare(session: Self.other)
      fixture.work = fixture.git.root.appending("plain")
      try makeDirectory(fixture.work)
      var failed = try fixture.prepare(session: "fedcba98").record
      failed.failures = 1
      try failed.write(in: repository.directory.removingLastComponent().appending("fedcba98"))
      #expect(try await fixture.take(try fixture.prepare()).isEmpty)
      #expect(!exists(fixture.work.appending(".git")))
    }
  }

  @Test func sessionThatCannotBeReadKeepsThePlaces() async throws {
    try await QuarantineFixture.with { fixture in
      fixture.work = fixture.git.root.appending("plain")
      try makeDirectory(fixture.work)
      let quarantine = try fixture.prepare()
      try write("x", to: fixture.state.appending("git/\(Self.other)/record.json"))
      #expect(try await fixture.take(quarantine).isEmpty)
      #expect(exists(fixture.work.appending(".git")))
    }
  }
}
