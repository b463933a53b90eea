import CPosix
import Glibc
import Testing

/// Bytes that go into one socket and must come out of another one unchanged.
struct Transfer {
  /// An odd length, so that it does not fit the sizes of buffers.
  private static let pattern: [UInt8] = {
    var state: UInt64 = 7
    return (0..<1_048_573).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(state >> 56)
    }
  }()

  let source: Connection
  let sink: Connection
  let total: Int
  /// Where in the pattern it begins, so that no stream is like another.
  let offset: Int
  private var sent = 0
  private(set) var received = 0
  private var hasEnded = false
  private(set) var isChanged = false

  init(from source: Connection, to sink: Connection, _ total: Int, offset: Int = 0) {
    self.source = source
    self.sink = sink
    self.total = total
    self.offset = offset
  }

  var isDone: Bool { hasEnded && received == total && !isChanged }

  /// Carries all of them at the same time, each with a half-close behind its bytes. Returns
  /// when everything has come, or nothing moves any more.
  static func run(_ transfers: inout [Transfer]) {
    for transfer in transfers {
      _ = cposix_set_nonblocking(transfer.source.descriptor)
      _ = cposix_set_nonblocking(transfer.sink.descriptor)
    }
    while true {
      var polled: [pollfd] = []
      for transfer in transfers {
        let writes = transfer.sent < transfer.total
        polled.append(
          pollfd(
            fd: writes ? transfer.source.descriptor : -1, events: Int16(POLLOUT), revents: 0))
        polled.append(
          pollfd(
            fd: transfer.hasEnded ? -1 : transfer.sink.descriptor, events: Int16(POLLIN),
            revents: 0))
      }
      if polled.allSatisfy({ $0.fd < 0 }) { return }
      if poll(&polled, nfds_t(polled.count), 20_000) <= 0 { return }
      for index in transfers.indices {
        if polled[2 * index].revents != 0 { transfers[index].write() }
        if polled[2 * index + 1].revents != 0 { transfers[index].read() }
      }
    }
  }

  private mutating func write() {
    let start = (offset + sent) % Self.pattern.count
    let count = min(total - sent, Self.pattern.count - start, 256 << 10)
    let written = Self.pattern[start..<start + count].withUnsafeBytes {
      send(source.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    if written < 0 {
      if errno != EAGAIN { sent = total }
      return
    }
    sent += written
    if sent == total { source.finish() }
  }

  private mutating func read() {
    var chunk = [UInt8](repeating: 0, count: 256 << 10)
    let count = Glibc.read(sink.descriptor, &chunk, chunk.count)
    if count < 0 && errno == EAGAIN { return }
    guard count > 0 else {
      hasEnded = true
      return
    }
    var done = 0
    while done < count {
      let start = (offset + received) % Self.pattern.count
      let part = min(count - done, Self.pattern.count - start)
      let isSame = Self.pattern[start..<start + part].withUnsafeBytes { expected in
        chunk[done..<done + part].withUnsafeBytes { found in
          guard let one = expected.baseAddress, let other = found.baseAddress else { return false }
          return memcmp(one, other, part) == 0
        }
      }
      if !isSame { isChanged = true }
      done += part
      received += part
    }
  }
}
