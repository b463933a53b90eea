import CPosix

/// The agent as PID 1 sees it: a child with a process group of its own, in the
/// terminal's foreground when there is a terminal.
struct Agent {
  let process: pid_t
  /// Whether standard input is the controlling terminal.
  let hasTerminal: Bool

  /// Child and parent both make the group, so that neither runs ahead of it.
  init(started child: pid_t) {
    process = child
    hasTerminal = tcgetpgrp(0) >= 0
    setpgid(child, child)
    bringToForeground()
  }

  func bringToForeground() {
    // Nothing stops us for it: SIGTTOU is blocked here.
    if hasTerminal { tcsetpgrp(0, process) }
  }

  /// Gives the terminal back, so that whoever reads it next is not stopped.
  func leaveForeground() {
    if hasTerminal { tcsetpgrp(0, getpgrp()) }
  }

  func signal(_ number: Int32) {
    if kill(-process, number) != 0 { kill(process, number) }
  }
}

/// PID 1's loop from the agent's start to its end.
struct Supervisor {
  let agent: Agent
  var events: Events
  /// What crosses between sandbox and host meanwhile.
  private let relay: RelayLoop?
  /// Only the first process of a container may signal all the others.
  private let isFirstProcess = getpid() == 1
  private var agentStatus: Int32?

  init(agent: Agent, events: Events, relay: RelayLoop? = nil) {
    self.agent = agent
    self.events = events
    self.relay = relay
  }

  /// Returns the agent's status, 128 + n when a signal ended it, 137 when the lifeline
  /// closed, or the host's end of a relay that lasts as long. What still runs then goes
  /// with PID 1.
  mutating func run() -> Int32 {
    while agentStatus == nil {
      let report = events.wait(timeout: relay?.timeout ?? -1, also: relay?.descriptor)
      if report.lifelineClosed || relay?.isAbandoned == true {
        endEverything()
        return GuestExitStatus.lifelineClosed
      }
      if report.hasSignals { takeSignals() }
      relay?.turn()
    }
    agent.leaveForeground()
    return agentStatus ?? GuestExitStatus.refused
  }

  private mutating func takeSignals() {
    while true {
      let signal = cposix_next_signal(events.signals)
      switch signal {
      case 0: return
      case SIGCHLD: reap()
      case SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT:
        agent.signal(signal)
      default: continue
      }
    }
  }

  /// Takes every ended child, orphans of the agent among them.
  private mutating func reap() {
    var status: Int32 = 0
    while true {
      let process = waitpid(-1, &status, WNOHANG | WUNTRACED)
      if process <= 0 { return }
      guard process == agent.process else { continue }
      if cposix_is_stopped(status) != 0 {
        resume(stoppedBy: cposix_stopping_signal(status))
      } else if cposix_was_signalled(status) != 0 {
        agentStatus = GuestExitStatus.signalBase + cposix_ending_signal(status)
      } else {
        agentStatus = cposix_exit_status(status)
      }
    }
  }

  /// No shell stands around the agent that could resume it. One that was stopped for
  /// touching the terminal from the background gets the terminal, or it would stop
  /// again at once and for ever.
  private func resume(stoppedBy signal: Int32) {
    if signal == SIGTTIN || signal == SIGTTOU { agent.bringToForeground() }
    agent.signal(SIGCONT)
  }

  /// `ags` is gone: ask, wait a little, and kill.
  private mutating func endEverything() {
    for signal in [SIGHUP, SIGTERM, SIGCONT] { signalAll(signal) }
    let deadline = cposix_milliseconds() + 300
    while isAnyoneLeft {
      let rest = deadline - cposix_milliseconds()
      if rest <= 0 { break }
      // Not on the lifeline, which stays readable from now on.
      var polled = pollfd(fd: events.signals, events: Int16(POLLIN), revents: 0)
      poll(&polled, 1, Int32(min(rest, 20)))
      while cposix_next_signal(events.signals) != 0 {}
      reap()
    }
    signalAll(SIGKILL)
    agent.leaveForeground()
  }

  private func signalAll(_ signal: Int32) {
    if isFirstProcess { kill(-1, signal) } else { agent.signal(signal) }
  }

  /// As PID 1: any other process, those of `podman exec` too.
  private var isAnyoneLeft: Bool {
    isFirstProcess ? kill(-1, 0) == 0 : agentStatus == nil
  }
}
