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

  /// Where `path` leads, every link resolved once. Throws when a link on the way stands
  /// where the agent can write: an earlier session may have put it there to have
  /// something else mounted. The result is final: who opens it follows no link any more,
  /// so that one put there meanwhile is noticed.
  /// - Parameter confinement: what the result must be below, for a repository's wishes.
  func resolve(
    _ path: FilePath, for origin: MountOrigin, confinedTo confinement: FilePath? = nil
  ) throws(MountError) -> FilePath {
    let resolved = try walk(path, for: origin)
    guard confinement.map({ resolved.starts(with: $0) }) ?? true else {
      throw MountError(
        "\(origin): \(path) leads to \(resolved), outside the repository that asks for it",
        hint: "look at the repository's links, then decide with ags trust")
    }
    return resolved
  }

  private func walk(_ path: FilePath, for origin: MountOrigin) throws(MountError) -> FilePath {
    var current = FilePath("/")
    var isMissing = false
    for component in path.components {
      switch component.kind {
      case .regular: break
      case .currentDirectory: continue
      case .parentDirectory:
        // `current` is resolved, so what is above it is the directory the kernel means.
        current.removeLastComponent()
        isMissing = isMissing && ResolvedPath(current) == nil
        continue
      }
      let next = current.appending(component)
      var facts = stat()
      isMissing = isMissing || lstat(next.string, &facts) != 0
      guard !isMissing, facts.st_mode & S_IFMT == S_IFLNK else {
        current = next
        continue
      }
      if let root = root(of: current) {
        throw MountError(
          "\(origin): \(next) is a link inside \(root), where the agent can write",
          hint: "name the place it leads to, if you put it there yourself")
      }
      guard let target = ResolvedPath(next) else {
        throw MountError("\(origin): \(next) is a link that leads nowhere", hint: "mend it")
      }
      current = target.path
    }
    return current
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
