internal import SystemPackage

/// Objects and references.
extension RepositoryImport {
  /// How many references are tried one by one when all together cannot be fetched.
  private static let singleLimit = 64

  /// Brings `wanted`, and a tree for each index, into the host's repository under names of
  /// ours, checked as if they came from a stranger.
  /// - Returns: what is there now, by its name in the staging repository.
  mutating func fetch(
    _ wanted: [GitReferenceName: GitObjectID], _ indexes: [ChangedIndex]
  ) async throws -> [GitReferenceName: GitObjectID] {
    let takesIndex = indexes.contains { $0.refusal == nil }
    guard !wanted.isEmpty || takesIndex else { return [:] }
    let staging = try await ImportStaging.make(
      at: work.directory.appending("\(unit.name).staging"), of: unit, from: inside,
      git: work.git)
    self.staging = staging
    for pack in staging.brokenPacks {
      work.lost(unit, "a pack of objects", pack)
    }
    if staging.skipped > 0 {
      work.lost(unit, "\(staging.skipped) objects", "they are too large, mostly empty, or no files")
    }
    var sound = try await sound(wanted, in: staging)
    for index in indexes where index.refusal == nil {
      do {
        let full = try await staging.expanded(index.theirs)
        if let path = try plantedLink(full, index) {
          work.notTaken(
            unit, "the index", "\(path) is a repository in it, which waits for the session's end")
          continue
        }
        sound[Self.index(index.position)] = try await staging.tree(
          of: full, named: "index-\(index.position)")
        skipped[index.position] = full.skippedPaths
      } catch {
        work.lost(unit, "the index", GitImport.reason(error))
      }
    }
    guard !sound.isEmpty else { return [:] }
    try staging.name(sound)
    if let directory = try DataDirectory.open(unit.hostDirectory) {
      // Names that were left could be in the way of these.
      try await removeTemporary(in: directory)
    }
    do {
      try await fetch(["+refs/*:\(space)tmp/*"], from: staging)
      return try arrived(sound)
    } catch is GitCommandFailure {
      // One that is broken must not keep the others away.
      return try await fetchSingly(sound, from: staging)
    }
  }

  /// Without those whose object is not there or of the wrong kind.
  private mutating func sound(
    _ wanted: [GitReferenceName: GitObjectID], in staging: ImportStaging
  ) async throws -> [GitReferenceName: GitObjectID] {
    let types = try await staging.types(of: Set(wanted.values))
    var sound: [GitReferenceName: GitObjectID] = [:]
    for (name, object) in wanted.sorted(by: { $0.key < $1.key }) {
      if types[object] == "commit" || types[object] != nil && name.dropping("refs/tags/") != nil {
        sound[name] = object
      } else {
        let reason = types[object].map { "it is a \($0) and no commit" }
        work.lost(unit, name.text, reason ?? "its object \(object) is missing")
      }
    }
    return sound
  }

  private mutating func fetchSingly(
    _ sound: [GitReferenceName: GitObjectID], from staging: ImportStaging
  ) async throws -> [GitReferenceName: GitObjectID] {
    var fetched: [GitReferenceName: GitObjectID] = [:]
    for (number, (name, object)) in sound.sorted(by: { $0.key < $1.key }).enumerated() {
      guard number < Self.singleLimit else {
        work.lost(
          unit, "\(sound.count - number) more references",
          "one of them is broken, and they are too many to be tried one by one")
        break
      }
      do {
        try await fetch(["+\(name):\(temporary(name))"], from: staging)
        fetched[name] = object
      } catch let error as GitCommandFailure {
        work.lost(unit, name.text, error.cause ?? error.summary)
      }
    }
    return try arrived(fetched)
  }

  /// Without those for which the host's history would have to end somewhere: git leaves them
  /// out with a warning.
  private mutating func arrived(
    _ fetched: [GitReferenceName: GitObjectID]
  ) throws -> [GitReferenceName: GitObjectID] {
    guard let directory = try DataDirectory.open(unit.hostDirectory) else { return [:] }
    let there = try GitReferences.read(directory).objects
    var arrived = fetched
    for (name, object) in fetched.sorted(by: { $0.key < $1.key })
    where GitReferenceName(temporary(name)).flatMap({ there[$0] }) != object {
      arrived[name] = nil
      work.lost(
        unit, name.text,
        "a shallow fetch cut off its history, and this repository does not have the rest")
    }
    return arrived
  }

  private func fetch(_ specifications: [String], from staging: ImportStaging) async throws {
    try await work.git.run(
      [
        "fetch", "--quiet", "--no-tags", "--no-prune", "--no-prune-tags", "--no-write-fetch-head",
        "--no-auto-maintenance", "--no-recurse-submodules", "--no-show-forced-updates", "--stdin",
        staging.path.string,
      ], in: host, input: Array(specifications.map { $0 + "\n" }.joined().utf8),
      settings: [
        "fetch.fsckObjects=true", "fetch.writeCommitGraph=false", "pack.threads=1",
        "core.bigFileThreshold=16m", "core.logAllRefUpdates=false",
      ])
  }

  /// Writes what was decided, each reference only if the host still has the value that was
  /// decided on.
  mutating func apply(
    _ plan: GitReferencePlan, _ known: [GitReferenceName: GitObjectID]
  ) async throws {
    let updates = plan.updates.filter { known[$0.name] == $0.new }
    if !updates.isEmpty || !plan.deletions.isEmpty {
      for update in updates { unit.pending[update.name] = update.new }
      try work.record.write(in: work.directory)
    }
    try await delete(plan.deletions)
    let lines = updates.map { update in
      "update \(update.name)\0\(update.new)\0\(update.old?.text ?? unit.format.zero)\0"
    }
    let done = try await write(lines)
    for (update, isDone) in zip(updates, done) {
      guard isDone else {
        try await keep(update.name, update.new, .movedOnBothSides)
        continue
      }
      imported(update.name, update.old == nil ? .created : .moved)
      unit.references.objects[update.name] = update.new
    }
    for kept in plan.kept where known[kept.name] == kept.object {
      try await keep(kept.name, kept.object, kept.reason)
    }
    for name in plan.undeleted {
      work.notTaken(
        unit, name.text, "deleted inside, and moved or checked out here",
        command: log(name.text))
    }
    for name in plan.surplus.prefix(3) {
      work.lost(unit, name.text, "too many references, or another name is in its way")
    }
    if plan.surplus.count > 3 {
      work.lost(unit, "\(plan.surplus.count - 3) more references", "too many of them")
    }
    if let first = plan.foreign.first {
      work.notTaken(
        unit, plan.foreign.count == 1 ? first.text : "\(first) and others like it",
        "only branches, tags and notes are taken")
    }
  }

  /// What is deleted stays under a name of ours.
  private mutating func delete(_ deletions: [GitReferencePlan.Deletion]) async throws {
    let lines = deletions.map { deletion in
      let saved = deletion.name.text.dropFirst("refs/".count)
      return "update refs/ags-before/\(work.record.session)/\(saved)\0\(deletion.old)\0\0"
        + "delete \(deletion.name)\0\(deletion.old)\0"
    }
    let done = try await write(lines)
    for (deletion, isDone) in zip(deletions, done) {
      guard isDone else {
        work.notTaken(
          unit, deletion.name.text, "deleted inside, and moved here",
          command: log(deletion.name.text))
        continue
      }
      imported(deletion.name, .deleted)
      unit.references.objects[deletion.name] = nil
    }
  }

  /// Carries out changes: all at once, else each by itself.
  /// - Returns: for each whether it was done.
  private func write(_ lines: [String]) async throws -> [Bool] {
    guard !lines.isEmpty else { return [] }
    func run(_ lines: [String]) async throws -> Bool {
      do {
        try await work.git.run(
          ["update-ref", "-m", "ags: session \(work.record.session)", "--stdin", "-z"], in: host,
          input: Array(lines.joined().utf8))
        return true
      } catch is GitCommandFailure {
        return false
      }
    }
    if try await run(lines) { return lines.map { _ in true } }
    var done: [Bool] = []
    for line in lines { done.append(try await run([line])) }
    return done
  }

  private mutating func keep(
    _ name: GitReferenceName, _ object: GitObjectID, _ reason: GitReferencePlan.Kept.Reason
  ) async throws {
    try await keep(
      object, as: String(name.text.dropFirst("refs/".count)), of: name.text, reason.text)
  }

  /// Gives what was fetched a name of ours that stays.
  mutating func keep(
    _ object: GitObjectID, as place: String, of name: String, _ reason: String
  ) async throws {
    // One that was kept before, as a/b is in the way of a.
    for prefix in [""] + (2...20).map({ "\($0)/" }) {
      let reference = space + prefix + place
      guard try await write(["update \(reference)\0\(object)\0\0"]) == [true] else { continue }
      work.report.kept.append(
        GitImportReport.Kept(
          repository: unit.root.string, name: name, reference: reference, reason: reason,
          command: log(reference)))
      return
    }
    work.lost(unit, name, reason)
  }

  func log(_ reference: String) -> [String] {
    ["git", "-C", unit.root.string, "log", "--oneline", reference]
  }

  private mutating func imported(
    _ name: GitReferenceName, _ change: GitImportReport.Change
  ) {
    let subject: GitImportReport.Subject
    let short: String
    if let branch = name.dropping("refs/heads/") {
      (subject, short) = (.branch, branch)
    } else if let tag = name.dropping("refs/tags/") {
      (subject, short) = (.tag, tag)
    } else {
      (subject, short) = (.note, name.text)
    }
    work.report.imported.append(
      GitImportReport.Imported(
        repository: unit.root.string, subject: subject, name: short, change: change))
  }
}
