import CPosix
import Glibc
import Testing

/// `ags-shim guard` in a root directory of its own, where a test decides what
/// `/run/ags/session.json` and `/usr/local/bin/dcg` are: the guard takes both from fixed
/// places only, so nothing weaker than another root can give it others.
final class GuardProcess {
  let root: TemporaryDirectory
  private let runner: [String]

  struct Answer: Equatable {
    var status: Int32?
    var text: String
  }

  /// Makes the root with a shell and the shim, without session and `dcg`.
  init() throws {
    root = try TemporaryDirectory()
    runner = try Namespace.root()
    for name in [
      "bin", "run", "run/ags", "usr", "usr/local", "usr/local/bin", "home", "home/dev", "dev",
    ] {
      mkdir("\(root.path)/\(name)", 0o755)
    }
    // What a shell gives its background processes to read.
    root.write("", to: "dev/null")
    symlink("sh", "\(root.path)/bin/sleep")
    for (source, name) in [("/bin/busybox", "bin/sh"), (ShimProcess.binary, "guard")] {
      let copy = try ShimProcess(arguments: ["cp", source, "\(root.path)/\(name)"])
      try #require(copy.wait() == 0, "`scripts/setup test` installs busybox")
    }
  }

  func writeSession(_ text: String) { root.write(text, to: "run/ags/session.json") }

  func writeDCG(_ script: String, to name: String = "usr/local/bin/dcg", mode: mode_t = 0o755) {
    root.write("#!/bin/sh\n\(script)\n", to: name, mode: mode)
  }

  /// Gives it a document and waits for its answer.
  /// - Parameter before: shell words before the guard's own, `exec 2>&-;` for one.
  func ask(
    _ document: String, environment: [String] = ["HOME=/home/dev"], before: String = ""
  ) throws -> Answer {
    root.write(document, to: "document")
    defer { unlink("\(root.path)/document") }
    let shim = try ShimProcess(
      runner: runner,
      arguments: [
        "/usr/sbin/chroot", root.path, "/bin/sh", "-c", "\(before) exec /guard < /document",
      ],
      environment: environment)
    let text = shim.read()
    return Answer(status: shim.wait(), text: text)
  }

  static func document(_ tool: String, _ name: String, _ value: String) -> String {
    let text = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("\n", with: "\\n").replacing("\u{1B}", with: "\\u001b")
    return #"{"tool_name":"\#(tool)","cwd":"/","tool_input":{"\#(name)":"\#(text)"}}"#
  }

  static func command(_ text: String) -> String { document("Bash", "command", text) }
}
