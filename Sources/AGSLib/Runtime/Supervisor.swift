internal import CPosix
internal import Glibc

/// When something happened in a run.
struct LaunchMilestones: Sendable {
  var spawned: ContinuousClock.Instant?
  var documentReady: ContinuousClock.Instant?
  var documentWritten: ContinuousClock.Instant?
  /// Init has read the document: the container is up. Only measured on demand.
  var documentRead: ContinuousClock.Instant?
  var ended: ContinuousClock.Instant?
}

/// How podman ended, and why.
struct SupervisedEnding: Sendable {
  var status: TerminationStatus
  /// The signal that made `ags` end the session, if one did.
  var signal: CInt?
  /// The agent may have been started: init has read its document whole. Otherwise it
  /// never will be, whatever podman leaves behind.
  var documentWasRead: Bool
  /// The write end of the lifeline, for the caller to close; -1 when it is closed.
  var lifeline: CInt
  var milestones: LaunchMilestones
  /// Why there was no document.
  var failure: (any Error)?
}

/// Watches podman while it runs: one thread, one poll loop over its end, our signals and
/// the launch pipe.
///
/// Ending in order is a ladder (3-run "Lifetime"): the signal goes to the agent; after
/// `grace`, or at a second signal, the lifeline closes and init ends everything inside;
/// if podman is still there after `grace` again, it is killed.
struct Supervisor: Sendable {
  var process: AttachedProcess
  var launchPipe: CInt
  /// The end that init reads, ours too: what is still in the pipe says whether the agent
  /// was started, and can be taken back.
  var launchReadEnd: CInt
  var lifeline: CInt
  var signals: TerminationSignals?
  var document: DocumentSlot
  /// Keep the launch pipe open until init has read it, to know when that was.
  var measuresStart: Bool
  var spawned: ContinuousClock.Instant
  /// How long each step of the ladder has.
  var grace = Self.usualGrace
  static let usualGrace = Duration.seconds(5)

  /// Returns when podman has ended.
  func run() async -> SupervisedEnding {
    await SupervisorThread().run(self)
  }
}

/// The loop blocks for the whole session, so it has a thread of its own.
private actor SupervisorThread {
  private nonisolated let thread = DedicatedThread()
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  func run(_ supervisor: Supervisor) -> SupervisedEnding {
    var loop = SupervisorLoop(supervisor)
    return loop.run()
  }
}

private struct SupervisorLoop {
  private enum Stage {
    case running
    case asked
    case cut
    case killed
  }

  private let supervisor: Supervisor
  private let clock = ContinuousClock()
  private var stage = Stage.running
  private var deadline: ContinuousClock.Instant?
  private var pending: ArraySlice<UInt8> = []
  private var isWriting = false
  private var documentWasSent = false
  private var withdrawn = 0
  private var launchPipe: CInt
  private var lifeline: CInt
  private var ending: SupervisedEnding

  init(_ supervisor: Supervisor) {
    self.supervisor = supervisor
    launchPipe = supervisor.launchPipe
    lifeline = supervisor.lifeline
    ending = SupervisedEnding(
      status: .exited(0), signal: nil, documentWasRead: false, lifeline: -1,
      milestones: LaunchMilestones(spawned: supervisor.spawned))
  }

  mutating func run() -> SupervisedEnding {
    while true {
      var watched = [
        pollfd(fd: supervisor.process.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: supervisor.document.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: supervisor.signals?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: isWriting ? launchPipe : -1, events: Int16(POLLOUT), revents: 0),
      ]
      let count = poll(&watched, nfds_t(watched.count), timeout)
      if count < 0, errno != EINTR { break }
      if watched[0].revents != 0 { break }
      if watched[1].revents != 0 {
        supervisor.document.settle()
        takeDocument()
        if supervisor.document.takeCancellation() {
          receive(TerminationSignals.Received(number: SIGTERM, isFromKernel: false))
        }
      }
      while let signal = supervisor.signals?.next() { receive(signal) }
      if isWriting { writeDocument() }
      watchBacklog()
      if let deadline, clock.now >= deadline { escalate() }
    }
    ending.status = supervisor.process.reap()
    ending.milestones.ended = clock.now
    // The terminal's signal ends podman as it ends us: it may be done before we look.
    while let signal = supervisor.signals?.next() {
      if ending.signal == nil { ending.signal = signal.number }
    }
    ending.lifeline = lifeline
    ending.documentWasRead = withdrawDocument() == 0 && documentWasSent
    close(supervisor.launchReadEnd)
    return ending
  }

  private var timeout: CInt {
    if waitsForReader { return 1 }
    guard let deadline else { return -1 }
    let left = deadline - clock.now
    return CInt(max(0, left / .milliseconds(1)) + 1)
  }

  private var waitsForReader: Bool {
    supervisor.measuresStart && documentWasSent && launchPipe >= 0
  }

  private mutating func takeDocument() {
    guard let document = supervisor.document.take(), launchPipe >= 0 else { return }
    ending.milestones.documentReady = clock.now
    pending = document[...]
    isWriting = true
  }

  private mutating func writeDocument() {
    while !pending.isEmpty {
      let written = pending.withUnsafeBytes { write(launchPipe, $0.baseAddress, $0.count) }
      if written > 0 {
        pending = pending.dropFirst(written)
      } else if errno == EAGAIN {
        return
      } else if errno != EINTR {
        // There is always a reader, us: the pipe itself is broken.
        closeLaunchPipe()
        return
      }
    }
    isWriting = false
    documentWasSent = true
    ending.milestones.documentWritten = clock.now
    if !supervisor.measuresStart { closeLaunchPipe() }
  }

  private mutating func watchBacklog() {
    guard waitsForReader, cposix_pipe_backlog(launchPipe) == 0 else { return }
    ending.milestones.documentRead = clock.now
    closeLaunchPipe()
  }

  private mutating func receive(_ signal: TerminationSignals.Received) {
    guard stage == .running else {
      escalate()
      return
    }
    ending.signal = signal.number
    guard withdrawDocument() == 0, documentWasSent else {
      // The agent was not started, and without its document it never will be. podman
      // hears nothing of it: asked while it makes a container, it would leave that.
      cut()
      return
    }
    if !signal.isFromKernel { supervisor.process.send(signal.number) }
    stage = .asked
    deadline = clock.now + supervisor.grace
  }

  private mutating func escalate() {
    switch stage {
    case .running, .asked: cut()
    case .cut:
      stage = .killed
      deadline = nil
      supervisor.process.send(SIGKILL)
    case .killed: break
    }
  }

  private mutating func cut() {
    closeLifeline()
    stage = .cut
    deadline = clock.now + supervisor.grace
  }

  /// Takes back what of the document nobody has read, so that nobody can.
  /// - Returns: how many bytes that were, also earlier; none means init has them all.
  private mutating func withdrawDocument() -> Int {
    // Nobody else writes, so with this end closed the reading ends too.
    closeLaunchPipe()
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(supervisor.launchReadEnd, &buffer, buffer.count)
      if count > 0 { withdrawn += count } else if count == 0 || errno != EINTR { break }
    }
    return withdrawn
  }

  private mutating func closeLaunchPipe() {
    if launchPipe >= 0 { close(launchPipe) }
    launchPipe = -1
    isWriting = false
    pending = []
  }

  private mutating func closeLifeline() {
    if lifeline >= 0 { close(lifeline) }
    lifeline = -1
  }
}
