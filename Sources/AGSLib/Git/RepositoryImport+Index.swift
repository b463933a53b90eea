internal import SystemPackage

/// The index of every work tree inside the workspace, by what it has and not by its bytes:
/// `git status` alone writes it anew.
extension RepositoryImport {
  struct ChangedIndex {
    /// Of the work tree in the record.
    var position: Int
    var theirs: GitIndexFile
    /// The file it was read from.
    var bytes: [UInt8]
    /// Why it is left.
    var refusal: String?
  }

  /// Those that were changed inside, and have not been taken over yet.
  mutating func changedIndexes() throws -> [ChangedIndex] {
    guard work.isHarmless else { return [] }
    var changed: [ChangedIndex] = []
    for (position, worktree) in unit.worktrees.enumerated() where worktree.root != nil {
      let own = try DataDirectory.open(worktree.directory(in: unit.privateDirectory))
      let before = try remembered(worktree)
      guard let bytes = try own?.read("index", limit: GitIndexFile.limit), bytes != before else {
        continue
      }
      do {
        let theirs = try GitIndexFile(bytes, format: unit.format)
        let old = try GitIndexFile(before, format: unit.format)
        if theirs == old { continue }
        let ours = try GitIndexFile(hostIndex(worktree), format: unit.format)
        if ours == theirs {
          try remember(bytes, for: position)
          continue
        }
        var index = ChangedIndex(position: position, theirs: theirs, bytes: bytes)
        if ours != old {
          index.refusal = "it was changed on both sides"
        } else if theirs.isConflicted {
          index.refusal = "it has conflicts"
        }
        if let refusal = index.refusal { work.notTaken(unit, "the index", refusal) }
        changed.append(index)
      } catch {
        work.lost(unit, "the index", GitImport.reason(error))
      }
    }
    return changed
  }

  /// The path of a commit of another repository that was not there before. While the agent
  /// works nobody has looked at that repository, and git of the user's would run in it.
  func plantedLink(_ index: GitIndexFile, _ changed: ChangedIndex) throws -> String? {
    guard work.moment == .duringSession else { return nil }
    let worktree = unit.worktrees[changed.position]
    let before = try GitIndexFile.gitlinks(remembered(worktree), format: unit.format)
    let known = Set(before)
    let roots = Set(work.record.repositories.map(\.root))
    for entry in index.entries where entry.isGitlink && !known.contains(entry.path) {
      let path = String(decoding: entry.path, as: UTF8.self)
      if let root = worktree.root, roots.contains(root.appending(path)) { continue }
      return path
    }
    return nil
  }

  mutating func apply(
    _ index: ChangedIndex, _ known: [GitReferenceName: GitObjectID]
  ) async throws {
    guard index.refusal == nil, let tree = known[Self.index(index.position)] else { return }
    let worktree = unit.worktrees[index.position]
    let own = worktree.directory(in: unit.hostDirectory)
    let present = try hostIndex(worktree)
    guard
      try GitIndexFile(present, format: unit.format)
        == GitIndexFile(remembered(worktree), format: unit.format)
    else { return work.notTaken(unit, "the index", "it was changed on both sides") }
    let new = try await build(index, from: present, tree: tree, in: own)
    let replacement = IndexReplacement(directory: own, session: work.record.session)
    guard try replacement.replace(present, with: new) else {
      throw GitDataError(
        "\(own)/index is being changed by another git", hint: "end it and start again")
    }
    try remember(index.bytes, for: index.position)
    let added = index.theirs.entries.filter(\.isIntentToAdd).count
    if added > 0 {
      work.notTaken(unit, "the intent to add \(added) files", "the index has them no longer")
    }
    work.report.imported.append(
      GitImportReport.Imported(
        repository: unit.root.string, subject: .index, name: worktree.root?.string ?? "",
        change: .moved))
  }

  /// The host's index with the tree read into it: what is the same keeps its times, so that
  /// only what changed is looked at.
  private func build(
    _ index: ChangedIndex, from present: [UInt8], tree: GitObjectID, in own: FilePath
  ) async throws -> [UInt8] {
    let file = work.directory.appending("\(unit.name).staging/new-index-\(index.position)")
    // git reads no tree into an index with conflicts: what they were is over inside.
    let isBuiltOn = try !present.isEmpty && !GitIndexFile(present, format: unit.format).isConflicted
    if isBuiltOn { try DataCopy().write(present, to: file) }
    var place = HostGit.Place(gitDirectory: own, workTree: unit.worktrees[index.position].root)
    place.index = file
    let settings = ["core.splitIndex=false"]
    // git knows the empty tree without having it, and so does not fetch it.
    if index.theirs.entries.isEmpty { try await work.git.run(["mktree"], in: host) }
    let reading =
      index.theirs.entries.isEmpty
      ? ["--empty"] : isBuiltOn ? ["-i", "-m", tree.text] : [tree.text]
    try await work.git.run(["read-tree"] + reading, in: place, settings: settings)
    if let skipped = skipped[index.position], !skipped.isEmpty {
      try await work.git.run(
        ["update-index", "-z", "--skip-worktree", "--stdin"], in: place, input: skipped,
        settings: settings)
    }
    do {
      try await work.git.run(
        ["update-index", "-q", "--refresh"], in: place,
        settings: settings + filtersOff(place))
    } catch let error as GitCommandFailure where error.status == .exited(1) {
      // There are changes in the work tree: that is what it says so with.
    }
    guard let directory = try DataDirectory.open(file.removingLastComponent()),
      let name = file.lastComponent,
      let bytes = try directory.read(name, limit: GitIndexFile.limit)
    else { throw GitDataError("git wrote no index") }
    return bytes
  }

  /// Which files go through the user's filters is said in the work tree, by the agent too.
  private func filtersOff(_ place: HostGit.Place) async throws -> [String] {
    let output: [UInt8]
    do {
      // With what the configuration includes.
      output = try await work.git.run(
        ["config", "--null", "--name-only", "--get-regexp", "^filter\\."], in: place)
    } catch let error as GitCommandFailure where error.status == .exited(1) {
      return []
    }
    let names = Set(
      output.split(separator: 0).map { key in
        let end = key.lastIndex(of: UInt8(ascii: ".")) ?? key.endIndex
        return key[..<end].dropFirst("filter.".utf8.count)
      })
    return names.map { String(decoding: $0, as: UTF8.self) }.sorted().flatMap { name in
      ["clean=", "smudge=", "process=", "required=false"].map { "filter.\(name).\($0)" }
    }
  }

  private func hostIndex(_ worktree: QuarantinedWorktree) throws -> [UInt8] {
    let own = try DataDirectory.open(worktree.directory(in: unit.hostDirectory))
    return try own?.read("index", limit: GitIndexFile.limit) ?? []
  }

  private func remembered(_ worktree: QuarantinedWorktree) throws -> [UInt8] {
    guard let file = worktree.index else { return [] }
    return try RegularFile.read(file, limit: GitIndexFile.limit, links: .refused) ?? []
  }

  private mutating func remember(_ bytes: [UInt8], for position: Int) throws {
    let file = work.directory.appending("\(unit.name)-\(position).index")
    try RegularFile.write(bytes, to: file, existing: .replaced)
    unit.worktrees[position].index = file
  }
}
