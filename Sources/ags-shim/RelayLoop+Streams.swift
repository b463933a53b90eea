import CPosix

// A stream's way: the port inside, the host, its answer, and then the bytes.
extension RelayLoop {
  /// An end of the stream has something to say.
  func proceed(_ stream: RelayStream, isLocal: Bool, _ events: UInt32) {
    if isLocal { stream.local.note(events) } else { stream.host.note(events) }
    let hasFailed = events & Poller.fails != 0
    switch stream.stage {
    case .dialing(let isV6):
      let result = cposix_dial_result(stream.local.descriptor)
      if result == EINPROGRESS { return }
      if result != 0 { return tryElsewhere(stream, afterV6: isV6) }
      stream.local.mayRead = true
      stream.limit = cposix_milliseconds() + RelayLoop.grace
      call(stream)
    case .calling, .asking:
      if isLocal {
        // Nobody waits inside any more.
        if hasFailed { drop(stream) }
      } else if events & (Poller.reads | Poller.fails) != 0 {
        takeAnswer(stream)
      }
    case .joined:
      pump(stream)
      // A connection that broke after it had said all: nothing would be read from it, and
      // the other side may have nothing to write.
      guard hasFailed, stands(stream) else { return }
      if isLocal ? stream.outward.isDone : stream.inward.isDone { drop(stream) }
    }
  }

  func expire(_ stream: RelayStream) {
    stream.deadline = Int64.max
    switch stream.stage {
    case .dialing where stream.local.descriptor < 0: dial(stream, isV6: false)
    case .dialing: refuse(stream, "port \(stream.port) does not answer")
    case .calling: call(stream)
    case .asking: drop(stream)
    case .joined: break
    }
  }

  func dial(_ stream: RelayStream, isV6: Bool) {
    stream.stage = .dialing(isV6: isV6)
    let descriptor = cposix_dial_loopback(isV6 ? 1 : 0, stream.port)
    guard descriptor >= 0 else { return tryElsewhere(stream, afterV6: isV6) }
    stream.local = StreamEnd(descriptor: descriptor)
    guard poller.addEnd(descriptor, Token(.local, stream.place, serial: stream.serial)) else {
      return refuse(stream, "no memory for another connection")
    }
    set(stream, max(stream.limit, cposix_milliseconds()) + RelayLoop.grace)
  }

  /// ::1 after 127.0.0.1, and both again after a pause, as long as the host has patience.
  private func tryElsewhere(_ stream: RelayStream, afterV6: Bool) {
    if stream.local.descriptor >= 0 { close(stream.local.descriptor) }
    stream.local.descriptor = -1
    if !afterV6 { return dial(stream, isV6: true) }
    let now = cposix_milliseconds()
    if now >= stream.limit { return refuse(stream, "nothing listens on port \(stream.port)") }
    set(stream, min(now + RelayLoop.pause, stream.limit))
  }

  private func refuse(_ stream: RelayStream, _ message: String) {
    if case .connection(let id) = stream.purpose { report(.refused(id: id, message: message)) }
    drop(stream)
  }

  /// Asks the host for its end.
  func call(_ stream: RelayStream) {
    stream.stage = .calling
    let descriptor = cposix_connect_path(path, 0)
    guard descriptor >= 0 else {
      let now = cposix_milliseconds()
      guard cposix_errno() == EAGAIN, now < stream.limit else { return drop(stream) }
      return set(stream, now + RelayLoop.pause)
    }
    stream.host = StreamEnd(descriptor: descriptor)
    let request = stream.request.encoded()
    // A new socket holds far more than a request.
    let count = request.withUnsafeBytes { cposix_send(descriptor, $0.baseAddress, $0.count) }
    guard count == request.count,
      poller.addEnd(descriptor, Token(.host, stream.place, serial: stream.serial))
    else { return drop(stream) }
    stream.stage = .asking
    set(stream, cposix_milliseconds() + RelayLoop.answerTime)
  }

  private func takeAnswer(_ stream: RelayStream) {
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = piece.withUnsafeMutableBytes {
        read(stream.host.descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 && cposix_errno() == EAGAIN {
        stream.host.mayRead = false
        return
      }
      if count < 0 && cposix_errno() == EINTR { continue }
      guard count > 0 else { return drop(stream) }
      stream.answer.append(contentsOf: piece.prefix(count))
      while let end = stream.answer.firstIndex(of: 0x0A) {
        switch answer(Array(stream.answer[..<end])) {
        case .waiting?: stream.answer.removeSubrange(...end)
        case .done?: return join(stream, stream.answer[(end + 1)...])
        case .registered?, .failure?, nil: return drop(stream)
        }
      }
      if stream.answer.count > RelayLoop.maximumAnswer { return drop(stream) }
    }
  }

  private func answer(_ line: [UInt8]) -> ChannelAnswer? {
    do throws(ChannelFault) {
      return try ChannelAnswer.decode(line)
    } catch {
      return nil
    }
  }

  private func join(_ stream: RelayStream, _ first: ArraySlice<UInt8>) {
    guard stream.inward.begin(with: first, chunks) else { return drop(stream) }
    stream.answer = []
    stream.stage = .joined
    stream.deadline = Int64.max
    pump(stream)
  }

  func pump(_ stream: RelayStream) {
    let outward = stream.outward.move(from: &stream.local, to: &stream.host, chunks)
    let inward = stream.inward.move(from: &stream.host, to: &stream.local, chunks)
    if case .broken = outward { return drop(stream) }
    if case .broken = inward { return drop(stream) }
    if stream.outward.isDone && stream.inward.isDone { return end(stream, asFailure: false) }
    if case .goesOn = outward { return runAgain(stream) }
    if case .goesOn = inward { runAgain(stream) }
  }

  func drop(_ stream: RelayStream) { end(stream, asFailure: true) }

  private func end(_ stream: RelayStream, asFailure: Bool) {
    streams[stream.place] = nil
    stream.outward.release(chunks)
    stream.inward.release(chunks)
    if stream.host.descriptor >= 0 { close(stream.host.descriptor) }
    if stream.local.descriptor < 0 { return }
    if asFailure { cposix_reset(stream.local.descriptor) } else { close(stream.local.descriptor) }
  }

  private func set(_ stream: RelayStream, _ deadline: Int64) {
    stream.deadline = deadline
    schedule(deadline)
  }
}
