internal import SystemPackage

/// A git directory of an agent's own: what a repository has but its objects, copied without
/// running git (11-git "Before" 1 and 2).
struct PrivateRepository {
  /// The host's git directory.
  let host: DataDirectory
  /// The new one, which must not be there yet.
  let path: FilePath
  private(set) var copy: DataCopy
  /// As it was copied.
  private(set) var references: GitReferences
  private(set) var configuration: [UInt8]
  let format: GitObjectFormat

  /// In a repository and in each of its worktrees. The messages of a commit or merge that
  /// was begun are needed to end it.
  static let files: [FilePath.Component] = [
    "HEAD", "index", "logs", "config.worktree", "ORIG_HEAD", "FETCH_HEAD", "MERGE_HEAD",
    "MERGE_MSG", "MERGE_MODE", "MERGE_RR", "AUTO_MERGE", "SQUASH_MSG", "CHERRY_PICK_HEAD",
    "REVERT_HEAD", "REBASE_HEAD", "BISECT_LOG", "BISECT_NAMES", "BISECT_START", "BISECT_TERMS",
    "BISECT_EXPECTED_REV", "BISECT_ANCESTORS_OK", "rebase-merge", "rebase-apply", "sequencer",
  ]

  /// What means that something was begun and not ended.
  static let unfinished: [FilePath.Component] = [
    "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_LOG", "rebase-merge",
    "rebase-apply", "sequencer",
  ]

  private static let shared: [FilePath.Component] = ["hooks", "info", "shallow", "description"]

  /// Copies all but worktrees.
  init(
    of host: DataDirectory, at path: FilePath, borrowingFrom objects: FilePath,
    by copy: DataCopy
  ) throws {
    self.host = host
    self.path = path
    self.copy = copy
    let settings = try Self.settings(host, "config")
    guard let format = GitObjectFormat(settings) else {
      throw GitDataError("\(host.path) names its objects in a way ags does not know")
    }
    self.format = format
    let storage = settings.last { $0.key == "extensions.refstorage" }
    if let storage, storage.text.lowercased() != "files" {
      throw GitDataError(
        "\(host.path) keeps its references in another format than files",
        hint: "set mode = \"direct\" in [git], or use --here")
    }
    configuration = GitSetting.file(GitSetting.withoutSecrets(settings))
    references = try GitReferences.read(host)
    try self.copy.makeDirectory(path)
    for name in ["objects", "refs", "refs/heads", "refs/tags", "objects/info", "objects/pack"] {
      try self.copy.makeDirectory(path.appending(name))
    }
    try self.copy.write(configuration, to: path.appending("config"))
    try self.copy.write(
      Array((objects.string + "\n").utf8), to: path.appending("objects/info/alternates"))
    try copyReferences()
    try copyFiles(from: host, to: path)
    for name in Self.shared { try self.copy.copy(name, of: host, to: path.appending(name)) }
    if try host.facts("HEAD") == nil {
      try self.copy.write(Array("ref: refs/heads/main\n".utf8), to: path.appending("HEAD"))
    }
  }

  /// Copies the worktree `name`: all of it, or only what says where it is and on which
  /// branch, so that git inside does not take that branch for free.
  mutating func addWorktree(_ name: FilePath.Component, isWhole: Bool) throws {
    guard let source = try host.directory("worktrees")?.directory(name) else { return }
    let worktrees = path.appending("worktrees")
    try copy.makeDirectory(worktrees)
    let target = worktrees.appending(name)
    try copy.makeDirectory(target)
    for file in ["commondir", "gitdir", "locked"] as [FilePath.Component] {
      try copy.copy(file, of: source, to: target.appending(file))
    }
    if isWhole {
      try copyFiles(from: source, to: target)
    } else {
      try copy.copy("HEAD", of: source, to: target.appending("HEAD"))
    }
  }

  /// The settings of a file that must be one git takes.
  static func settings(
    _ directory: DataDirectory, _ name: FilePath.Component
  ) throws(GitDataError) -> [GitSetting] {
    guard let bytes = try directory.read(name, limit: 16 << 20) else { return [] }
    let file = GitConfigFile(bytes)
    guard file.isValid else {
      throw GitDataError("\(directory.path.appending(name)) is not a configuration git reads")
    }
    return file.settings
  }

  /// All in one file: thousands of loose ones take their time.
  private func copyReferences() throws {
    try copy.write(references.packed, to: path.appending("packed-refs"))
    for (name, target) in references.symbolic {
      var place = path
      for component in FilePath(name.text).components.dropLast() {
        place.append(component)
        try copy.makeDirectory(place)
      }
      try copy.write(Array("ref: \(target)\n".utf8), to: path.appending(name.text))
    }
  }

  private mutating func copyFiles(from source: DataDirectory, to target: FilePath) throws {
    for name in Self.files where name != "config.worktree" {
      try copy.copy(name, of: source, to: target.appending(name))
    }
    if try source.facts("config.worktree") != nil {
      let settings = try Self.settings(source, "config.worktree")
      try copy.write(
        GitSetting.file(GitSetting.withoutSecrets(settings)),
        to: target.appending("config.worktree"))
    }
  }
}
