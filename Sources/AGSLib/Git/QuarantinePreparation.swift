internal import CPosix
internal import Glibc
internal import SystemPackage

/// Makes the private git directories of one session.
struct QuarantinePreparation {
  let request: GitQuarantine.Request
  let directory: FilePath
  var record: QuarantineRecord
  var executed: [GitExecutedPath] = []
  /// `.git` files that stay as they are, and where they lead.
  var held: [FilePath: MountKind] = [:]
  /// Work trees the agent gets no git for, and which the host's git looks at.
  var unused: [GitExecutedPath.Tree] = []
  var warnings: [String] = []

  init(_ request: GitQuarantine.Request, directory: FilePath) {
    self.request = request
    self.directory = directory
    record = QuarantineRecord(
      session: request.session, root: request.root, repositories: [],
      isDiscarded: request.isDiscarded)
  }

  mutating func prepare() throws {
    if let repository = request.repository {
      try addMain(repository)
    } else {
      try addAbsent()
      try addOuter()
    }
    record.nested = try NestedRepositories.scan(
      [request.root] + request.addedDirectories, skipping: record.hostDirectories)
    warnings += record.nested.warnings(outside: request.root)
    try addUntrackedSubmodules()
    try addExecuted()
    for path in record.nested.unreadable {
      warnings.append("\(path) cannot be read, so no repository in it is found")
    }
  }

  private mutating func addMain(_ repository: Repository) throws {
    let host = repository.commonDirectory
    let source = try open(host)
    let target = directory.appending("main")
    let guest = request.guestObjects.appending("main")
    var copy = try PrivateRepository(
      of: source, at: target, borrowingFrom: guest, by: request.copier)
    record.repositories.append(
      QuarantinedRepository(
        kind: .workspace, name: "main", root: repository.root, hostDirectory: host,
        privateDirectory: target, format: copy.format,
        marker: repository.kind == .bare
          ? nil : GitMarker(at: repository.root.appending(".git"))))
    let own = repository.kind == .linkedWorktree ? repository.gitDirectory.lastComponent : nil
    for worktree in try worktrees(of: source) {
      // Those inside the workspace are the agent's to work on.
      let isWhole =
        worktree.name == own
        || worktree.root.map { $0 != request.root && $0.starts(with: request.root) } ?? false
      try copy.addWorktree(worktree.name, isWhole: isWhole)
      guard isWhole, let root = worktree.name == own ? repository.root : worktree.root else {
        continue
      }
      try addWorktree(worktree.name, root: root, of: source, to: 0)
    }
    if repository.kind != .linkedWorktree {
      try addWorktree(
        nil, root: repository.kind == .bare ? nil : repository.root, of: source, to: 0)
    }
    try finish(0, copy)
  }

  /// A `.git` where there is none, so that the agent cannot make one on the host
  /// (`GitPlaceholder`). One that is there, and not used, is covered.
  private mutating func addAbsent() throws {
    let host = request.root.appending(".git")
    let target = directory.appending("main")
    let before = GitMarker(at: host)
    try request.copier.makeDirectory(target)
    if before == nil {
      try request.copier.makeDirectory(host)
      record.made.append(host)
      if request.isRehearsal { return addAbsent(host, target, nil, .absent) }
    }
    guard let marker = GitMarker(at: host), marker.isDirectory || marker.isFile else {
      throw GitDataError(
        "\(host) is neither a directory nor a file", hint: "remove it, or work elsewhere")
    }
    if marker.isFile { try request.keeper.write([], to: directory.appending("main.file")) }
    guard marker.isDirectory, let found = try DataDirectory.open(host) else {
      return addAbsent(host, target, marker, .hidden)
    }
    let isPlaceholder = try GitPlaceholder.isOne(found)
    // Of another session, or left by a crash: in either case the last one removes it.
    if isPlaceholder, !record.made.contains(host) { record.made.append(host) }
    let isEmpty = try isPlaceholder || found.entries(limit: 1_000).isEmpty
    addAbsent(host, target, marker, isEmpty ? .absent : .hidden)
  }

  /// Only when the record is written, which tells that it is ours.
  func fillPlaceholder() throws {
    for unit in record.repositories
    where unit.kind == .absent && record.made.contains(unit.hostDirectory) {
      try GitPlaceholder.fill(unit.hostDirectory, by: request.copier)
    }
  }

  private mutating func addAbsent(
    _ host: FilePath, _ target: FilePath, _ marker: GitMarker?,
    _ kind: QuarantinedRepository.Kind
  ) {
    record.repositories.append(
      QuarantinedRepository(
        kind: kind, name: "main", root: request.root, hostDirectory: host,
        privateDirectory: target, format: .sha1, marker: marker))
  }

  func open(_ path: FilePath) throws -> DataDirectory {
    guard let found = try DataDirectory.open(path) else {
      throw GitDataError("the git directory \(path) is gone")
    }
    return found
  }

  /// The linked worktrees of a repository, with their work trees where those point back.
  private func worktrees(
    of host: DataDirectory
  ) throws -> [(name: FilePath.Component, root: FilePath?)] {
    guard let directory = try host.directory("worktrees") else { return [] }
    return try directory.entries(limit: 10_000).compactMap { entry in
      guard entry.kind == .directory, String(validating: entry.name) != nil else { return nil }
      let own = directory.path.appending(entry.name)
      let root = SmallFile.firstLine(own.appending("gitdir")).map {
        own.pushing(FilePath($0)).lexicallyNormalized().removingLastComponent()
      }
      let marker = root.flatMap { SmallFile.firstLine($0.appending(".git")) }
      let target = marker.flatMap { line -> FilePath? in
        guard let root, line.hasPrefix("gitdir:") else { return nil }
        let named = String(line.dropFirst(7).drop { $0 == " " })
        return ResolvedPath(root.pushing(FilePath(named)).lexicallyNormalized())?.path
      }
      return (entry.name, target == own ? root : nil)
    }
  }

  /// Remembers a work tree whose HEAD and index will be taken over, and finds the
  /// submodules its index has.
  mutating func addWorktree(
    _ name: FilePath.Component?, root: FilePath?, of host: DataDirectory,
    to position: Int
  ) throws {
    let worktrees = try name.flatMap { _ in try host.directory("worktrees") }
    guard let own = try name.map({ try worktrees?.directory($0) }) ?? host else { return }
    var worktree = QuarantinedWorktree(name: name?.string, root: root)
    worktree.head = try GitReferences.head(of: own)
    worktree.marker = root.flatMap { GitMarker(at: $0.appending(".git")) }
    for file in PrivateRepository.unfinished where try own.facts(file) != nil {
      worktree.unfinished.append(file.string)
    }
    let unit = record.repositories[position]
    guard let root else {
      record.repositories[position].worktrees.append(worktree)
      return
    }
    let index = try own.read("index", limit: GitIndexFile.limit) ?? []
    let kept = directory.appending("\(unit.name)-\(unit.worktrees.count).index")
    try request.keeper.write(index, to: kept)
    worktree.index = kept
    record.repositories[position].worktrees.append(worktree)
    try addGitlinks(index, format: unit.format, root: root)
  }

  /// Remembers the rest of what every copied repository has.
  mutating func finish(_ position: Int, _ copy: PrivateRepository) throws {
    var unit = record.repositories[position]
    unit.references = copy.references
    unit.configuration = String(decoding: copy.configuration, as: UTF8.self)
    unit.stash = try GitReflog.stash(of: copy.host).entries.map(\.object)
    let borrowed = GitAlternates.of(copy.host.path.appending("objects"))
    unit.alternates = borrowed.directories
    if borrowed.hasRelative {
      let file = directory.appending("\(unit.name).alternates")
      let lines = borrowed.directories.map { $0.string + "\n" }.joined()
      try request.keeper.write(Array(lines.utf8), to: file)
      unit.alternatesFile = file
    }
    record.repositories[position] = unit
    for path in copy.copy.skipped {
      warnings.append("\(path) is no file or directory, and is not copied for the agent")
    }
    if unit.references.oddities > 0 {
      warnings.append(
        "\(copy.host.path) has \(unit.references.oddities) references that git would not take")
    }
  }
}

extension QuarantineRecord {
  /// The git directories no agent could write in this session.
  var hostDirectories: Set<FilePath> { Set(repositories.map(\.hostDirectory)) }
}
