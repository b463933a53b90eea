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
  /// The agent may have been started: its document went out whole.
  var documentWasSent: Bool
  var milestones: LaunchMilestones
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
  private var launchPipe: CInt
  private var lifeline: CInt
  private var ending: SupervisedEnding

  init(_ supervisor: Supervisor) {
    self.supervisor = supervisor
    launchPipe = supervisor.launchPipe
    lifeline = supervisor.lifeline
    ending = SupervisedEnding(
      status: .exited(0), signal: nil, documentWasSent: false,
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
      if watched[1].revents != 0 { takeDocument() }
      while let signal = supervisor.signals?.next() { receive(signal) }
      if isWriting { writeDocument() }
      watchBacklog()
      if let deadline, clock.now >= deadline { escalate() }
    }
    ending.status = supervisor.process.reap()
    ending.milestones.ended = clock.now
    closeLaunchPipe()
    closeLifeline()
    return ending
  }

  private var timeout: CInt {
    if waitsForReader { return 1 }
    guard let deadline else { return -1 }
    let left = deadline - clock.now
    return CInt(max(0, left / .milliseconds(1)) + 1)
  }

  private var waitsForReader: Bool {
    supervisor.measuresStart && ending.documentWasSent && launchPipe >= 0
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
        // Nobody reads: podman has failed, and its end says how.
        closeLaunchPipe()
        return
      }
    }
    isWriting = false
    ending.documentWasSent = true
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
    guard ending.documentWasSent else {
      // The agent was not started: it never will be.
      closeLaunchPipe()
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
