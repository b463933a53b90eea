import CPosix

/// `ags-shim tmux-pane NAME`: what tmux runs in the session's first window. It stands
/// around the agent there as PID 1 does without tmux, tells `TmuxSession` how the agent
/// ended, and puts a shell in its place.
///
/// The environment came through tmux, the rest comes from the socket NAME: tmux takes no
/// command line over 16 KiB.
func runTmuxPane(_ name: String) -> Int32 {
  do throws(Failure) {
    var pane = try TmuxPane(connectingTo: name)
    return try pane.run()
  } catch {
    if let message = error.message { complain(message) }
    return error.status
  }
}

struct TmuxPane {
  static var applet: String { "tmux-pane" }

  /// What goes to `TmuxSession`, in this order: tmux's process id, and the agent's status.
  typealias Report = Int32

  private let link: Int32
  private let events: Events
  private var settings = termios()

  init(connectingTo name: String) throws(Failure) {
    link = cposix_named_socket(name, 0)
    guard link >= 0 else { throw Failure("only ags-shim init starts this applet") }
    let signals = cposix_signal_descriptor()
    guard signals >= 0 else { throw Failure("no signal descriptor: \(describe(cposix_errno()))") }
    // The link is the lifeline: with TmuxSession goes the agent.
    events = Events(signals: signals, lifeline: link)
    tcgetattr(0, &settings)
  }

  mutating func run() throws(Failure) -> Int32 {
    guard send(getppid()) else { throw Failure(nil) }
    let document = try readDocument()
    let status = try run(document.commands, in: document.workingDirectory)
    guard send(status), document.tmux == .outlivesAgent else { return status }
    restoreTerminal(afterCrash: status > GuestExitStatus.signalBase)
    write("ags: the agent ended with status \(status); the run ends with the last window\n", to: 1)
    return try run([["bash"], ["sh"]], in: document.workingDirectory)
  }

  private func run(_ commands: [[String]], in directory: String) throws(Failure) -> Int32 {
    let child = cposix_fork()
    if child < 0 { throw Failure("cannot start a process: \(describe(cposix_errno()))") }
    if child == 0 {
      do throws(Failure) {
        comeToForeground()
        cposix_close_from(3)
        try enter(directory)
        throw try execute(commands, adding: [])
      } catch {
        giveUp(error)
      }
    }
    var supervisor = Supervisor(agent: Agent(started: child), events: events)
    return supervisor.run()
  }

  private func readDocument() throws(Failure) -> LaunchDocument {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.last != 0x0A {
      let count = chunk.withUnsafeMutableBytes { read(link, $0.baseAddress, $0.count) }
      if count < 0 && cposix_errno() == EINTR { continue }
      guard count > 0 else { throw Failure(nil) }
      bytes.append(contentsOf: chunk.prefix(count))
    }
    do throws(LaunchDocumentError) {
      bytes.removeLast()
      return try bytes.withUnsafeBufferPointer { line throws(LaunchDocumentError) in
        try LaunchDocument.decodeHeader(line)
      }
    } catch {
      throw Failure(error.message)
    }
  }

  private func send(_ report: Report) -> Bool {
    withUnsafeBytes(of: report) { CPosix.write(link, $0.baseAddress, $0.count) == $0.count }
  }

  /// As `ags` does with the terminal outside.
  private mutating func restoreTerminal(afterCrash: Bool) {
    tcsetattr(0, TCSADRAIN, &settings)
    let reset = "\u{1B}[!p\u{1B}[?1000l\u{1B}[?1002l\u{1B}[?1003l\u{1B}[?1006l\u{1B}[?2004l"
    write((afterCrash ? "\u{1B}[?1049l" : "") + reset, to: 1)
  }
}
