/// What in one git directory, file or link can make git run a program or read from
/// somewhere else, as digests: two that are equal are equally harmless (11-git "After" 2).
struct GitTraps: Sendable, Equatable, Codable {
  enum Kind: String, Sendable, Codable {
    /// A directory called `.git`, or one that git would take for a bare repository.
    case directory
    /// A file called `.git`, which leads to a git directory.
    case file
    case link
    /// A pipe or the like.
    case other
  }

  var kind: Kind
  /// By path below it, each of which can be moved away by itself: `config`,
  /// `hooks/post-commit`, `rebase-merge`. The own content of a file or link is under "".
  var parts: [String: String] = [:]

  /// The part a regular file belongs to, by its path below the git directory; nil for files
  /// that can do nothing.
  static func part(of path: String) -> String? {
    if files.contains(path) { return path }
    guard let slash = path.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
    let top = String(path[..<slash])
    if isWhole(top) { return top }
    // What was moved aside where it was means nothing to git.
    guard top == "hooks", !path.hasSuffix(".sample"),
      !path.hasPrefix("hooks/\(GitAside.besidePrefix)")
    else { return nil }
    return path.split(separator: "/").prefix(2).joined(separator: "/")
  }

  /// Whether a regular file right in that directory can be of a part.
  static func canHold(_ directory: String) -> Bool {
    let top = String(directory.prefix { $0 != "/" })
    return top == "hooks" || isWhole(top) || ["", "info", "objects/info"].contains(directory)
  }

  private static let files: Set<String> = [
    "config", "config.worktree", "commondir", "gitdir", "info/attributes", "info/grafts",
    "objects/info/alternates", "objects/info/http-alternates",
  ]

  /// Whether git has something of that name at the top of a git directory.
  static func isLayout(_ path: String) -> Bool {
    let top = String(path.prefix { $0 != "/" })
    return isWhole(top) || layout.contains(top)
      || top.utf8.allSatisfy { (0x41...0x5A).contains($0) || $0 == UInt8(ascii: "_") }
  }

  private static let layout: Set<String> = [
    "config", "config.worktree", "commondir", "gitdir", "hooks", "info", "objects", "refs",
    "logs", "worktrees", "modules", "lfs", "packed-refs", "index", "shallow", "description",
    "gc.log", "gc.pid",
  ]

  /// Directories that are one part: what is in them belongs together.
  static func isWhole(_ name: String) -> Bool {
    name.hasPrefix("rebase-") || ["sequencer", "remotes", "branches"].contains(name)
  }
}
