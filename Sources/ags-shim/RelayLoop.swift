import CPosix

/// The sandbox's end of `relay.sock` (4-channels): takes the host's requests for
/// connections to ports inside, listens for forwards, and carries the bytes. It is a part
/// of PID 1's loop, so nothing here waits: whoever has the loop waits for `descriptor`, for
/// at most `timeout`, and then gives it a `turn`.
final class RelayLoop {
  /// At once, both directions together.
  static var maximumStreams: Int { 256 }
  /// Milliseconds between two attempts at a port that is refused.
  static var pause: Int64 { 50 }
  /// Milliseconds that a connection inside may hang, and the host be busy.
  static var grace: Int64 { 5000 }
  /// Milliseconds that the host may take for its answer; it dials too.
  static var answerTime: Int64 { 30_000 }
  /// The longest answer to a request for a stream.
  static var maximumAnswer: Int { 64 << 10 }

  let path: String
  let chunks = ChunkPool()
  var poller: Poller
  var control: ControlConnection
  var listeners: [PortListener] = []
  var streams = [RelayStream?](repeating: nil, count: maximumStreams)
  private var runnable: [RelayStream] = []
  private var serial: UInt32 = 0
  /// Not later than the first deadline of all.
  private var wake = Int64.max

  /// - Parameters:
  ///   - path: the host's socket.
  ///   - endsWithHost: whether a host that takes no connections any more is a reason to end.
  init(_ path: String, endsWithHost: Bool) throws(Failure) {
    self.path = path
    poller = try Poller()
    control = ControlConnection(endsWithHost: endsWithHost)
  }

  var descriptor: Int32 { poller.descriptor }

  /// Milliseconds until something is to be done without an event, -1 for never.
  var timeout: Int32 {
    if !runnable.isEmpty { return 0 }
    if wake == Int64.max { return -1 }
    return Int32(max(0, min(wake - cposix_milliseconds(), 60_000)))
  }

  /// Whether the host has gone for good.
  var isAbandoned: Bool { control.isAbandoned }

  func turn() {
    for index in 0..<poller.take() {
      let event = poller.event(index)
      switch event.token.kind {
      case .control: takeControl(event.events)
      case .listener: accept(event.token.index)
      case .local, .host: takeStream(event.token, event.events)
      }
    }
    let waiting = runnable
    runnable = []
    for stream in waiting {
      stream.isRunnable = false
      if stands(stream) { pump(stream) }
    }
    if wake <= cposix_milliseconds() { fireDeadlines() }
  }

  func schedule(_ time: Int64) { wake = min(wake, time) }

  func runAgain(_ stream: RelayStream) {
    if stream.isRunnable { return }
    stream.isRunnable = true
    runnable.append(stream)
  }

  /// A place for one more, or nil.
  func add(
    _ purpose: RelayStream.Purpose, port: UInt16, stage: RelayStream.Stage, limit: Int64
  ) -> RelayStream? {
    for place in streams.indices where streams[place] == nil {
      serial &+= 1
      let stream = RelayStream(
        purpose, port: port, stage: stage, limit: limit, place: place, serial: serial)
      streams[place] = stream
      return stream
    }
    return nil
  }

  /// Whether it has not been closed.
  func stands(_ stream: RelayStream) -> Bool { streams[stream.place] === stream }

  private func takeStream(_ token: Token, _ events: UInt32) {
    // One that was closed for an event before this one.
    guard token.index < streams.count, let stream = streams[token.index],
      stream.serial == token.serial
    else { return }
    proceed(stream, isLocal: token.kind == .local, events)
  }

  private func fireDeadlines() {
    let now = cposix_milliseconds()
    wake = Int64.max
    if control.deadline <= now { connectControl() }
    schedule(control.deadline)
    for index in listeners.indices {
      if listeners[index].deadline <= now { resume(index) }
      schedule(listeners[index].deadline)
    }
    for place in streams.indices {
      guard let stream = streams[place] else { continue }
      if stream.deadline <= now { expire(stream) }
      if stands(stream) { schedule(stream.deadline) }
    }
  }
}
