import CPosix
import Glibc
import SystemPackage

@testable import AGSLib

/// A connection of a test, on a thread of its own, because its calls wait. One that waits for
/// half a minute throws.
actor TestSocket {
  private let descriptor: CInt
  private let thread = DedicatedThread()

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init(descriptor: CInt) throws {
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    self.descriptor = descriptor
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
  }

  deinit { close(descriptor) }

  /// To a Unix socket.
  init(_ path: FilePath) throws {
    try self.init(descriptor: socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.string.utf8)) }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { throw Errno(rawValue: errno) }
  }

  /// To a port of 127.0.0.1 or ::1.
  init(port: UInt16, isV6: Bool = false) throws {
    try self.init(descriptor: TestServer.socket(isV6: isV6))
    let status = TestServer.withLoopback(port, isV6: isV6) { connect(descriptor, $0, $1) }
    guard status == 0 else { throw Errno(rawValue: errno) }
  }

  /// The same connection on another thread, to read while this one writes.
  func twin() throws -> TestSocket { try TestSocket(descriptor: dup(descriptor)) }

  func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Errno(rawValue: errno) }
      rest = rest.dropFirst(count)
    }
  }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  /// Sends without waiting; how many bytes were taken.
  func sendSome(_ bytes: [UInt8]) -> Int {
    let flags = CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)
    return max(
      0, bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) })
  }

  /// At most that many bytes; none at the end.
  func receive(atMost limit: Int) throws -> [UInt8] {
    var failure: CInt = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
      let count = read(descriptor, buffer.baseAddress, limit)
      failure = count < 0 ? errno : 0
      filled = max(0, count)
    }
    guard failure == 0 else { throw Errno(rawValue: failure) }
    return bytes
  }

  /// Exactly that many bytes, or fewer at the end.
  func receive(_ count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let more = try receive(atMost: min(count - bytes.count, 1 << 20))
      if more.isEmpty { break }
      bytes += more
    }
    return bytes
  }

  /// Everything up to the end.
  func receiveAll() throws -> [UInt8] { try receive(.max) }

  /// Everything up to the end, of a connection that may well have been reset.
  func receiveAllOrReset() throws -> [UInt8] {
    var bytes: [UInt8] = []
    do {
      while case let more = try receive(atMost: 1 << 16), !more.isEmpty { bytes += more }
    } catch Errno.connectionReset {
      // Not an end in order.
    }
    return bytes
  }

  /// A line with its newline; what there was, at the end.
  func line() throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.last != 0x0A {
      let more = try receive(atMost: 1)
      if more.isEmpty { break }
      bytes += more
    }
    return bytes
  }

  /// Says that nothing more is sent.
  func finish() { shutdown(descriptor, CInt(SHUT_WR)) }

  /// Ends the connection so that the other side sees it broken. Nothing may follow.
  func abort() {
    var abort = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &abort, socklen_t(MemoryLayout<linger>.size))
    // The descriptor stays taken until the value goes.
    let nothing = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    dup2(nothing, descriptor)
    close(nothing)
  }

  /// Ends the connection for both threads.
  func end() { shutdown(descriptor, CInt(SHUT_RDWR)) }
}

/// Listens on a port of its own of 127.0.0.1 or ::1.
actor TestServer {
  nonisolated let port: UInt16
  private let descriptor: CInt
  private let thread = DedicatedThread()

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  /// - Parameter port: 0 for any.
  init(isV6: Bool = false, port: UInt16 = 0) throws {
    let socket = Self.socket(isV6: isV6)
    guard socket >= 0 else { throw Errno(rawValue: errno) }
    var yes: CInt = 1
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
    let status = Self.withLoopback(port, isV6: isV6) { bind(socket, $0, $1) }
    guard status == 0, listen(socket, 256) == 0 else {
      let reason = errno
      close(socket)
      throw Errno(rawValue: reason)
    }
    // The port stands in the same place in both kinds of address.
    var address = sockaddr_in6()
    var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
    withUnsafeMutablePointer(to: &address) {
      _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
    }
    descriptor = socket
    self.port = UInt16(bigEndian: address.sin6_port)
  }

  deinit { close(descriptor) }

  func accept() throws -> TestSocket {
    try TestSocket(descriptor: Glibc.accept(descriptor, nil, nil))
  }

  /// Nobody is accepted any more, and a waiting `accept` throws.
  nonisolated func stop() { shutdown(descriptor, CInt(SHUT_RDWR)) }

  static func socket(isV6: Bool) -> CInt {
    Glibc.socket(isV6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  }

  static func withLoopback(
    _ port: UInt16, isV6: Bool, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
  ) -> CInt {
    if isV6 {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      address.sin6_addr = in6addr_loopback
      return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}

/// An app that sends back what it gets, connection by connection, until `stop`.
struct EchoApp {
  let server: TestServer
  private let serving: Task<Void, Never>

  var port: UInt16 { server.port }

  /// - Parameter greeting: what it sends first.
  init(greeting: String = "", port: UInt16 = 0, isV6: Bool = false) throws {
    let server = try TestServer(isV6: isV6, port: port)
    self.server = server
    serving = Task {
      while let socket = try? await server.accept() {
        Task {
          try await socket.send(greeting)
          while case let bytes = try await socket.receive(atMost: 1 << 16), !bytes.isEmpty {
            try await socket.send(bytes)
          }
          await socket.end()
        }
      }
    }
  }

  func stop() async {
    server.stop()
    await serving.value
  }
}
