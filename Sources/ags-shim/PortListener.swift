import CPosix

/// A port inside that stands for one of the host's.
struct PortListener {
  let port: UInt16
  let descriptor: Int32
  /// When it is listened on again, after there was no descriptor for a connection.
  var deadline = Int64.max
}

extension RelayLoop {
  /// Connections taken of one listener in a row.
  private static var acceptedAtOnce: Int { 16 }
  private static var shortagePause: Int64 { 500 }

  /// Returns why the port cannot be had, or nil. A container without IPv6 is none of the
  /// reasons.
  func listen(on port: UInt16) -> String? {
    for isV6 in [false, true] {
      let descriptor = cposix_listen_loopback(isV6 ? 1 : 0, port)
      if descriptor < 0 {
        let error = cposix_errno()
        if isV6 && (error == EAFNOSUPPORT || error == EADDRNOTAVAIL) { continue }
        return describe(error)
      }
      listeners.append(PortListener(port: port, descriptor: descriptor))
      guard poller.add(descriptor, Token(.listener, listeners.count - 1), Poller.reads) else {
        return describe(cposix_errno())
      }
    }
    return nil
  }

  func accept(_ index: Int) {
    guard index < listeners.count else { return }
    for _ in 0..<RelayLoop.acceptedAtOnce {
      let descriptor = cposix_accept_stream(listeners[index].descriptor)
      guard descriptor >= 0 else {
        switch cposix_errno() {
        // They would be reported again and again.
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: pause(index)
        case ECONNABORTED, EINTR: continue
        default: break
        }
        return
      }
      let limit = cposix_milliseconds() + RelayLoop.grace
      guard
        let stream = add(.forward, port: listeners[index].port, stage: .calling, limit: limit)
      else {
        cposix_reset(descriptor)
        continue
      }
      stream.local = StreamEnd(descriptor: descriptor)
      guard poller.addEnd(descriptor, Token(.local, stream.place, serial: stream.serial)) else {
        drop(stream)
        continue
      }
      call(stream)
    }
  }

  private func pause(_ index: Int) {
    poller.remove(listeners[index].descriptor)
    listeners[index].deadline = cposix_milliseconds() + RelayLoop.shortagePause
    schedule(listeners[index].deadline)
  }

  func resume(_ index: Int) {
    listeners[index].deadline = Int64.max
    guard poller.add(listeners[index].descriptor, Token(.listener, index), Poller.reads) else {
      return pause(index)
    }
  }
}
