internal import CPosix
internal import Glibc
internal import SystemPackage

/// When `ags` runs as root for somebody else's workspace, what its git wrote into the
/// repository is given to the repository's owner, who could not change it otherwise.
enum HostOwnership {
  /// Does nothing for any other user, and in a repository of root's.
  static func restore(_ host: FilePath) throws {
    guard getuid() == 0, let directory = try DataDirectory.open(host) else { return }
    var facts = stat()
    guard fstat(directory.descriptor, &facts) == 0, facts.st_uid != 0 else { return }
    try give(directory, to: facts.st_uid, facts.st_gid, depth: 0)
  }

  private static func give(
    _ directory: DataDirectory, to owner: uid_t, _ group: gid_t, depth: Int
  ) throws {
    guard depth < 64 else { return }
    for entry in try directory.entries() {
      guard let facts = try directory.facts(entry.name) else { continue }
      // Something with a second name may be a file of root's elsewhere.
      if facts.st_uid == 0, entry.kind == .directory || facts.st_nlink == 1 {
        let status = entry.name.withPlatformString {
          fchownat(directory.descriptor, $0, owner, group, AT_SYMLINK_NOFOLLOW)
        }
        guard status == 0 else {
          throw GitDataError(
            "cannot give \(directory.path.appending(entry.name)) to its owner",
            cause: String(cString: strerror(errno)))
        }
      }
      guard entry.kind == .directory, let child = try directory.directory(entry.name) else {
        continue
      }
      try give(child, to: owner, group, depth: depth + 1)
    }
  }
}
