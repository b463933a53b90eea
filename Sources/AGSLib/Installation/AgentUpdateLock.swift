internal import CPosix
internal import Glibc
internal import SystemPackage

/// Two updates at once would sweep each other's work: the second waits.
struct AgentUpdateLock {
  private let descriptor: CInt

  /// Waits until nobody else has it, and ends with `interrupted` when the task is
  /// cancelled. The file lies outside of what runs have mounted: a lock needs no right to
  /// write, so an agent could hold it.
  /// - Parameter onWait: called once when it has to wait.
  static func take(
    in cacheDirectory: FilePath, onWait: () -> Void
  ) async throws -> AgentUpdateLock {
    try PrivateDirectory.makeAll(cacheDirectory)
    let file = cacheDirectory.appending("agents.lock")
    let descriptor = cposix_open(
      file.string, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw DirectoryError(
        summary: "cannot open \(file)", cause: String(cString: strerror(errno)))
    }
    var hasWaited = false
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let reason = errno
      guard reason == EWOULDBLOCK || reason == EINTR else {
        close(descriptor)
        throw DirectoryError(
          summary: "cannot lock \(file)", cause: String(cString: strerror(reason)))
      }
      if !hasWaited { onWait() }
      hasWaited = true
      do {
        try await Task.sleep(for: .milliseconds(200))
      } catch {
        close(descriptor)
        throw AgentInstallError.interrupted
      }
    }
    return AgentUpdateLock(descriptor: descriptor)
  }

  func release() { close(descriptor) }
}
