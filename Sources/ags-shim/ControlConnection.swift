import CPosix

/// The one connection over which the host asks for others; made again when it breaks.
struct ControlConnection {
  fileprivate(set) var descriptor: Int32 = -1
  /// When it is made again; `Int64.max` while it stands.
  fileprivate(set) var deadline = Int64.max
  fileprivate(set) var isAbandoned = false
  private let endsWithHost: Bool
  fileprivate var received: [UInt8] = []
  /// Reports that the host has not taken yet.
  fileprivate var pending: [UInt8] = []
  private var delay = ControlConnection.firstDelay
  private var since: Int64 = 0
  /// Since when the host takes no connections.
  private var refusedSince: Int64?

  private static var firstDelay: Int64 { 100 }
  private static var longestDelay: Int64 { 5000 }
  /// How long a host that ends us may be away.
  private static var longestAbsence: Int64 { 1000 }
  /// Bytes of reports; a host that takes none of them is none.
  fileprivate static var maximumPending: Int { 256 << 10 }

  init(endsWithHost: Bool) { self.endsWithHost = endsWithHost }

  fileprivate mutating func opened(_ descriptor: Int32) {
    self.descriptor = descriptor
    deadline = Int64.max
    refusedSince = nil
    since = cposix_milliseconds()
    received = []
    pending = []
  }

  /// It made sense, so the next break is a first one again.
  fileprivate mutating func proved() { delay = ControlConnection.firstDelay }

  fileprivate mutating func lost() {
    let now = cposix_milliseconds()
    if descriptor >= 0 {
      close(descriptor)
      descriptor = -1
      if now - since > ControlConnection.longestDelay { proved() }
    }
    deadline = now + delay
    delay = min(
      delay * 2,
      endsWithHost ? ControlConnection.longestAbsence / 4 : ControlConnection.longestDelay)
  }

  /// A host that is only busy is there.
  fileprivate mutating func refused(_ error: Int32) {
    let now = cposix_milliseconds()
    if error == EAGAIN { refusedSince = nil } else { refusedSince = refusedSince ?? now }
    if endsWithHost, let refusedSince, now - refusedSince >= ControlConnection.longestAbsence {
      isAbandoned = true
    }
    lost()
  }
}

extension RelayLoop {
  func connectControl() {
    let descriptor = cposix_connect_path(path, 0)
    guard descriptor >= 0 else {
      control.refused(cposix_errno())
      return schedule(control.deadline)
    }
    control.opened(descriptor)
    guard poller.add(descriptor, Token(.control), Poller.reads) else { return loseControl() }
    send(ChannelRequest.control.encoded())
  }

  func report(_ report: RelayReport) { send(report.encoded()) }

  /// What is reported while nobody listens is lost; the host then knows it by its own clock.
  private func send(_ line: [UInt8]) {
    if control.descriptor < 0 { return }
    control.pending.append(contentsOf: line)
    if control.pending.count > ControlConnection.maximumPending { return loseControl() }
    flushControl()
  }

  private func flushControl() {
    while !control.pending.isEmpty {
      let count = control.pending.withUnsafeBytes {
        cposix_send(control.descriptor, $0.baseAddress, $0.count)
      }
      if count >= 0 {
        control.pending.removeFirst(count)
      } else if cposix_errno() == EAGAIN {
        break
      } else if cposix_errno() != EINTR {
        return loseControl()
      }
    }
    let events = control.pending.isEmpty ? Poller.reads : Poller.reads | Poller.writes
    guard poller.change(control.descriptor, Token(.control), events) else { return loseControl() }
  }

  private func loseControl() {
    control.lost()
    schedule(control.deadline)
  }

  func takeControl(_ events: UInt32) {
    if control.descriptor < 0 { return }
    if events & Poller.writes != 0 { flushControl() }
    guard control.descriptor >= 0, events & (Poller.reads | Poller.fails) != 0 else { return }
    var piece = [UInt8](repeating: 0, count: 16 << 10)
    // Once a turn: however many commands come, streams are served in between.
    let count = piece.withUnsafeMutableBytes {
      read(control.descriptor, $0.baseAddress, $0.count)
    }
    if count < 0 && (cposix_errno() == EAGAIN || cposix_errno() == EINTR) { return }
    guard count > 0 else { return loseControl() }
    var start = control.received.count
    control.received.append(contentsOf: piece.prefix(count))
    while let end = control.received[start...].firstIndex(of: 0x0A) {
      let line = Array(control.received[..<end])
      control.received.removeSubrange(...end)
      start = 0
      guard obey(line) else { return loseControl() }
      if control.descriptor < 0 { return }
    }
    if control.received.count > ChannelFrame.maximumSize { loseControl() }
  }

  /// False when the line is none of ours.
  private func obey(_ line: [UInt8]) -> Bool {
    do throws(ChannelFault) {
      switch try RelayCommand.decode(line) {
      case .connect(let id, let port, let patience):
        control.proved()
        connect(id: id, port: port, patience: patience)
      }
      return true
    } catch {
      return isDone(line)
    }
  }

  /// The host may say that it has taken the connection.
  private func isDone(_ line: [UInt8]) -> Bool {
    do throws(ChannelFault) {
      return try ChannelAnswer.decode(line) == .done
    } catch {
      return false
    }
  }

  private func connect(id: String, port: UInt16, patience: Int64) {
    let limit = cposix_milliseconds() + patience
    guard
      let stream = add(
        .connection(id: id), port: port, stage: .dialing(isV6: false), limit: limit)
    else { return report(.refused(id: id, message: "too many connections")) }
    dial(stream, isV6: false)
  }
}
