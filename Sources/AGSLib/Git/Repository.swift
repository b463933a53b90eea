internal import CPosix
internal import Glibc
public import SystemPackage

/// A `.git` that does not belong to the directory it was found in, or cannot be read.
public struct RepositoryError: DescribedError, Equatable {
  public var summary: String
  public var hint: String?
}

/// A git work tree found without starting git (3-run "Mounts" 1 and 2).
public struct Repository: Sendable, Equatable {
  public enum Kind: String, Sendable, Equatable {
    case plain
    case linkedWorktree
    case submodule
    /// Without a work tree: all of it is the git directory.
    case bare
  }

  /// The work tree's own root, links resolved; of a bare repository that itself.
  public var root: FilePath
  public var kind: Kind
  /// The git directory of this work tree.
  public var gitDirectory: FilePath
  /// Where objects and refs are: for a linked worktree its repository's git directory.
  public var commonDirectory: FilePath

  /// The directory a container's name is made from: the parent repository's for a
  /// linked worktree, and what holds a hidden one such as `.git` or `.bare`.
  public var namingDirectory: FilePath {
    guard kind == .linkedWorktree else { return root }
    let isHidden = commonDirectory.lastComponent?.string.hasPrefix(".") ?? false
    return isHidden ? commonDirectory.removingLastComponent() : commonDirectory
  }

  /// Walks up from `directory` to the nearest `.git` that git would take, or the nearest
  /// bare repository.
  /// - Returns: nil outside any repository.
  /// - Throws: when a `.git` file leads somewhere that does not point back: an agent
  ///   can plant such a file to have another repository mounted (6-security 10). When the
  ///   repository is neither the user's nor root's: anybody can put one into `/tmp`. Root
  ///   works for whoever owns the directory it stands in.
  /// - Parameter userID: whose repositories are taken.
  public static func find(
    from directory: FilePath, userID: UInt32
  ) throws(RepositoryError) -> Repository? {
    guard let resolved = ResolvedPath(directory) else { return nil }
    let owners: Set<UInt32> = [0, userID == 0 ? resolved.owner : userID]
    var candidate = resolved.path
    while true {
      if let found = try at(candidate, owners) { return found }
      guard candidate.lastComponent != nil else { return nil }
      candidate = candidate.removingLastComponent()
    }
  }

  private static func at(
    _ root: FilePath, _ owners: Set<UInt32>
  ) throws(RepositoryError) -> Repository? {
    let marker = root.appending(".git")
    var facts = stat()
    guard lstat(marker.string, &facts) == 0 else { return try bare(root, owners) }
    switch facts.st_mode & S_IFMT {
    case S_IFDIR:
      guard isGitDirectory(marker) else { return try bare(root, owners) }
      guard !isPlaceholder(marker) else { return nil }
      try checkOwner([root, marker], owners)
      return Repository(
        root: root, kind: .plain, gitDirectory: marker, commonDirectory: marker)
    case S_IFREG:
      try checkOwner([root, marker], owners)
      let found = try fromFile(marker, root: root)
      try checkOwner([found.gitDirectory, found.commonDirectory], owners)
      return found
    default:
      throw RepositoryError(
        summary: "\(marker) is neither a directory nor a file",
        hint: "ags does not follow a link in its place; --here mounts the directory without git")
    }
  }

  /// `.git` itself belongs to the directory it is in, and a submodule's to its work tree.
  private static func bare(
    _ root: FilePath, _ owners: Set<UInt32>
  ) throws(RepositoryError) -> Repository? {
    guard root.lastComponent != ".git", isGitDirectory(root),
      let value = GitConfigFile.value("bare", in: "core", of: root.appending("config")),
      ["true", "yes", "on", "1"].contains(value.lowercased())
    else { return nil }
    try checkOwner([root], owners)
    return Repository(root: root, kind: .bare, gitDirectory: root, commonDirectory: root)
  }

  private static func checkOwner(
    _ paths: [FilePath], _ owners: Set<UInt32>
  ) throws(RepositoryError) {
    for path in paths {
      guard let found = ResolvedPath(path), !owners.contains(found.owner) else { continue }
      throw RepositoryError(
        summary: "\(path) belongs to uid \(found.owner), so its repository is not used",
        hint: "--here mounts the directory without git")
    }
  }

  private static func fromFile(
    _ marker: FilePath, root: FilePath
  ) throws(RepositoryError) -> Repository {
    let prefix = "gitdir:"
    guard let line = SmallFile.firstLine(marker), line.hasPrefix(prefix) else {
      throw RepositoryError(
        summary: "\(marker) is not a git file: its first line must be \"gitdir: PATH\"",
        hint: "--here mounts the directory without git")
    }
    let named = line.dropFirst(prefix.count).drop { $0 == " " }
    let path = root.pushing(FilePath(String(named))).lexicallyNormalized()
    // As the kernel goes, not as the text reads: a link may come before "..".
    guard let target = ResolvedPath(root.pushing(FilePath(String(named)))),
      target.kind == .directory
    else {
      throw RepositoryError(
        summary: "\(marker) leads to \(path), which is not there",
        hint: "was the parent repository moved? try git worktree repair there, or use --here")
    }
    let git = target.path
    if let back = SmallFile.firstLine(git.appending("gitdir")) {
      let common = SmallFile.firstLine(git.appending("commondir")).flatMap {
        ResolvedPath(git.pushing(FilePath($0)))?.path
      }
      if let common, isGitDirectory(common),
        git.removingLastComponent() == common.appending("worktrees"),
        points(FilePath(back), from: git, to: marker)
      {
        return Repository(
          root: root, kind: .linkedWorktree, gitDirectory: git, commonDirectory: common)
      }
    } else if isGitDirectory(git),
      let tree = GitConfigFile.value("worktree", in: "core", of: git.appending("config")),
      ResolvedPath(git.pushing(FilePath(tree)))?.path == root
    {
      return Repository(root: root, kind: .submodule, gitDirectory: git, commonDirectory: git)
    } else if isGitDirectory(git), git != root, git.starts(with: root) {
      // All of it is in the workspace (`gitdir: ./.bare`): nothing else is mounted for it.
      return Repository(root: root, kind: .plain, gitDirectory: git, commonDirectory: git)
    }
    throw RepositoryError(
      summary: "\(marker) leads to \(git), which does not point back to \(root)",
      hint: "git worktree repair mends a moved worktree; --here mounts the directory without git")
  }

  private static func points(_ back: FilePath, from git: FilePath, to marker: FilePath) -> Bool {
    let path = git.pushing(back)
    guard path.lastComponent == marker.lastComponent,
      let parent = ResolvedPath(path.removingLastComponent())
    else { return false }
    return parent.path == marker.removingLastComponent()
  }

  /// A session works here, and there is no repository.
  private static func isPlaceholder(_ path: FilePath) -> Bool {
    do {
      return try GitPlaceholder.isOne(at: path)
    } catch {
      // It is the repository's own then; whoever reads it says what is wrong.
      return false
    }
  }

  /// What git itself asks of a git directory.
  private static func isGitDirectory(_ path: FilePath) -> Bool {
    var facts = stat()
    return lstat(path.appending("HEAD").string, &facts) == 0
      && ResolvedPath(path.appending("objects"))?.kind == .directory
      && ResolvedPath(path.appending("refs"))?.kind == .directory
  }
}
