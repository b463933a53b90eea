internal import CPosix
internal import Glibc
internal import SystemPackage

/// Removes a tree an agent could write, after its container is gone: below one
/// directory descriptor, following nothing, whatever modes, names and depth it left
/// behind (6-security 14).
struct TreeRemoval {
  /// The tree's own directory; entries nested too deep are moved up to it.
  private let root: CInt
  private var moved = 0
  private var attempts = 0
  /// Levels worked on at once: each holds one descriptor.
  private static let depthLimit = 64

  /// Removes `name` in `parent` with all below it. A name that is not there is fine.
  /// - Returns: false if something could not be removed: files of other uids, which
  ///   root mode leaves and only podman's user namespace may remove, and mounts.
  static func remove(_ name: String, in parent: FilePath) -> Bool {
    let directory = cposix_open(parent.string, CPOSIX_O_PATH | O_DIRECTORY | O_CLOEXEC, 0)
    guard directory >= 0 else { return errno == ENOENT }
    defer { close(directory) }
    if unlinkat(directory, name, 0) == 0 || errno == ENOENT { return true }
    let root = openForRemoval(name, in: directory)
    guard root >= 0 else { return errno == ENOENT }
    defer { close(root) }
    var removal = TreeRemoval(root: root)
    // A second pass takes what the first one moved up; each pass shortens the tree.
    var before = -1
    while removal.moved != before {
      before = removal.moved
      removal.empty(root, depth: 0)
    }
    // Gone already: another start swept the same directory.
    return unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT
  }

  private mutating func empty(_ directory: CInt, depth: Int) {
    let copy = cposix_dup_high(directory)
    guard copy >= 0, let stream = fdopendir(copy) else { return }
    defer { closedir(stream) }
    rewinddir(stream)
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        Array($0.prefix { $0 != 0 }) + [0]
      }
      if name == [46, 0] || name == [46, 46, 0] { continue }
      name.withUnsafeBytes { bytes in
        bytes.withMemoryRebound(to: CChar.self) { removeEntry($0.baseAddress!, directory, depth) }
      }
    }
  }

  private mutating func removeEntry(
    _ name: UnsafePointer<CChar>, _ directory: CInt, _ depth: Int
  ) {
    if unlinkat(directory, name, 0) == 0 { return }
    if unlinkat(directory, name, AT_REMOVEDIR) == 0 { return }
    // First, because only a directory that its owner may write to can be moved.
    let child = Self.openForRemoval(name, in: directory)
    guard child >= 0 else { return }
    guard depth < Self.depthLimit else {
      close(child)
      moveUp(name, from: directory)
      return
    }
    empty(child, depth: depth + 1)
    close(child)
    unlinkat(directory, name, AT_REMOVEDIR)
  }

  /// The agent may have taken a name: every one is tried once, so that this ends.
  private mutating func moveUp(_ name: UnsafePointer<CChar>, from directory: CInt) {
    while true {
      attempts += 1
      if renameat(directory, name, root, ".ags-removal-\(attempts)") == 0 {
        moved += 1
        return
      }
      let reason = errno
      guard reason == EEXIST || reason == ENOTEMPTY || reason == ENOTDIR else { return }
    }
  }

  /// Opens a directory without following links, giving its owner back the rights an
  /// agent may have taken away. Where something is mounted the tree ends: what a program
  /// that was killed left mounted there, such as the host's own /dev/shm, is not ours.
  private static func openForRemoval(_ name: UnsafePointer<CChar>, in directory: CInt) -> CInt {
    let path = cposix_enter_own_at(directory, name)
    guard path >= 0 else { return -1 }
    defer { close(path) }
    chmod("/proc/self/fd/\(path)", 0o700)
    return cposix_openat(path, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  }
}
