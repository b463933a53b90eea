internal import AGSWire
internal import SystemPackage

/// The private git directories of one session (11-git): made before it, mounted over the
/// real ones, and read as data afterwards.
struct GitQuarantine {
  /// What a session is prepared from.
  struct Request {
    var session: String
    /// Links resolved.
    var root: FilePath
    /// Whose repositories are taken.
    var userID: UInt32
    /// Nil outside a repository and with `--here`.
    var repository: Repository?
    /// Other directories the agent can write, which may hold repositories too.
    var addedDirectories: [FilePath] = []
    /// The user's and the system's configuration, for paths in the workspace they run.
    var configurations: [GitExecutedPath.Source] = []
    /// For `~` in those.
    var home: FilePath = "/nonexistent"
    /// Lockdown: nothing is ever imported.
    var isDiscarded = false
    /// Whose files the agent works on, when `ags` runs as root.
    var owner: (uid: UInt32, gid: UInt32)?
    /// Where objects are inside; tests have another place.
    var guestObjects = FilePath(GuestPath.gitObjects)
    /// Nothing is written.
    var isRehearsal = false

    /// For what the agent gets.
    var copier: DataCopy {
      var copy = keeper
      copy.owner = owner
      return copy
    }

    /// For what `ags` keeps to itself.
    var keeper: DataCopy {
      var copy = DataCopy()
      copy.isRehearsal = isRehearsal
      return copy
    }
  }

  /// `state_dir/git/<session>`: ours, never mounted itself.
  let directory: FilePath
  private(set) var record: QuarantineRecord
  /// Paths that stay as they are during the session.
  private(set) var executed: [GitExecutedPath]
  /// What could not be taken along.
  private(set) var warnings: [String] = []

  static func directory(of session: String, in stateDirectory: FilePath) -> FilePath {
    // Nothing ags opens there leads through a link, so the user's own are resolved now.
    ResolvedPath.ofMissing(stateDirectory).appending("git").appending(session)
  }

  /// Makes the copies. Starts no process and changes nothing in the workspace, but for a
  /// `.git` where there is none.
  static func prepare(_ request: Request, in stateDirectory: FilePath) throws -> GitQuarantine {
    let directory = directory(of: request.session, in: stateDirectory)
    try PrivateDirectory.makeAll(directory.removingLastComponent())
    let neighbours = try QuarantineNeighbours(of: directory)
    defer { withExtendedLifetime(neighbours) {} }
    guard GitMarker(at: directory) == nil else {
      throw DirectoryError(
        summary: "\(directory) is there already, and is another session's", hint: "start again")
    }
    try PrivateDirectory.makeAll(directory)
    var preparation = QuarantinePreparation(request, directory: directory)
    do {
      try preparation.prepare()
      try preparation.share(with: neighbours)
      // Last: what has no record was never mounted, and is swept. What a crash of the
      // machine takes, it takes with the copies.
      try preparation.record.write(in: directory, isDurable: false)
      try preparation.fillPlaceholder()
    } catch {
      _ = TreeRemoval.remove(request.session, in: directory.removingLastComponent())
      throw error
    }
    return GitQuarantine(
      directory: directory, record: preparation.record, executed: preparation.executed,
      warnings: preparation.warnings)
  }

  /// What `prepare` would give, without making anything.
  static func rehearse(
    _ request: Request, in stateDirectory: FilePath
  ) throws -> (mounts: [Mount], warnings: [String]) {
    var request = request
    request.isRehearsal = true
    var preparation = QuarantinePreparation(
      request, directory: directory(of: request.session, in: stateDirectory))
    try preparation.prepare()
    let mounts = try GitQuarantineMounts.of(
      preparation.record, executed: preparation.executed, guestObjects: request.guestObjects)
    return (mounts, preparation.warnings)
  }

  /// What is mounted, in order, after the workspace. Of a bare repository the first one goes
  /// in the workspace's own place.
  func mounts(guestObjects: FilePath = FilePath(GuestPath.gitObjects)) throws -> [Mount] {
    try GitQuarantineMounts.of(record, executed: executed, guestObjects: guestObjects)
  }

  /// Sessions whose files are still here, by name: of those that live, and those that a
  /// crash or a failed import left.
  static func all(in stateDirectory: FilePath) throws(GitDataError) -> [String] {
    guard
      let sessions = try DataDirectory.open(
        ResolvedPath.ofMissing(stateDirectory).appending("git"))
    else {
      return []
    }
    return try sessions.entries().filter { $0.kind == .directory }.map(\.name.string).sorted()
  }

  /// Removes a session's files, but for what was moved aside.
  /// - Returns: false when something could not be removed.
  @discardableResult
  static func remove(_ directory: FilePath) -> Bool {
    guard let name = directory.lastComponent else { return false }
    // First: without a record nobody imports a half of it.
    let order = [QuarantineRecord.fileName, GitTripwire.fileName]
    guard GitMarker(at: directory.appending("aside")) != nil else {
      for name in order { _ = TreeRemoval.remove(name, in: directory) }
      return TreeRemoval.remove(name.string, in: directory.removingLastComponent())
    }
    do {
      let entries = try DataDirectory.open(directory)?.entries().map(\.name.string) ?? []
      let going = order + entries.filter { $0 != "aside" && !order.contains($0) }
      return going.map { TreeRemoval.remove($0, in: directory) }.allSatisfy { $0 }
    } catch {
      return false
    }
  }
}
