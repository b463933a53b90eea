internal import CPosix
internal import Glibc
internal import SystemPackage

/// Replaces an index while holding git's own lock, and only if it is still what was read.
struct IndexReplacement {
  let directory: FilePath
  let session: String

  /// - Returns: false when another git holds the lock, or has just changed the index.
  func replace(_ old: [UInt8], with new: [UInt8]) throws -> Bool {
    let ours = directory.appending("index.ags-\(session)")
    let lock = directory.appending("index.lock")
    releaseOwn(ours, lock)
    try DataCopy(owner: owner()).write(new, to: ours)
    defer { ours.withPlatformString { _ = unlink($0) } }
    ours.withPlatformString { _ = chmod($0, mode()) }
    // A link is made or not, also when we are killed: what is left then is known by its inode.
    guard ours.withPlatformString({ from in lock.withPlatformString { link(from, $0) } }) == 0
    else {
      if errno == EEXIST { return false }
      throw GitDataError("cannot make \(lock)", cause: String(cString: strerror(errno)))
    }
    let present = try DataDirectory.open(directory)?.read("index", limit: GitIndexFile.limit)
    guard present ?? [] == old else {
      lock.withPlatformString { _ = unlink($0) }
      return false
    }
    let index = directory.appending("index")
    guard lock.withPlatformString({ from in index.withPlatformString { rename(from, $0) } }) == 0
    else {
      let reason = errno
      lock.withPlatformString { _ = unlink($0) }
      throw GitDataError("cannot replace \(index)", cause: String(cString: strerror(reason)))
    }
    return true
  }

  /// What an import that was killed left.
  private func releaseOwn(_ ours: FilePath, _ lock: FilePath) {
    guard let left = GitMarker(at: ours) else { return }
    if let held = GitMarker(at: lock), held.inode == left.inode, held.device == left.device {
      lock.withPlatformString { _ = unlink($0) }
    }
    ours.withPlatformString { _ = unlink($0) }
  }

  private func facts(_ name: String) -> stat? {
    var facts = stat()
    let path = directory.appending(name)
    return path.withPlatformString { lstat($0, &facts) } == 0 ? facts : nil
  }

  private func mode() -> mode_t { facts("index").map { $0.st_mode & 0o777 } ?? 0o644 }

  /// As root the repository is somebody else's.
  private func owner() -> (uid: UInt32, gid: UInt32)? {
    guard getuid() == 0, let facts = facts("HEAD") else { return nil }
    return (facts.st_uid, facts.st_gid)
  }
}
