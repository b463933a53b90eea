import CPosix
import Glibc
import Testing

/// A port of the loopback interface: what a program in the sandbox listens on, or connects to.
final class LoopbackPort {
  let number: UInt16
  private let listener: Int32

  /// On a port that is free, or on that one.
  init(_ number: UInt16 = 0, isV6: Bool = false) throws {
    let listener = highDescriptor(Self.socket(isV6))
    self.listener = listener
    var one: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, 4)
    let bound = Self.with(number, isV6) { bind(listener, $0, $1) }
    let listens = listen(listener, 512)
    var address = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    withUnsafeMutablePointer(to: &address) {
      _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
    }
    // In both families the port stands behind the family.
    self.number = withUnsafeBytes(of: &address) {
      UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    }
    try #require(bound == 0 && listens == 0, "port \(number)")
  }

  deinit { close(listener) }

  /// One that nobody listens on, for a while: a test that needs it takes another if not.
  static func free() throws -> UInt16 { try LoopbackPort().number }

  func accept() throws -> Connection {
    try #require(isReadable(listener, within: 20_000), "nobody connected to \(number)")
    return Connection(highDescriptor(Glibc.accept(listener, nil, nil)))
  }

  static func connect(_ port: UInt16, isV6: Bool = false) throws -> Connection {
    let connection = Connection(highDescriptor(socket(isV6)))
    let result = with(port, isV6) { Glibc.connect(connection.descriptor, $0, $1) }
    try #require(result == 0, "cannot connect to \(port)")
    return connection
  }

  private static func socket(_ isV6: Bool) -> Int32 {
    Glibc.socket(isV6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  }

  private static func with(
    _ port: UInt16, _ isV6: Bool, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var v4 = sockaddr_in()
    v4.sin_family = sa_family_t(AF_INET)
    v4.sin_port = port.bigEndian
    v4.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var v6 = sockaddr_in6()
    v6.sin6_family = sa_family_t(AF_INET6)
    v6.sin6_port = port.bigEndian
    v6.sin6_addr = in6addr_loopback
    func call<Address>(_ address: inout Address) -> Int32 {
      withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          body($0, socklen_t(MemoryLayout<Address>.size))
        }
      }
    }
    return isV6 ? call(&v6) : call(&v4)
  }
}
