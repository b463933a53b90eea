internal import CPosix
internal import Glibc
internal import SystemPackage

/// An exclusive lock on a file, between all processes of the user, for as long as the value
/// lives. The file is made if it is missing and stays.
final class FileLock: Sendable {
  private let descriptor: CInt

  /// Waits for the lock: for what nobody holds for long.
  init(_ path: FilePath) throws(DirectoryError) {
    let file = try Self.open(path)
    while flock(file, LOCK_EX) != 0 {
      guard errno == EINTR else { throw Self.failure(path, file) }
    }
    descriptor = file
  }

  /// Nil when another process has it.
  init?(ifFree path: FilePath) throws(DirectoryError) {
    let file = try Self.open(path)
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw Self.failure(path, file) }
      close(file)
      return nil
    }
    descriptor = file
  }

  deinit {
    // Not by closing alone: a child that is being started holds the descriptor for a moment.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  private static func open(_ path: FilePath) throws(DirectoryError) -> CInt {
    let descriptor = cposix_open(
      path.string, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw DirectoryError(
        summary: "cannot open \(path)", cause: String(cString: strerror(errno)))
    }
    return descriptor
  }

  private static func failure(_ path: FilePath, _ descriptor: CInt) -> DirectoryError {
    let reason = errno
    close(descriptor)
    return DirectoryError(
      summary: "cannot lock \(path)", cause: String(cString: strerror(reason)))
  }
}
