internal import SystemPackage

/// HEAD of every work tree inside the workspace.
extension RepositoryImport {
  struct HeadMove: Equatable {
    /// Of the work tree in the record.
    var index: Int
    var old: GitHead?
    var new: GitHead
  }

  /// Where HEAD was moved inside and not on the host.
  mutating func headMoves() throws -> [HeadMove] {
    var moves: [HeadMove] = []
    for (index, worktree) in unit.worktrees.enumerated() {
      guard let theirs = try head(worktree.directory(in: unit.privateDirectory)),
        theirs != worktree.head
      else { continue }
      let ours = try head(worktree.directory(in: unit.hostDirectory))
      if ours == theirs {
        unit.worktrees[index].head = theirs
      } else if ours != worktree.head {
        refuse(theirs, "HEAD was moved on both sides", command: Self.look(theirs, unit))
      } else {
        moves.append(HeadMove(index: index, old: ours, new: theirs))
      }
    }
    return moves
  }

  mutating func apply(
    _ move: HeadMove, _ known: [GitReferenceName: GitObjectID]
  ) async throws {
    let own = unit.worktrees[move.index].directory(in: unit.hostDirectory)
    let place = HostGit.Place(gitDirectory: own)
    let message = "ags: session \(work.record.session)"
    guard try head(own) == move.old else {
      return refuse(move.new, "HEAD was moved on both sides")
    }
    switch move.new {
    case .symbolic(let name):
      guard Self.branch(move.new) != nil, try isSame(name) else {
        return work.notTaken(
          unit, Self.words(move.new), "the branch here is not the one inside",
          command: Self.look(move.new, unit))
      }
      try await work.git.run(["symbolic-ref", "-m", message, "HEAD", name.text], in: place)
    case .detached(let object):
      // Refused with its reason when it was fetched.
      guard known[Self.detached(move.index)] == object else { return }
      try await work.git.run(
        ["update-ref", "--no-deref", "-m", message, "HEAD", object.text], in: place)
    }
    unit.worktrees[move.index].head = move.new
    work.report.imported.append(
      GitImportReport.Imported(
        repository: unit.root.string, subject: .head, name: Self.words(move.new), change: .moved))
  }

  /// What a detached HEAD is at may have no other name.
  private mutating func refuse(_ head: GitHead, _ reason: String, command: [String]? = nil) {
    if case .detached = head {
      work.lost(unit, Self.words(head), reason)
    } else {
      work.notTaken(unit, Self.words(head), reason, command: command)
    }
  }

  /// Whether the host's branch has the value it has inside, and is nobody else's.
  private func isSame(_ name: GitReferenceName) throws -> Bool {
    guard let host = try DataDirectory.open(unit.hostDirectory) else { return false }
    let occupied = try OccupiedBranches.of(host, except: unit.worktrees.map(\.name))
    return try !occupied.contains(name)
      && GitReferences.read(host).objects[name] == GitReferences.read(inside).objects[name]
  }

  private func head(_ path: FilePath) throws -> GitHead? {
    try DataDirectory.open(path).flatMap { try GitReferences.head(of: $0) }
  }

  private static func words(_ head: GitHead) -> String {
    switch head {
    case .symbolic(let name): "HEAD on \(name)"
    case .detached(let object): "HEAD at \(object)"
    }
  }

  private static func look(_ head: GitHead, _ unit: QuarantinedRepository) -> [String]? {
    guard case .symbolic(let name) = head, let branch = name.dropping("refs/heads/") else {
      return nil
    }
    return ["git", "-C", unit.root.string, "checkout", branch]
  }
}
