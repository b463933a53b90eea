internal import CGLib
internal import CPosix
internal import Glibc
internal import SystemPackage

extension Digest {
  /// The SHA-256 of a regular file of any size, as `sha256` has it; no link at the end is
  /// followed.
  static func sha256(of path: FilePath) throws(FileError) -> String {
    let file = path.withPlatformString {
      cposix_open($0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)
    }
    guard file >= 0 else { throw failure(path) }
    defer { close(file) }
    let checksum = g_checksum_new(G_CHECKSUM_SHA256)
    defer { g_checksum_free(checksum) }
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = Glibc.read(file, &chunk, chunk.count)
      if count == 0 { return String(cString: g_checksum_get_string(checksum)) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure(path) }
      g_checksum_update(checksum, chunk, gssize(count))
    }
  }

  private static func failure(_ path: FilePath) -> FileError {
    FileError(summary: "cannot read \(path)", cause: String(cString: strerror(errno)))
  }
}
