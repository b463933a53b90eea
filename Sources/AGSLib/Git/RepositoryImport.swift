internal import SystemPackage

/// The import of one repository.
struct RepositoryImport {
  var work: GitImport
  let position: Int
  /// What the agent wrote, read as data and nothing else.
  let inside: DataDirectory
  /// Made when an object is needed.
  var staging: ImportStaging?
  /// By index: paths that need not be in the work tree, each with a zero behind it.
  var skipped: [Int: [UInt8]] = [:]

  var unit: QuarantinedRepository {
    get { work.record.repositories[position] }
    set { work.record.repositories[position] = newValue }
  }

  var host: HostGit.Place { HostGit.Place(gitDirectory: unit.hostDirectory) }

  init(_ work: GitImport, position: Int, inside: DataDirectory) {
    self.work = work
    self.position = position
    self.inside = inside
  }

  mutating func run() async throws {
    work.removeStaging(of: unit)
    guard let hostDirectory = try DataDirectory.open(unit.hostDirectory) else {
      throw GitDataError("the git directory \(unit.hostDirectory) is gone")
    }
    let theirs = try GitReferences.read(inside)
    let isValid = try isRepository(theirs)
    if !isValid {
      work.lost(
        unit, inside.path.string, "it is not what git would have left, so nothing is deleted")
    }
    let plan = GitReferencePlan(
      before: unit.references, pending: unit.pending, inside: theirs,
      host: try GitReferences.read(hostDirectory),
      occupied: try OccupiedBranches.of(hostDirectory, except: unit.worktrees.map(\.name)),
      first: Self.branch(theirs.head), deletes: isValid)
    unit.references.objects.merge(plan.agreed) { $1 }
    var wanted = wanted(by: plan)
    let heads = try headMoves()
    for move in heads {
      if case .detached(let object) = move.new { wanted[Self.detached(move.index)] = object }
    }
    let stash = try newStash()
    for (index, entry) in stash.enumerated() { wanted[Self.stash(index)] = entry.object }
    let indexes = try changedIndexes()
    let known = try await fetch(wanted, indexes)
    try await apply(plan, known)
    for move in heads { try await apply(move, known) }
    for index in indexes { try await apply(index, known) }
    try await store(stash, known)
    try await takeBranchConfiguration(deleted: plan.deletions.map(\.name))
    try takeLargeFiles()
    try reportUnfinished(theirs)
    try await removeTemporary(in: hostDirectory)
    unit.pending = [:]
    if !plan.isEmpty || !plan.agreed.isEmpty || !heads.isEmpty || !stash.isEmpty || !indexes.isEmpty
    {
      try work.record.write(in: work.directory)
    }
  }

  /// What git asks of a git directory.
  private func isRepository(_ theirs: GitReferences) throws -> Bool {
    guard try inside.directory("objects") != nil, try inside.directory("refs") != nil else {
      return false
    }
    // With what git would not take among them, some may only seem to be missing.
    return theirs.head != nil && theirs.oddities <= unit.references.oddities
  }

  static func branch(_ head: GitHead?) -> GitReferenceName? {
    guard case .symbolic(let name) = head, name.dropping("refs/heads/") != nil else { return nil }
    return name
  }

  /// Names in the staging repository; `refs/` becomes `refs/ags/<session>/tmp/` on the host.
  static func detached(_ index: Int) -> GitReferenceName {
    GitReferenceName("refs/detached/\(index)")!
  }

  static func stash(_ index: Int) -> GitReferenceName {
    GitReferenceName("refs/stashed/\(index)")!
  }

  static func index(_ index: Int) -> GitReferenceName {
    GitReferenceName("refs/index/\(index)")!
  }

  /// Where names of ours are on the host.
  var space: String { "refs/ags/\(work.record.session)/" }

  /// The host's name for what was fetched, until the import ends.
  func temporary(_ name: GitReferenceName) -> String {
    "\(space)tmp/\(name.text.dropFirst("refs/".count))"
  }

  private func wanted(by plan: GitReferencePlan) -> [GitReferenceName: GitObjectID] {
    var wanted: [GitReferenceName: GitObjectID] = [:]
    for update in plan.updates { wanted[update.name] = update.new }
    for kept in plan.kept { wanted[kept.name] = kept.object }
    return wanted
  }

  /// Deletes what was fetched under names of ours, also by an import that was killed. What is
  /// kept has another name, which is the user's to delete: a report promised it.
  func removeTemporary(in host: DataDirectory) async throws {
    let prefix = "\(space)tmp/"
    let going = try GitReferences.read(host).objects.keys.map(\.text).filter {
      $0.hasPrefix(prefix)
    }
    guard !going.isEmpty else { return }
    let input = going.map { "delete \($0)\0\0" }.joined()
    try await work.git.run(
      ["update-ref", "--stdin", "-z"], in: self.host, input: Array(input.utf8))
  }

  private mutating func reportUnfinished(_ theirs: GitReferences) throws {
    for worktree in unit.worktrees {
      let own = worktree.directory(in: unit.privateDirectory)
      guard let directory = try DataDirectory.open(own) else { continue }
      for name in PrivateRepository.unfinished where !worktree.unfinished.contains(name.string) {
        guard try directory.facts(name) != nil else { continue }
        work.notTaken(
          unit, name.string, "what was begun inside is not finished; the files are as it left them"
        )
      }
      try reportEnded(worktree, inside: directory)
    }
    for worktree in try reportAdded(
      "worktrees", "worktree", "add it again here, with git worktree add")
    {
      guard case .detached(let object) = try GitReferences.head(of: worktree),
        !theirs.objects.values.contains(object)
      else { continue }
      work.losesWork = true
    }
    let modules = try reportAdded(
      "modules", "submodule", "add it again here, with git submodule update --init")
    if !modules.isEmpty { work.losesWork = true }
  }

  /// Of what the host had begun nothing is removed here: it has more than its index and HEAD.
  private mutating func reportEnded(
    _ worktree: QuarantinedWorktree, inside: DataDirectory
  ) throws {
    let host = try DataDirectory.open(worktree.directory(in: unit.hostDirectory))
    for name in PrivateRepository.unfinished where worktree.unfinished.contains(name.string) {
      guard try inside.facts(name) == nil, try host?.facts(name) != nil else { continue }
      let root = worktree.root ?? unit.root
      work.notTaken(
        unit, name.string, "it is over inside, and still under way here",
        command: ["git", "-C", root.string] + Self.ending(name))
    }
  }

  private static func ending(_ name: FilePath.Component) -> [String] {
    switch name {
    case "MERGE_HEAD": ["merge", "--quit"]
    case "CHERRY_PICK_HEAD": ["cherry-pick", "--quit"]
    case "REVERT_HEAD": ["revert", "--quit"]
    case "rebase-merge", "rebase-apply": ["rebase", "--quit"]
    default: ["status"]
    }
  }

  /// Git directories of the agent's own in its copy, which are not the host's.
  /// - Returns: them.
  private mutating func reportAdded(
    _ name: FilePath.Component, _ what: String, _ advice: String
  ) throws -> [DataDirectory] {
    guard let theirs = try inside.directory(name) else { return [] }
    var added: [DataDirectory] = []
    let ours = try DataDirectory.open(unit.hostDirectory)?.directory(name)
    for entry in try theirs.entries(limit: 10_000) where entry.kind == .directory {
      guard try ours?.facts(entry.name) == nil else { continue }
      work.notTaken(unit, "\(what) \(entry.name.string)", advice)
      if let directory = try theirs.directory(entry.name) { added.append(directory) }
    }
    return added
  }
}
