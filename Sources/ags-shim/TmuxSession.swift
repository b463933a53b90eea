import CPosix

/// What PID 1 has in the agent's place with `--tmux` (3-run "Flags"): a child of its own
/// that starts tmux, waits for the session and ends with the agent's status.
///
/// It is the forked child that parses the environment: tmux inherits that, nothing of it is
/// on a command line. tmux closes every descriptor but the terminal, so the agent's window
/// (`TmuxPane`) comes back through a socket without a file, whose name nobody can guess;
/// the listener is closed before the agent runs. tmux's server, which leaves this process,
/// is watched as such, because a client's end is no end of the session.
struct TmuxSession {
  private let program: String
  private let environment: EnvironmentBlock
  private let document: LaunchDocument
  private let signals: Int32
  /// Whether standard input is the controlling terminal.
  private let hasTerminal = tcgetpgrp(0) >= 0

  /// Waits for the window, then is the connection with it; -1 when that has closed.
  private var link: Int32
  /// The process in the agent's window, 0 until it has come.
  private var pane: pid_t = 0
  private var received: [UInt8] = []
  /// tmux's server, -1 until it is known.
  private var server: Int32 = -1
  private var serverHasEnded = false
  /// What shows the session on our terminal, 0 when nothing does.
  private var client: pid_t = 0
  /// The agent's, once it has ended.
  private var status: Int32?
  /// A signal that ends a run has come.
  private var isAsked = false
  private var stage = Stage.starting(until: nil)

  private enum Stage {
    /// Until the window has come; at most that long once tmux says that it is there.
    case starting(until: Int64?)
    /// Somebody looks on, or nobody can.
    case running
    /// The client has ended. Is tmux ending too, or is it detached?
    case asking(until: Int64)
    /// Waits for a line on the terminal.
    case detached
    case ending(until: Int64)
  }

  /// Milliseconds that tmux has for its part.
  private static var patience: Int64 { 10_000 }
  private static var farewell: Int64 { 2000 }

  /// Returns what the run ends with.
  static func run(
    _ document: LaunchDocument, variables: [LaunchDocument.EnvironmentVariable]
  ) throws(Failure) -> Int32 {
    let name = try freshName()
    var session = try TmuxSession(document, variables: variables, name: name)
    session.client = try session.start(session.creation(name))
    return try session.wait()
  }

  private init(
    _ document: LaunchDocument, variables: [LaunchDocument.EnvironmentVariable], name: String
  ) throws(Failure) {
    self.document = document
    // Those of a tmux outside would lead ours astray.
    environment = EnvironmentBlock(
      inheriting: cposix_environment(),
      adding: variables.filter { !["TMUX", "TMUX_PANE", "TMUX_TMPDIR"].contains($0.name) })
    program = try Self.find()
    try enter(document.workingDirectory)
    // Said on our own terminal, not in a window that closes.
    _ = try Program(firstOf: document.commands, path: environment.path)
    signals = cposix_signal_descriptor()
    guard signals >= 0 else { throw Failure("no signal descriptor: \(describe(cposix_errno()))") }
    link = cposix_named_socket(name, 1)
    guard link >= 0 else { throw Failure("no socket for tmux: \(describe(cposix_errno()))") }
  }

  /// Only where images keep programs: the agent's `PATH` may begin elsewhere.
  private static func find() throws(Failure) -> String {
    for directory in ["/usr/bin", "/usr/local/bin", "/bin"] {
      let file = "\(directory)/tmux"
      if access(file, X_OK) == 0 { return file }
    }
    throw Failure(
      "tmux is not in the image; hint: ags update-image", status: GuestExitStatus.notFound)
  }

  private static func freshName() throws(Failure) -> String {
    var random: UInt64 = 0
    var name = "ags-tmux"
    for _ in 0..<2 {
      guard withUnsafeMutableBytes(of: &random, { cposix_getrandom($0.baseAddress, $0.count) }) == 8
      else { throw Failure("no random numbers: \(describe(cposix_errno()))") }
      name += "-" + String(random, radix: 16)
    }
    return name
  }

  /// tmux's words. An image's own settings count, else ours; without a terminal the size
  /// is one that output is readable in.
  private func creation(_ name: String) -> [String] {
    var words = ["tmux"]
    let settings = GuestPath.share + "/tmux.conf"
    if access("/etc/tmux.conf", R_OK) != 0 && access(settings, R_OK) == 0 {
      words += ["-f", settings]
    }
    words.append("new-session")
    if !hasTerminal { words += ["-d", "-x", "200", "-y", "50"] }
    words += ["-s", GuestTmux.session, "--", Self.ownProgram, TmuxPane.applet, name]
    // Whatever the settings say, tmux ends with its last session, and the run with it.
    return words + [";", "set-option", "-s", "exit-empty", "on"]
  }

  private static var ownProgram: String {
    var path = [UInt8](repeating: 0, count: 4096)
    let count = path.withUnsafeMutableBytes { buffer in
      readlink(
        "/proc/self/exe", buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
    }
    return count > 0 ? String(decoding: path.prefix(count), as: UTF8.self) : GuestPath.shim
  }

  private func start(_ words: [String]) throws(Failure) -> pid_t {
    let child = cposix_fork()
    if child < 0 { throw Failure("cannot start a process: \(describe(cposix_errno()))") }
    if child == 0 {
      cposix_close_from(3)
      cposix_reset_signals()
      giveUp(Program(file: program, words: words).execute(environment))
    }
    return child
  }
}

// The loop.
extension TmuxSession {
  private mutating func wait() throws(Failure) -> Int32 {
    while true {
      let input: Int32 = if case .detached = stage { 0 } else { -1 }
      var polled = [signals, link, serverHasEnded ? -1 : server, input].map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      poll(&polled, nfds_t(polled.count), timeout)
      if polled[1].revents != 0 { try takeLink() }
      if polled[2].revents != 0 { serverHasEnded = true }
      if polled[0].revents != 0 { try takeSignals() }
      if polled[3].revents != 0 {
        try attachAgain(hasHungUp: Int32(polled[3].revents) & POLLHUP != 0)
      }
      if let status = try step() { return status }
    }
  }

  private var timeout: Int32 {
    switch stage {
    case .starting(let end?), .asking(let end), .ending(let end):
      Int32(max(0, end - cposix_milliseconds()))
    case .starting, .running, .detached: -1
    }
  }

  /// What follows from what is known now. Returns a status at the end.
  private mutating func step() throws(Failure) -> Int32? {
    let isLate = timeout == 0
    switch stage {
    case .starting:
      if isLate { throw Failure("tmux did not open the agent's window") }
      if pane != 0 { stage = client == 0 ? afterClient : .running }
    case .asking where isLate:
      complain("detached, and the session goes on: Enter attaches again", as: "ags")
      stage = .detached
    case .ending:
      guard isLate || (client == 0 && serverHasEnded && status != nil) else { return nil }
      if client != 0 { kill(client, SIGKILL) }
      return status ?? GuestExitStatus.signalBase + SIGHUP
    case .asking, .running, .detached: break
    }
    let isDone = status != nil && (isAsked || document.tmux == .endsWithAgent)
    if serverHasEnded || isDone {
      // The client puts the terminal back when the server tells it to go.
      if !serverHasEnded && server >= 0 { _ = cposix_signal_process(server, SIGTERM) }
      stage = .ending(until: cposix_milliseconds() + Self.farewell)
      return try step()
    }
    return nil
  }

  private mutating func takeSignals() throws(Failure) {
    while true {
      let signal = cposix_next_signal(signals)
      switch signal {
      case 0: return
      case SIGCHLD: try reap()
      case SIGTERM, SIGHUP, SIGINT, SIGQUIT:
        guard pane != 0 else {
          throw Failure(nil, status: GuestExitStatus.signalBase + signal)
        }
        isAsked = true
        pass(signal)
      case SIGUSR1, SIGUSR2: pass(signal)
      default: continue
      }
    }
  }

  /// The window's process hands it to the agent.
  private func pass(_ signal: Int32) {
    if pane != 0 && link >= 0 { kill(pane, signal) }
  }

  private mutating func reap() throws(Failure) {
    var ending: Int32 = 0
    while client != 0, waitpid(client, &ending, WNOHANG | WUNTRACED) == client {
      if cposix_is_stopped(ending) != 0 {
        // Nobody is outside to resume it.
        kill(client, SIGCONT)
        continue
      }
      client = 0
      switch stage {
      case .starting:
        // tmux has said why.
        guard cposix_has_exited(ending) != 0, cposix_exit_status(ending) == 0 else {
          throw Failure(nil)
        }
        stage = .starting(until: cposix_milliseconds() + Self.patience)
      case .running: stage = afterClient
      case .asking, .detached, .ending: break
      }
    }
  }

  private var afterClient: Stage {
    guard hasTerminal else { return .running }
    return .asking(until: cposix_milliseconds() + Self.farewell / 4)
  }

  /// Someone pressed Enter.
  private mutating func attachAgain(hasHungUp: Bool) throws(Failure) {
    var line = [UInt8](repeating: 0, count: 4096)
    let count = line.withUnsafeMutableBytes { read(0, $0.baseAddress, $0.count) }
    if count > 0 {
      client = try start(["tmux", "attach-session"])
      stage = .running
    } else if hasHungUp {
      stage = .running
    }
  }
}

// What the agent's window says.
extension TmuxSession {
  private mutating func takeLink() throws(Failure) {
    if pane == 0 { try welcome() } else { try takeReports() }
  }

  /// The first that comes is the window: nothing of the agent runs yet.
  private mutating func welcome() throws(Failure) {
    var peer: pid_t = 0
    let connection = cposix_accept(link, &peer)
    guard connection >= 0 else { throw Failure("tmux: \(describe(cposix_errno()))") }
    close(link)
    link = connection
    pane = peer
    let document = LaunchDocument(
      workingDirectory: document.workingDirectory, commands: document.commands,
      tmux: document.tmux)
    // A failure shows when the answer is read.
    write(document.encodedHeader(), to: link)
    _ = cposix_set_nonblocking(link)
  }

  /// From here on the other side may be in the agent's hands: all it can do is end the
  /// run, with any status.
  private mutating func takeReports() throws(Failure) {
    let size = MemoryLayout<TmuxPane.Report>.size
    var bytes = [UInt8](repeating: 0, count: size)
    let count = bytes.withUnsafeMutableBytes { read(link, $0.baseAddress, $0.count) }
    if count < 0 && (cposix_errno() == EINTR || cposix_errno() == EAGAIN) { return }
    guard count == size else {
      close(link)
      link = -1
      if server < 0 { throw Failure("the agent's window closed before the agent ran") }
      if status == nil { status = GuestExitStatus.signalBase + SIGKILL }
      return
    }
    let report = bytes.withUnsafeBytes { $0.loadUnaligned(as: TmuxPane.Report.self) }
    if server < 0 {
      server = cposix_open_process(report)
      guard server >= 0 else { throw Failure("tmux: \(describe(cposix_errno()))") }
    } else if status == nil {
      status = report & 0xFF
    }
  }
}
