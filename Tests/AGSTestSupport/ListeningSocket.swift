import Glibc
public import SystemPackage

/// A Unix socket somebody listens on, until the value goes.
public final class ListeningSocket: Sendable {
  /// Who made it.
  public let owner: UInt32
  private let descriptor: CInt

  public init(_ path: FilePath) throws(Errno) {
    owner = getuid()
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.string.utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0, listen(descriptor, 8) == 0 else { throw Errno(rawValue: errno) }
  }

  deinit { close(descriptor) }
}
