import CPosix

/// What PID 1 waits for, and the process around the agent in a tmux window: signals, which are
/// all blocked and come through a descriptor, and the end of the lifeline.
struct Events {
  let signals: Int32
  let lifeline: Int32

  /// What one wait brought.
  struct Report {
    var lifelineClosed = false
    var hasSignals = false
    var isReadable = false
  }

  /// Waits until something happens, at most `timeout` milliseconds (-1: for ever).
  mutating func wait(timeout: Int32, also descriptor: Int32? = nil) -> Report {
    // poll passes over negative descriptors.
    var polled = (
      pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
      pollfd(fd: lifeline, events: Int16(POLLIN), revents: 0),
      pollfd(fd: descriptor ?? -1, events: Int16(POLLIN), revents: 0)
    )
    let count = withUnsafeMutablePointer(to: &polled) {
      $0.withMemoryRebound(to: pollfd.self, capacity: 3) { poll($0, 3, timeout) }
    }
    guard count > 0 else { return Report() }
    return Report(
      lifelineClosed: polled.1.revents != 0 && isLifelineClosed(Int32(polled.1.revents)),
      hasSignals: polled.0.revents != 0,
      isReadable: polled.2.revents != 0)
  }

  /// Nothing is ever written to the lifeline; were it, the bytes would mean nothing.
  private func isLifelineClosed(_ events: Int32) -> Bool {
    guard events & POLLIN != 0 else { return true }
    var byte: UInt8 = 0
    let got = read(lifeline, &byte, 1)
    return got == 0 || (got < 0 && cposix_errno() != EINTR && cposix_errno() != EAGAIN)
  }

  /// Before the agent runs: ends the start quietly when `ags` is gone, or when a signal
  /// asks for it. With a descriptor it waits, and says whether that one is readable;
  /// without, it only looks.
  @discardableResult
  mutating func throwIfInterrupted(waiting descriptor: Int32?) throws(Failure) -> Bool {
    let report = wait(timeout: descriptor == nil ? 0 : -1, also: descriptor)
    if report.lifelineClosed { throw Failure(nil, status: GuestExitStatus.lifelineClosed) }
    while report.hasSignals {
      let signal = cposix_next_signal(signals)
      switch signal {
      case 0: return report.isReadable
      case SIGTERM, SIGINT, SIGHUP, SIGQUIT:
        throw Failure(nil, status: GuestExitStatus.signalBase + signal)
      default: continue
      }
    }
    return report.isReadable
  }
}
