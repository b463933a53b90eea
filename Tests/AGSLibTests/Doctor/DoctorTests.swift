import AGSTestSupport
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// All checks together, over a podman that only records.
@Suite struct DoctorTests {
  private func host(_ directory: FilePath, _ podman: AGSTestSupport.RecordingPodman) -> Host {
    Host(
      environment: [
        "PATH": "\(podman.directory):/usr/bin:/bin", "HOME": directory.string,
        "XDG_RUNTIME_DIR": directory.appending("run").string,
      ], home: directory.appending("home"), userName: "tester", userID: getuid(),
      groupID: getgid(), currentDirectory: directory.appending("project"),
      executable: directory.appending("bin/ags"))
  }

  private static let info = """
    {"host": {"cgroupVersion": "v2", "cgroupControllers": ["pids"], "serviceIsRemote": false,
      "security": {"rootless": true}, "slirp4netns": {"executable": "/usr/bin/slirp4netns"},
      "ociRuntime": {"name": "crun"}},
     "store": {"graphDriverName": "overlay", "graphRoot": "/nowhere/s", "runRoot": "/nowhere/r"},
     "version": {"Version": "4.9.3"}}
    """

  private func withDoctor(
    _ body: (Doctor, AGSTestSupport.RecordingPodman, FilePath) async throws -> Void
  ) async throws {
    try await withTemporaryDirectory { directory in
      for name in ["home", "run", "project", "bin", "podman"] {
        try FileManager.default.createDirectory(
          atPath: directory.appending(name).string, withIntermediateDirectories: false,
          attributes: [.posixPermissions: 0o700])
      }
      try Data("shim".utf8).write(to: URL(filePath: "\(directory)/bin/ags-shim"))
      let podman = try AGSTestSupport.RecordingPodman(in: directory.appending("podman"))
      try podman.answer("info", with: Self.info)
      try podman.answer("image", with: "null\n")
      try await body(Doctor(host: host(directory, podman)), podman, directory)
    }
  }

  @Test func looksAtEverythingAndWritesNothing() async throws {
    try await withDoctor { doctor, podman, directory in
      func inventory() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: directory.string)
          .filter { !$0.hasPrefix("podman") }.sorted()
      }
      let before = try inventory()
      let findings = await doctor.examine()
      #expect(try inventory() == before)
      try expect(findings, "podman", .ok, "podman 4.9.3")
      try expect(findings, "shim", .ok, "bin/ags-shim")
      try expect(findings, "image", .ok, "ags did not build it")
      try expect(findings, "sessions", .ok, "no session")
      let calls = try podman.calls().map { $0.arguments.prefix(2).joined(separator: " ") }
      #expect(calls.sorted() == ["image inspect", "info --format"])
      let ids = findings.map(\.id)
      #expect(Set(ids).count == ids.count)
      #expect(await doctor.examine().map(\.id) == ids)
    }
  }

  @Test func checkThatThrowsLeavesTheOthers() async throws {
    try await withDoctor { doctor, podman, directory in
      try podman.answer("info", error: "Error: database is locked\n", status: 125)
      try podman.answer("image", error: "Error: no storage\n", status: 125)
      try FileManager.default.removeItem(atPath: "\(directory)/bin/ags-shim")
      let findings = await doctor.examine()
      try expect(
        findings, "podman", .fail, "podman info failed: Error: database is locked",
        hint: "podman info")
      try expect(findings, "image", .fail, "Error: no storage", hint: "podman image inspect")
      try expect(findings, "shim", .fail, "ags-shim is missing", hint: "install ags again")
      try expect(findings, "configuration", .ok, "the first run writes")
    }
  }

  @Test func missingImageIsToldFromABrokenPodman() async throws {
    try await withDoctor { doctor, podman, _ in
      try podman.answer(
        "image", script: "case $2 in exists) exit 1;; *) echo no such image >&2; exit 125;; esac")
      try expect(await doctor.examine(), "image", .warn, "not built yet", hint: "update-image")
    }
  }

  @Test func jsonHasFourKeysAndOneLineTexts() throws {
    let findings: [Finding] = [
      .ok("a", "fine"), .fail("b", "two\nlines \u{1B}[2J", hint: "type \u{202E}this"),
    ]
    let json = try Finding.json(findings)
    struct Entry: Decodable, Equatable {
      var id: String
      var status: String
      var summary: String
      var hint: String?
    }
    let entries = try JSONDecoder().decode([Entry].self, from: Data(json.utf8))
    #expect(
      entries == [
        Entry(id: "a", status: "ok", summary: "fine", hint: nil),
        Entry(
          id: "b", status: "fail", summary: "two; lines \\u{1B}[2J", hint: "type \\u{202E}this"),
      ])
    #expect(json.contains("\"hint\" : null"))
  }

  @Test func unexpectedErrorIsAFindingOfItsOwn() throws {
    struct Odd: Error {}
    try expect([.fail("x", Odd())], "x", .fail, "could not be made: Odd()", hint: "report it")
  }
}
