internal import SystemPackage

/// Paths in the workspace that the user's git runs or reads (11-git "Mounts").
extension QuarantinePreparation {
  mutating func addExecuted() throws {
    let trees = try trees()
    let unread = Set(trees.flatMap(\.sources).compactMap(\.unread))
    for path in unread.sorted(by: { $0.string < $1.string }) {
      warnings.append(
        "\(path) cannot be read, so what it makes your git run is not held in its place")
    }
    let found = GitExecutedPath.find(
      in: trees, and: held, below: request.root, covered: covered, home: request.home)
    for var path in found.paths {
      if path.isMissing {
        let standIn = directory.appending("executed-\(executed.count + 1)")
        if path.kind == .directory {
          try request.copier.makeDirectory(standIn)
        } else {
          try request.copier.write([], to: standIn)
        }
        path.standIn = standIn
        record.made.append(path.path)
      }
      executed.append(path)
    }
    for path in found.unprotected {
      warnings.append(
        "your git runs or reads \(path), which the agent can change: a link")
    }
  }

  /// Every work tree git goes to from the workspace's: submodules have settings of their own,
  /// and to the user's it is each one's own directory that a relative path is below.
  private func trees() throws -> [GitExecutedPath.Tree] {
    var trees = unused
    trees.append(GitExecutedPath.Tree(root: request.root, sources: request.configurations))
    for unit in record.repositories where ![.absent, .made, .hidden].contains(unit.kind) {
      let shared = try sources(unit.hostDirectory, "config")
      for worktree in unit.worktrees {
        let own = try sources(worktree.directory(in: unit.hostDirectory), "config.worktree")
        trees.append(
          GitExecutedPath.Tree(
            root: worktree.root ?? unit.root, sources: request.configurations + shared + own))
      }
    }
    return trees
  }

  func sources(
    _ directory: FilePath, _ name: FilePath.Component
  ) throws -> [GitExecutedPath.Source] {
    try GitExecutedPath.Source.of(open(directory), name, home: request.home)
  }

  /// Git directories, whose copies are mounted over them.
  private var covered: [FilePath] {
    let directories = record.hostDirectories.subtracting([request.root])
    return record.repositories.map { $0.root.appending(".git") } + directories
  }
}
