internal import SystemPackage

/// Stash, the branches' configuration, large files.
extension RepositoryImport {
  /// Entries the agent added, oldest first.
  mutating func newStash() throws -> [GitReflog.Entry] {
    let theirs = try GitReflog.stash(of: inside).entries
    guard theirs.map(\.object) != unit.stash else { return [] }
    let host = try DataDirectory.open(unit.hostDirectory)
    let ours = try host.map { try GitReflog.stash(of: $0).entries.map(\.object) } ?? []
    let known = Set(unit.stash + ours)
    // As many as anybody could look through.
    let new = theirs.filter { !known.contains($0.object) }
    if new.count > 100 {
      work.lost(unit, "\(new.count - 100) entries of the stash", "too many of them")
    }
    return Array(new.suffix(100))
  }

  mutating func store(
    _ entries: [GitReflog.Entry], _ known: [GitReferenceName: GitObjectID]
  ) async throws {
    for (index, entry) in entries.enumerated() {
      guard known[Self.stash(index)] == entry.object else { continue }
      guard try await isStash(entry.object) else {
        try await keep(
          entry.object, as: "stashed/\(entry.object)", of: "stash", "it is no stash entry")
        continue
      }
      let message = TerminalText.escaped(String(entry.message.prefix(200)))
      try await work.git.run(
        ["stash", "store", "--quiet", "--message", message, entry.object.text],
        in: HostGit.Place(gitDirectory: unit.hostDirectory, workTree: unit.root))
      unit.stash.append(entry.object)
      work.report.imported.append(
        GitImportReport.Imported(
          repository: unit.root.string, subject: .stash, name: message, change: .created))
    }
  }

  /// A commit with the work tree, whose parents are the base, the index, and files that
  /// were not tracked.
  private func isStash(_ object: GitObjectID) async throws -> Bool {
    let output = try await work.git.run(["cat-file", "commit", object.text], in: host)
    let lines = String(decoding: output, as: UTF8.self).split(separator: "\n").prefix(8)
    return (2...3).contains(lines.filter { $0.hasPrefix("parent ") }.count)
  }

  /// `branch.*.{remote,merge,rebase}` of branches, naming remotes the host has. Everything
  /// else that was changed is said.
  mutating func takeBranchConfiguration(deleted: [GitReferenceName]) async throws {
    guard let bytes = try inside.read("config", limit: 16 << 20) else { return }
    let file = GitConfigFile(bytes)
    let old = GitConfigFile(Array(unit.configuration.utf8)).settings
    if !file.isValid {
      return work.notTaken(unit, "config", "git cannot read it")
    }
    let settings = file.settings
    let known = Set(old)
    let changed = settings.filter { !known.contains($0) }
    let named = Set(settings.map(\.identity))
    let gone = old.filter { Self.isBranch($0) && !named.contains($0.identity) }
    guard !changed.isEmpty || !gone.isEmpty else { return }
    let host = try DataDirectory.open(unit.hostDirectory)
    let present = GitConfigFile(try host?.read("config", limit: 16 << 20) ?? []).settings
    var remotes = Set(present.filter { $0.section == "remote" }.compactMap(\.subsection))
    remotes.insert(".")
    // What such a branch merges means nothing without its remote.
    let astray = Set(
      settings.filter { $0.section == "branch" && $0.name == "remote" }
        .filter { !remotes.contains($0.text) }.map(\.subsection))
    let branches = Set(
      try host.map {
        try GitReferences.read($0).objects.keys.compactMap { $0.dropping("refs/heads/") }
      }
        ?? [])
    let valuesBefore = Self.values(old)
    let valuesNow = Self.values(present)
    var taken = 0
    var others: [GitSetting] = []
    for setting in changed {
      let value = valuesNow[setting.identity]
      if value == setting.value { continue }
      guard Self.isBranch(setting), !astray.contains(setting.subsection),
        setting.subsection.map(branches.contains) == true,
        Self.isSane(setting, remotes: remotes), value == valuesBefore[setting.identity],
        taken < Self.settingLimit
      else {
        others.append(setting)
        continue
      }
      taken += 1
      try await work.git.run(["config", "--local", setting.key, setting.text], in: self.host)
      work.report.imported.append(
        GitImportReport.Imported(
          repository: unit.root.string, subject: .branchConfiguration,
          name: setting.subsection ?? "", change: value == nil ? .created : .moved))
    }
    for setting in gone
    where deleted.contains(where: { $0.dropping("refs/heads/") == setting.subsection }) {
      guard present.contains(setting) else { continue }
      try await work.git.run(["config", "--local", "--unset-all", setting.key], in: self.host)
    }
    for setting in others.prefix(20) {
      work.notTaken(
        unit, "config: \(setting.key)", "of the configuration only what a branch follows is taken")
    }
    if others.count > 20 {
      work.notTaken(unit, "config: \(others.count - 20) more", "they are not taken either")
    }
    // Said once.
    unit.configuration = String(decoding: GitSetting.file(settings), as: UTF8.self)
    try work.record.write(in: work.directory)
  }

  /// Of branches' configuration in one import, each set by a git of its own.
  private static let settingLimit = 200

  /// The last of each name.
  private static func values(_ settings: [GitSetting]) -> [GitSetting.Identity: [UInt8]] {
    Dictionary(settings.map { ($0.identity, $0.value) }) { $1 }
  }

  private static func isBranch(_ setting: GitSetting) -> Bool {
    setting.section == "branch" && setting.subsection != nil
      && ["remote", "merge", "rebase"].contains(setting.name)
  }

  private static func isSane(_ setting: GitSetting, remotes: Set<String>) -> Bool {
    guard let branch = setting.subsection, GitReferenceName("refs/heads/\(branch)") != nil else {
      return false
    }
    switch setting.name {
    case "remote": return remotes.contains(setting.text)
    case "merge": return GitReferenceName(setting.text)?.dropping("refs/heads/") != nil
    default: return ["true", "false", "merges", "interactive"].contains(setting.text)
    }
  }

  /// Files of git-lfs, each if its content is what its name says.
  mutating func takeLargeFiles() throws {
    guard let objects = try inside.directory("lfs")?.directory("objects") else { return }
    let target = unit.hostDirectory.appending("lfs/objects")
    for first in try objects.entries(limit: 1000) where first.kind == .directory {
      guard let outer = try objects.directory(first.name) else { continue }
      for second in try outer.entries(limit: 1000) where second.kind == .directory {
        guard let inner = try outer.directory(second.name) else { continue }
        for file in try inner.entries(limit: 100_000) where file.kind == .file {
          let name = file.name.string
          guard GitObjectID(name) != nil, name.utf8.count == 64,
            name.hasPrefix(first.name.string + second.name.string)
          else { continue }
          try takeLargeFile(file.name, of: inner, to: target)
        }
      }
    }
  }

  private mutating func takeLargeFile(
    _ name: FilePath.Component, of directory: DataDirectory, to target: FilePath
  ) throws {
    let place = target.appending(String(name.string.prefix(2)))
      .appending(String(name.string.dropFirst(2).prefix(2)))
    guard GitMarker(at: place.appending(name)) == nil else { return }
    try work.deadline.check()
    // Before anything is written: a file of nothing but holes takes no place in there.
    guard let digest = try LargeFile.digest(of: name, in: directory) else {
      return work.lost(unit, name.string, "a large file above 64 GiB")
    }
    guard digest == name.string else {
      return work.notTaken(unit, name.string, "a large file with another content than its name")
    }
    let temporary = work.directory.appending("\(unit.name).large")
    _ = TreeRemoval.remove("\(unit.name).large", in: work.directory)
    var copy = DataCopy(fileLimit: LargeFile.limit)
    guard try copy.copyFile(name, of: directory, to: temporary) else { return }
    defer { _ = TreeRemoval.remove("\(unit.name).large", in: work.directory) }
    // Hashed again: nobody else writes there.
    guard try Digest.sha256(of: temporary) == name.string else {
      return work.notTaken(unit, name.string, "a large file with another content than its name")
    }
    try LargeFile.install(temporary, as: name, in: place)
    work.report.imported.append(
      GitImportReport.Imported(
        repository: unit.root.string, subject: .largeFile, name: name.string, change: .created))
  }
}
