internal import CPosix
internal import Glibc
internal import SystemPackage

/// A place inside one mount where another one goes. It is made before the container
/// starts, and walked to without following links: the runtime would follow one, and an
/// agent that left a link there could have a mount put anywhere, over PID 1's own program
/// too (6-security 13).
struct MountPoint {
  /// The outer mount.
  var outer: Mount
  /// The one that goes into it.
  var inner: Mount
  /// What is made belongs to the agent's user, when `ags` runs as root.
  var owner: (uid: UInt32, gid: UInt32)?

  /// The mount each one lies in, of those that lie in another.
  static func all(in mounts: [Mount], owner: (uid: UInt32, gid: UInt32)?) -> [MountPoint] {
    // From the outside in, so that an outer source is complete before it is looked into.
    let sorted = mounts.sorted { depth($0) < depth($1) }
    return sorted.compactMap { inner in
      let outer = sorted.last { candidate in
        candidate.target != inner.target && candidate.kind == .directory
          && candidate.target.contains(inner.target)
      }
      return outer.map { MountPoint(outer: $0, inner: inner, owner: owner) }
    }
  }

  private static func depth(_ mount: Mount) -> Int { mount.target.path.components.count }

  /// Makes what is missing. Throws for a link or something of the wrong kind on the way.
  func make() throws(MountError) {
    var directory = cposix_open_without_links(outer.source.string)
    guard directory >= 0 else { throw failure(outer.source, errno) }
    defer { close(directory) }
    var path = outer.source
    let rest = Array(
      inner.target.path.components.dropFirst(outer.target.path.components.count))
    for (index, component) in rest.enumerated() {
      path.append(component)
      let isLast = index == rest.count - 1
      if isLast, inner.kind == .file { return try makeFile(component.string, directory, path) }
      let next = try enter(component.string, directory, path)
      close(directory)
      directory = next
    }
  }

  private func enter(
    _ name: String, _ directory: CInt, _ path: FilePath
  ) throws(MountError) -> CInt {
    var next = cposix_enter_at(directory, name)
    if next < 0, errno == ENOENT {
      try requireWritable(path)
      guard mkdirat(directory, name, 0o755) == 0 || errno == EEXIST else {
        throw failure(path, errno)
      }
      give(name, directory)
      next = cposix_enter_at(directory, name)
    }
    guard next >= 0 else { throw failure(path, errno) }
    return next
  }

  private func makeFile(_ name: String, _ directory: CInt, _ path: FilePath) throws(MountError) {
    var facts = stat()
    if fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 {
      let kind = facts.st_mode & S_IFMT
      guard kind == S_IFREG || kind == S_IFSOCK else {
        throw failure(path, kind == S_IFLNK ? ELOOP : EISDIR)
      }
      return
    }
    try requireWritable(path)
    let file = cposix_create_at(directory, name, 0o600)
    guard file >= 0 else { throw failure(path, errno) }
    close(file)
    give(name, directory)
  }

  private func give(_ name: String, _ directory: CInt) {
    guard let owner else { return }
    fchownat(directory, name, owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW)
  }

  private func requireWritable(_ path: FilePath) throws(MountError) {
    // The session's own directory is read-only only inside.
    guard outer.mode == .readOnly, outer.origin != .sessionChannels else { return }
    throw MountError(
      "\(inner.origin): its place \(path) is missing in \(outer.origin), which is read-only",
      hint: "make it there, or choose another container path")
  }

  private func failure(_ path: FilePath, _ reason: CInt) -> MountError {
    let isLink = reason == ELOOP || reason == ENOTDIR
    return MountError(
      isLink
        ? "\(inner.origin): \(path), where it is to be mounted, is a link or no directory"
        : "\(inner.origin): cannot make \(path), where it is to be mounted",
      cause: isLink ? nil : String(cString: strerror(reason)),
      hint: isLink ? "look at it: an agent can put one there; remove it" : nil)
  }
}
