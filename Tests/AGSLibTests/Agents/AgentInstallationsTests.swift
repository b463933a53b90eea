import AGSTestSupport
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

@Suite struct AgentInstallationsTests {
  private func with(
    _ body: (AgentInstallations, Host) async throws -> Void
  ) async throws {
    try await PlanFixture.with { fixture in
      fixture.host.userID = getuid()
      try await body(
        AgentInstallations(cacheDirectory: fixture.home.appending("cache")), fixture.host)
    }
  }

  private func record(_ agent: String, _ version: String = "1.0") -> AgentRecord {
    AgentRecord(
      agent: agent, source: "npm package x", packageVersion: version, version: version,
      installed: "2026-11-24T00:00:00Z")
  }

  private func install(
    _ name: String, _ agent: String, in installations: AgentInstallations, _ host: Host
  ) throws {
    _ = try installations.makeFresh(name, for: agent, host: host, owner: nil)
    try installations.activate(name, record(agent), program: agent, path: "bin/\(agent)")
  }

  @Test func nothingIsInstalledBeforeTheFirstTime() async throws {
    try await with { installations, _ in
      #expect(installations.installed().isEmpty && installations.programs.isEmpty)
      #expect(installations.unfinished().isEmpty)
    }
  }

  @Test func linkIsRelativeAndSwitchesInPlace() async throws {
    try await with { installations, host in
      try install("0000000a", "claude", in: installations, host)
      let link = installations.links.appending("claude").string
      let first = try FileManager.default.destinationOfSymbolicLink(atPath: link)
      #expect(first == "../claude/0000000a/bin/claude")
      try install("0000000b", "claude", in: installations, host)
      #expect(
        installations.installed() == [
          InstalledAgent(
            agent: "claude", program: "claude", directory: "0000000b", record: record("claude"))
        ])
      #expect(installations.directories(of: "claude") == ["0000000a", "0000000b"])
      let left = try FileManager.default.contentsOfDirectory(atPath: installations.links.string)
      #expect(left == ["claude"])
    }
  }

  @Test func switchThatCannotBeMadeChangesNothing() async throws {
    try await with { installations, host in
      try makeDirectory(installations.links.appending("claude"))
      #expect(throws: FileError.self) {
        try install("0000000a", "claude", in: installations, host)
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: installations.links.string)
      #expect(left == ["claude"])
    }
  }

  @Test(arguments: [
    "/etc/passwd", "../../../etc/passwd", "../claude/short/bin/x", "../claude/0000000a",
    "../claude/0000000A/bin/x", "/x/claude/0000000a/bin/x",
    "bin/claude/0000000a/bin/x", "",
  ])
  func linkThatIsNotOursIsNoInstallation(target: String) async throws {
    try await with { installations, _ in
      try makeDirectory(installations.directory.appending("claude/0000000a"))
      if target.isEmpty {
        try write("x", to: installations.links.appending("claude"))
      } else {
        try link(installations.links.appending("claude"), to: FilePath(target))
      }
      #expect(installations.installed().isEmpty && installations.owner(of: "claude") == nil)
    }
  }

  @Test func directoryThatIsGoneOrALinkIsNoInstallation() async throws {
    try await with { installations, host in
      try install("0000000a", "claude", in: installations, host)
      rmdir(installations.place(of: "claude", "0000000a").string)
      #expect(installations.programs.isEmpty)
      try link(installations.place(of: "claude", "0000000a"), to: "/usr")
      #expect(installations.programs.isEmpty)
    }
  }

  @Test func damagedRecordLeavesTheAgent() async throws {
    try await with { installations, host in
      try install("0000000a", "claude", in: installations, host)
      try write("{", to: installations.directory.appending("claude/0000000a.json"))
      #expect(installations.installed().map(\.record) == [nil])
      // In use: no update that was killed left it.
      #expect(installations.unfinished().isEmpty)
    }
  }

  @Test func directoryWithoutARecordIsWhatAKilledUpdateLeft() async throws {
    try await with { installations, host in
      try install("0000000a", "claude", in: installations, host)
      _ = try installations.makeFresh("0000000b", for: "claude", host: host, owner: nil)
      let left = installations.unfinished()
      #expect(left.map(\.agent) == ["claude"] && left.map(\.name) == ["0000000b"])
    }
  }

  @Test func hostileContentIsRemovedWithoutBeingFollowed() async throws {
    try await with { installations, host in
      let outside = installations.directory.removingLastComponent().appending("outside")
      try write("kept", to: outside.appending("file"))
      let place = try installations.makeFresh("0000000a", for: "x", host: host, owner: nil)
      try link(place.appending("out"), to: outside)
      try link(place.appending("deep/er/file"), to: outside.appending("file"))
      try makeDirectory(place.appending("shut/in"))
      chmod(place.appending("shut").string, 0)
      chmod(place.string, 0)
      #expect(installations.remove("0000000a", of: "x"))
      #expect(installations.directories(of: "x").isEmpty)
      #expect(
        try String(contentsOfFile: outside.appending("file").string, encoding: .utf8) == "kept")
    }
  }

  @Test func directoriesAreShutToOthersExceptAsRoot() async throws {
    try await with { installations, host in
      func mode(_ path: FilePath) -> mode_t {
        var facts = stat()
        return lstat(path.string, &facts) == 0 ? facts.st_mode & 0o777 : 0
      }
      let place = try installations.makeFresh("0000000a", for: "x", host: host, owner: nil)
      #expect([mode(installations.directory), mode(place)] == [0o700, 0o700])
      guard getuid() == 0 else { return }
      let other = try installations.makeFresh("0000000b", for: "x", host: host, owner: 4242)
      #expect([mode(installations.directory), mode(other)] == [0o755, 0o755])
    }
  }

  @Test func linkInThePlaceOfADirectoryIsRefused() async throws {
    try await with { installations, host in
      let elsewhere = installations.directory.removingLastComponent().appending("elsewhere")
      try makeDirectory(elsewhere)
      try link(installations.directory.appending("x"), to: elsewhere)
      #expect(throws: DirectoryError.self) {
        try installations.makeFresh("0000000a", for: "x", host: host, owner: nil)
      }
    }
  }
}
