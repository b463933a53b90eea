import AGSWire
import Glibc
import Testing

/// `ags-shim init` with an agent in tmux, whose socket is in a directory of the test's own.
final class TmuxShim {
  private let directory: TemporaryDirectory
  let shim: ShimProcess
  /// The user's terminal; without it tmux runs detached.
  let terminal: Terminal?

  init(
    _ tmux: LaunchDocument.Tmux, _ script: String, _ place: ShimProcess.Place = .ordinary,
    onTerminal: Bool = false, environment: [(String, String)] = []
  ) throws {
    directory = try TemporaryDirectory()
    terminal = onTerminal ? try Terminal() : nil
    terminal?.resize(rows: 30, columns: 100)
    shim = try ShimProcess(
      place, streams: terminal.map { .terminal($0) } ?? .pipes,
      environment: ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", "TMUX_TMPDIR=\(directory.path)"])
    var document = LaunchDocument.shell(
      script, in: directory.path, environment: [("TERM", "xterm-256color")] + environment)
    document.tmux = tmux
    shim.send(document)
  }

  /// A test that failed half-way leaves no tmux behind.
  deinit {
    guard !shim.isReaped else { return }
    shim.closeLifeline()
    _ = shim.wait(within: .seconds(2))
  }

  /// Types the prefix and then `key`: keys that come at once are pasted text to tmux.
  func press(_ key: String) {
    usleep(100_000)
    terminal?.type("\u{2}")
    usleep(100_000)
    terminal?.type(key)
  }

  /// Where the agent's files are.
  var path: String { directory.path }

  /// Runs the shim to its end.
  static func status(
    _ tmux: LaunchDocument.Tmux, _ script: String, _ place: ShimProcess.Place = .ordinary
  ) throws -> Int32? {
    let run = try TmuxShim(tmux, script, place)
    // The socket's directory goes with it.
    return withExtendedLifetime(run) { run.shim.wait() }
  }

  /// What another client of the same tmux prints.
  @discardableResult
  func tmux(_ arguments: String...) throws -> String {
    // The server's user has another number in a namespace of its own.
    let socket = "for socket in \(path)/tmux-*/default; do :; done"
    let client = try ShimProcess(
      arguments: ["sh", "-c", "\(socket); exec tmux -S \"$socket\" \"$@\"", "sh"] + arguments)
    let output = client.read()
    _ = client.wait()
    return output
  }

  /// The session's screen, once `text` is on it.
  @discardableResult
  func screen(with text: String) throws -> String {
    var shown = ""
    for _ in 0..<1000 {
      shown = try tmux("capture-pane", "-p", "-t", "ags")
      if shown.contains(text) { return shown }
      usleep(20_000)
    }
    throw NeverShown(text: text, screen: shown)
  }

  func waitForTheEndOfTmux() throws {
    var sessions = ""
    for _ in 0..<1000 {
      sessions = try tmux("list-sessions")
      if !sessions.contains("ags:") { return }
      usleep(20_000)
    }
    throw NeverShown(text: "the end of tmux", screen: sessions)
  }

  /// A file that the agent writes, once it is there with a whole line.
  func file(_ name: String) throws -> String {
    for _ in 0..<1000 {
      if let text = textOfFile("\(path)/\(name)"), text.hasSuffix("\n") { return text }
      usleep(20_000)
    }
    throw NeverShown(text: name, screen: "")
  }

  struct NeverShown: Error, CustomStringConvertible {
    var text: String
    var screen: String
    var description: String { "\(text.debugDescription) was never in:\n\(screen)" }
  }
}
