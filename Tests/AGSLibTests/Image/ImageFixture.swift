import AGSLib
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

/// A temporary directory with programs of the right names and nothing in them: the
/// builder looks them up, the recording runner stands in for them.
struct ImageFixture: ~Copyable {
  static let name = "localhost/agent-sandbox:latest"
  static let base = "docker.io/library/debian:trixie-slim"
  /// 23 November 2026, 22:15:00 UTC.
  static let now = Date(timeIntervalSince1970: 1_795_472_100)

  let directory: FilePath
  var temporary: FilePath { directory.appending("tmp") }
  var programs: FilePath { directory.appending("bin") }

  init(programs names: [String] = ["podman", "mmdebstrap", "apt-get"]) throws {
    var template = Array("/tmp/ags-image-test-XXXXXX".utf8CString)
    try #require(template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil })
    directory = FilePath(
      template.withUnsafeBytes { String(decoding: $0.dropLast(), as: UTF8.self) })
    mkdir(temporary.string, 0o700)
    mkdir(programs.string, 0o700)
    for name in names {
      write("", to: programs.appending(name).string)
      chmod(programs.appending(name).string, 0o755)
    }
  }

  deinit {
    try? FileManager.default.removeItem(atPath: directory.string)
  }

  var host: Host {
    Host(
      environment: [
        "PATH": programs.string, "TMPDIR": temporary.string, "CONTAINER_HOST": "tcp://elsewhere",
      ],
      home: directory, userName: "someone", userID: 4711, groupID: 4711,
      currentDirectory: directory, executable: "/usr/bin/ags")
  }

  func builder(_ podman: RecordingImageRunner) -> ImageBuilder {
    ImageBuilder(runner: podman, host: host, now: Self.now)
  }

  /// What a build left in the temporary directory.
  func leftovers() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: temporary.string)
  }
}
