import AGSWire
import CPosix
import Glibc
import Testing

/// The host's end of a channel, as a test tells it: a listening socket, and connections that
/// say what the test wants.
final class ScriptedHost {
  let path: String
  private let directory: TemporaryDirectory?
  private var listener: Int32 = -1

  /// In a directory of its own, or at a path.
  init(at path: String? = nil) throws {
    directory = path == nil ? try TemporaryDirectory() : nil
    self.path = path ?? directory.map { "\($0.path)/channel.sock" } ?? ""
    try listen()
  }

  deinit { stop() }

  func listen() throws {
    unlink(path)
    listener = highDescriptor(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0 && Glibc.listen(listener, 512) == 0, "\(path)")
    // The shim in a root of its own may be another user.
    chmod(path, 0o777)
  }

  func stop() {
    if listener >= 0 { close(listener) }
    listener = -1
  }

  func accept(within limit: Int32 = 20_000) throws -> Connection {
    try #require(isReadable(listener, within: limit), "nobody connected")
    return Connection(highDescriptor(Glibc.accept(listener, nil, nil)))
  }

  /// Whether somebody wants to connect.
  func hasVisitor(within limit: Int32) -> Bool { isReadable(listener, within: limit) }

  /// A connection with its first line.
  func request() throws -> (ChannelRequest, Connection) {
    let connection = try accept()
    return (try ChannelRequest.decode(try connection.line()), connection)
  }
}

/// One socket of a test.
final class Connection {
  let descriptor: Int32
  private var received: [UInt8] = []

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { Glibc.close(descriptor) }

  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return }
      sent += count
    }
  }

  func send(_ text: String) { send(Array(text.utf8)) }
  func answer(_ answer: ChannelAnswer) { send(answer.encoded()) }
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Its close will be an error for the other side.
  func resetOnClose() {
    var now = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
  }

  /// Whether the other side takes nothing any more, soon.
  var isGone: Bool {
    for _ in 0..<2000 {
      if Glibc.send(descriptor, "x", 1, Int32(MSG_NOSIGNAL)) < 0 { return true }
      usleep(5000)
    }
    return false
  }

  /// The next line without its newline.
  func line() throws -> [UInt8] {
    while true {
      if let end = received.firstIndex(of: 0x0A) {
        let line = Array(received[..<end])
        received.removeSubrange(...end)
        return line
      }
      try #require(more() > 0, "no line came: \(String(decoding: received, as: UTF8.self))")
    }
  }

  /// The next `count` bytes as text.
  func read(_ count: Int) throws -> String {
    while received.count < count { try #require(more() > 0, "an early end") }
    defer { received.removeFirst(count) }
    return String(decoding: received.prefix(count), as: UTF8.self)
  }

  /// What comes until the end; nil when that is an error.
  func rest() throws -> String? {
    while true {
      let count = more()
      if count < 0 { return nil }
      if count == 0 { break }
    }
    defer { received = [] }
    return String(decoding: received, as: UTF8.self)
  }

  private func more() -> Int {
    guard isReadable(descriptor, within: 20_000) else { return -1 }
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count = Glibc.read(descriptor, &chunk, chunk.count)
    if count > 0 { received += chunk.prefix(count) }
    return count
  }
}

/// Closed on exec and clear of the numbers a child gets.
func highDescriptor(_ descriptor: Int32) -> Int32 {
  defer { close(descriptor) }
  return cposix_dup_high(descriptor)
}

func isReadable(_ descriptor: Int32, within limit: Int32) -> Bool {
  var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  return poll(&polled, 1, limit) > 0
}
