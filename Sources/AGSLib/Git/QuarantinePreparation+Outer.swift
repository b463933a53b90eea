internal import SystemPackage

/// Repositories the agent gets nothing of (`--here`), but whose git on the host enters what is
/// below the workspace: a `git status` further up looks into each of its submodules.
extension QuarantinePreparation {
  mutating func addOuter() throws {
    do {
      if let found = try Repository.find(from: request.root, userID: request.userID) {
        try addUnused(found)
      }
    } catch let error as RepositoryError {
      warnings.append("what is around \(request.root) is not protected: \(error.summary)")
    }
  }

  /// Submodules below the workspace, and theirs.
  private mutating func addUnused(_ repository: Repository) throws {
    guard repository.kind != .bare else { return }
    let format: GitObjectFormat?
    let index: [UInt8]
    do {
      let (own, shared) = (repository.gitDirectory, repository.commonDirectory)
      format = GitObjectFormat(try PrivateRepository.settings(open(shared), "config"))
      index = try open(own).read("index", limit: GitIndexFile.limit) ?? []
      let sources = try sources(shared, "config") + sources(own, "config.worktree")
      unused.append(
        GitExecutedPath.Tree(
          root: repository.root, sources: request.configurations + sources))
    } catch let error as GitDataError {
      // `--here` is what helps against a broken one: the session starts all the same.
      warnings.append("what \(repository.root) runs is not protected: \(error.summary)")
      return
    }
    guard let format else {
      warnings.append("submodules of \(repository.root) are not found")
      return
    }
    for place in gitlinks(index, format: format, root: repository.root)
    where place != request.root && place.starts(with: request.root) {
      try hide(place)
    }
  }

  private mutating func hide(_ place: FilePath) throws {
    guard let tree = look(at: place) else { return }
    let path = place.appending(".git")
    guard let marker = GitMarker(at: path) else { return try addUncloned(place, tree) }
    if marker.isDirectory {
      try addStandIn(path)
    } else if marker.isFile {
      hold(marker, of: place)
    } else {
      warnings.append("\(path) is no file or directory; the submodule is not protected")
      return
    }
    do {
      let inner = try Repository.find(from: place, userID: request.userID)
      if let inner, inner.root == place { try addUnused(inner) }
    } catch let error as RepositoryError {
      warnings.append("submodules of \(place) are not found: \(error.summary)")
    }
  }
}
