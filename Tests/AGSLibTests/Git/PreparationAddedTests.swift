import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// Directories outside the workspace that the agent can write have no quarantine.
@Suite struct PreparationAddedTests {
  private func added(_ fixture: QuarantineFixture) async throws -> [FilePath] {
    let repository = try await fixture.git.repository("added")
    let bare = fixture.git.root.appending("bare")
    try await fixture.host("clone", "-q", "--bare", fixture.work.string, bare.string)
    let several = fixture.git.root.appending("several")
    for name in ["a", "a/b", "c"] { _ = try await fixture.git.repository("several/\(name)") }
    let plain = fixture.git.root.appending("plain")
    try makeDirectory(plain)
    return [repository, bare, several, plain]
  }

  private func expect(_ warnings: [String], _ fixture: QuarantineFixture) {
    let root = fixture.git.root
    let end = "the agent's to write until the session ends: run no git there"
    #expect(
      warnings == [
        "\(root)/added is a repository; its git directory is \(end)",
        "\(root)/bare is a repository; its git directory is \(end)",
        "\(root)/several has repositories (3, such as a/.git); their git directories are \(end)",
      ])
  }

  @Test func repositoriesInAddedDirectoriesAreSaid() async throws {
    try await QuarantineFixture.with { fixture in
      var request = try fixture.request()
      request.addedDirectories = try await added(fixture)
      expect(try GitQuarantine.prepare(request, in: fixture.state).warnings, fixture)
    }
  }

  @Test func theyAreSaidInDirectModeToo() async throws {
    try await QuarantineFixture.with { fixture in
      let repository = try #require(try Repository.find(from: fixture.work, userID: getuid()))
      let roots = try await [fixture.work] + added(fixture)
      let warnings = try GitTripwire.set(
        session: QuarantineFixture.session, on: repository, roots: roots, in: fixture.state)
      expect(warnings, fixture)
    }
  }

  @Test func theWorkspaceInAnAddedDirectoryIsNotOneOfThem() async throws {
    try await QuarantineFixture.with { fixture in
      let library = try await fixture.git.repository("library")
      try await fixture.host("submodule", "--quiet", "add", library.string, "lib/x")
      let place = fixture.git.root.appending("src")
      try makeDirectory(place)
      #expect(rename(fixture.work.string, place.appending("work").string) == 0)
      fixture.work = place.appending("work")
      var request = try fixture.request()
      request.addedDirectories = [place, fixture.work.appending("lib")]
      #expect(try GitQuarantine.prepare(request, in: fixture.state).warnings == [])
    }
  }
}
