internal import CPosix
internal import Glibc
internal import SystemPackage

/// The directories of the host that a launch lets the agent write: what lies in one of
/// them, links above all, is the agent's word and not the user's (6-security 11, 14).
struct WritableRoots {
  /// Links resolved.
  private let roots: [FilePath]

  init(_ roots: [FilePath]) { self.roots = roots.map { ResolvedPath.ofMissing($0) } }

  /// The root `path` lies in, or is.
  func root(of path: FilePath) -> FilePath? { roots.first { path.starts(with: $0) } }

  /// Follows `path` as the kernel would. Throws when a link on the way stands where the
  /// agent can write: an earlier session may have put it there to have something else
  /// mounted.
  func refuseLinks(in path: FilePath, for origin: MountOrigin) throws(MountError) {
    var current = FilePath("/")
    for component in path.components {
      let next = current.appending(component)
      var facts = stat()
      guard lstat(next.string, &facts) == 0 else { return }
      guard facts.st_mode & S_IFMT == S_IFLNK else {
        current = next
        continue
      }
      if let root = root(of: current) {
        throw MountError(
          "\(origin): \(next) is a link inside \(root), where the agent can write",
          hint: "name the place it leads to, if you put it there yourself")
      }
      guard let target = ResolvedPath(next) else { return }
      current = target.path
    }
  }

  /// Whether the agent decides what `path` is: some step towards it, or its end, lies
  /// where the agent can write.
  func decides(_ path: FilePath) -> FilePath? {
    var current = FilePath("/")
    for component in path.components {
      current = current.appending(component)
      if let root = root(of: current) { return root }
      if let resolved = ResolvedPath(current) { current = resolved.path }
      if let root = root(of: current) { return root }
    }
    return nil
  }
}
