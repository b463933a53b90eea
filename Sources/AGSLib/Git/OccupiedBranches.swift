internal import SystemPackage

/// Branches that work trees outside the workspace have checked out: an import does not move
/// them under anybody's feet.
enum OccupiedBranches {
  /// - Parameter own: the worktrees inside the workspace, nil for the repository's own.
  static func of(
    _ host: DataDirectory, except own: [String?]
  ) throws(GitDataError) -> Set<GitReferenceName> {
    var occupied: Set<GitReferenceName> = []
    if !own.contains(nil), try !isBare(host) { try add(host, to: &occupied) }
    guard let worktrees = try host.directory("worktrees") else { return occupied }
    for entry in try worktrees.entries(limit: 10_000) where !own.contains(entry.name.string) {
      guard let directory = try worktrees.directory(entry.name) else { continue }
      try add(directory, to: &occupied)
    }
    return occupied
  }

  private static func isBare(_ host: DataDirectory) throws(GitDataError) -> Bool {
    let config = GitConfigFile(try host.read("config", limit: 16 << 20) ?? [])
    return ["true", "yes", "on", "1"].contains(config.value("bare", in: "core")?.lowercased())
  }

  private static func add(
    _ directory: DataDirectory, to occupied: inout Set<GitReferenceName>
  ) throws(GitDataError) {
    if case .symbolic(let name) = try GitReferences.head(of: directory) { occupied.insert(name) }
    // A rebase detaches HEAD and comes back to its branch.
    for name in ["rebase-merge", "rebase-apply"] as [FilePath.Component] {
      let rebase = try directory.directory(name)
      guard let line = try rebase?.read("head-name", limit: 4096) else { continue }
      let text = String(decoding: line.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
      if let name = GitReferenceName(text) { occupied.insert(name) }
    }
  }
}
