internal import CPosix
internal import Glibc
internal import SystemPackage

/// A file that is either the old one or the whole new one (5-commands).
enum AtomicFile {
  /// Writes beside `path` and renames over it.
  static func write(_ bytes: [UInt8], to path: FilePath, mode: mode_t) throws(DirectoryError) {
    var template = Array((path.string + ".XXXXXX").utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw failure(path) }
    let isWhole = bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let count = Glibc.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
        if count <= 0 { return false }
        done += count
      }
      return true
    }
    let isInPlace =
      isWhole && fchmod(descriptor, mode) == 0 && rename(template, path.string) == 0
    let reason = errno
    close(descriptor)
    guard isInPlace else {
      unlink(template)
      errno = reason
      throw failure(path)
    }
  }

  private static func failure(_ path: FilePath) -> DirectoryError {
    DirectoryError(
      summary: "cannot write \(path)", cause: String(cString: strerror(errno)),
      hint: "check that \(path.removingLastComponent()) is writable and the disk is not full")
  }
}
