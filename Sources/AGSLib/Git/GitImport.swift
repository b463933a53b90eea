internal import CPosix
internal import Glibc
internal import SystemPackage

/// Takes over what an agent did in its private git directories (11-git "After"). Can be
/// repeated at any point, also by another process after a crash: every step compares before
/// it writes, and what is done already is passed over.
struct GitImport {
  enum Moment: Sendable {
    /// The container is gone.
    case afterSession
    /// `ags sync`: the agent still works, so nothing of the work tree is judged or moved.
    case duringSession
  }

  let git: HostGit
  let deadline: ImportDeadline
  /// `state_dir/git/<session>`.
  let directory: FilePath
  let moment: Moment
  /// Whose files the host's are, when `ags` runs as root.
  var record: QuarantineRecord
  var report: GitImportReport
  /// Something of the agent's work is nowhere but in its copy, which therefore stays.
  var losesWork = false
  /// Nothing is left below the workspace that could make the host's git run something. An
  /// index would lead git there.
  private(set) var isHarmless = true

  /// Imports the session whose files are in `directory`, and removes what is then no longer
  /// needed.
  /// - Throws: when there is no record, or another process is at it.
  static func run(
    _ directory: FilePath, at moment: Moment, git: HostGit,
    within limit: Duration = ImportDeadline.limit
  ) async throws -> GitImportReport {
    guard let lock = try FileLock(ifFree: directory.appending("lock")) else {
      throw GitDataError("\(directory) is being imported by another process")
    }
    defer { withExtendedLifetime(lock) {} }
    guard let record = try QuarantineRecord.read(in: directory) else {
      throw GitDataError("there is no record of a session in \(directory)")
    }
    let deadline = ImportDeadline(git.runner, limit: limit)
    var git = git
    git.runner = deadline
    var work = GitImport(
      git: git, deadline: deadline, directory: directory, moment: moment, record: record,
      report: GitImportReport(session: record.session))
    await work.run()
    return work.report
  }

  private mutating func run() async {
    let isReplaced = record.repositories.first?.marker?.isUnchanged == false
    if moment == .afterSession {
      do {
        // What kills us writes no failure. The system writes it out whatever becomes of us.
        record.attempts = (record.attempts ?? 0) + 1
        try record.write(in: directory, isDurable: false)
        try disarm()
      } catch {
        // No git of ours may look at the work tree then either.
        report.failures.append(
          "repositories below \(record.root) were not searched: \(Self.reason(error))")
        writeEnded()
        return
      }
    }
    if isReplaced {
      report.notTaken.append(
        GitImportReport.NotTaken(
          repository: record.root.string, what: record.root.appending(".git").string,
          reason: "it was replaced during the session, so nothing is imported"))
    } else if !record.isDiscarded {
      // Submodules first: the outer index names their commits.
      for position in record.repositories.indices.reversed() { await take(position) }
    }
    if moment == .afterSession { finish(isReplaced: isReplaced) }
  }

  /// Step 2, before any git of the host's.
  private mutating func disarm() throws {
    let kept = record.repositories.filter { $0.marker?.isUnchanged ?? true }
    let now = try NestedRepositories.scan(
      record.nested.roots, skipping: Set(kept.map(\.hostDirectory)).union(record.standIns.keys))
    for path in now.unreadable(since: record.nested) {
      report.nested.append(
        NestedReport(path: path.string, outcome: .failed("it cannot be looked into")))
    }
    let changes = record.nested.changes(to: now)
    if !changes.isEmpty {
      let aside = try GitAside(directory.appending("aside"), session: record.session)
      report.nested += NestedDisarming.disarm(
        changes, modules: kept.map { $0.hostDirectory.appending("modules") }, aside: aside)
    }
    let left = report.nested.filter(\.isFailure).count
    guard left > 0 else { return }
    isHarmless = false
    // Tried again, and not taken for the user's own by the next session.
    report.failures.append(
      "\(left) place\(left == 1 ? "" : "s") below \(record.root) could not be made harmless: "
        + "no index is taken")
  }

  /// A failure of one repository leaves the others alone.
  private mutating func take(_ position: Int) async {
    let unit = record.repositories[position]
    guard unit.kind != .hidden else { return }
    guard unit.marker?.isUnchanged ?? true else {
      return lost(unit, unit.root.appending(".git").string, "it was replaced during the session")
    }
    do {
      guard let inside = try DataDirectory.open(unit.privateDirectory) else {
        return notTaken(unit, unit.root.string, "the agent's git directory is gone")
      }
      if unit.kind == .absent || unit.kind == .made {
        guard try await initialise(position, inside) else { return }
      }
      var single = RepositoryImport(self, position: position, inside: inside)
      do {
        try await single.run()
      } catch {
        single.work.report.failures.append("\(unit.root): \(Self.reason(error))")
      }
      self = single.work
      removeStaging(of: unit)
      try HostOwnership.restore(unit.hostDirectory)
    } catch {
      report.failures.append("\(unit.root): \(Self.reason(error))")
    }
  }

  func removeStaging(of unit: QuarantinedRepository) {
    _ = TreeRemoval.remove("\(unit.name).staging", in: directory)
  }

  /// The host gets a repository of its own where the agent made one.
  private mutating func initialise(
    _ position: Int, _ inside: DataDirectory
  ) async throws -> Bool {
    let unit = record.repositories[position]
    guard try inside.entries(limit: 100_000).isEmpty == false else { return false }
    let settings = (try inside.read("config", limit: 16 << 20)).map { GitConfigFile($0).settings }
    guard let format = GitObjectFormat(settings ?? []),
      try GitReferences.head(of: inside) != nil
    else {
      lost(unit, unit.root.appending(".git").string, "it is no repository")
      return false
    }
    guard let host = try DataDirectory.open(unit.hostDirectory) else { return false }
    var made = unit
    made.format = format
    made.configuration = "[core]\n"
    made.worktrees = [QuarantinedWorktree(name: nil, root: unit.root)]
    // One that is there by now is the user's, and new on both sides.
    let isFree = try GitPlaceholder.isOne(host) || host.entries(limit: 100_000).isEmpty
    if unit.kind == .made || isFree {
      record.repositories[position].kind = .made
      try record.write(in: directory)
      try GitPlaceholder.empty(unit.hostDirectory)
      let place = HostGit.Place(gitDirectory: unit.hostDirectory, workTree: unit.root)
      try await git.run(
        ["init", "--quiet", "--template=", "--object-format=\(format.rawValue)"], in: place)
      made.references = try GitReferences.read(host)
      made.worktrees[0].head = made.references.head
      report.imported.append(
        GitImportReport.Imported(
          repository: unit.root.string, subject: .repository, name: unit.root.string,
          change: .created))
    }
    made.kind = .workspace
    record.repositories[position] = made
    record.made.removeAll { $0 == unit.hostDirectory }
    try record.write(in: directory)
    return true
  }

  mutating func notTaken(
    _ unit: QuarantinedRepository, _ what: String, _ reason: String, command: [String]? = nil
  ) {
    report.notTaken.append(
      GitImportReport.NotTaken(
        repository: unit.root.string, what: TerminalText.escaped(String(what.prefix(300))),
        reason: TerminalText.escaped(String(reason.prefix(600))), command: command))
  }

  /// Of work that is then nowhere but in the agent's copy.
  mutating func lost(
    _ unit: QuarantinedRepository, _ what: String, _ reason: String, command: [String]? = nil
  ) {
    losesWork = true
    notTaken(unit, what, reason, command: command)
  }

  static func reason(_ error: any Error) -> String {
    guard let error = error as? any DescribedError else { return "\(error)" }
    return error.summary + (error.cause.map { ": \($0)" } ?? "")
  }

  /// Removes the copies and the places that were made to mount on. What was moved aside
  /// stays, and everything does when something is to be tried again, or is nowhere else.
  private mutating func finish(isReplaced: Bool) {
    for (place, target) in record.standIns.sorted(by: { $0.key.string < $1.key.string }) {
      let isEmpty = rmdir(target.string) == 0
      guard !isEmpty, !record.isDiscarded else { continue }
      losesWork = true
      report.notTaken.append(
        GitImportReport.NotTaken(
          repository: record.root.string, what: TerminalText.escaped(place.string),
          reason: "cloned inside only; git submodule update --init does it here"))
    }
    var neighbours: QuarantineNeighbours?
    // Until our record is gone: of two that end at once, one is the last.
    defer { withExtendedLifetime(neighbours) {} }
    do {
      let found = try QuarantineNeighbours(of: directory)
      neighbours = found
      for path in try found.free(record.made, of: record.session).reversed() {
        try GitPlaceholder.empty(path)
        // Only if still empty, so failing is what is meant to happen otherwise.
        path.withPlatformString { name in
          if rmdir(name) != 0, GitMarker(at: path)?.isFile == true, Self.isEmptyFile(path) {
            unlink(name)
          }
        }
      }
    } catch {
      report.failures.append(Self.reason(error))
    }
    if report.failures.isEmpty, !isReplaced, !losesWork {
      GitQuarantine.remove(directory)
      return
    }
    // What has failed may succeed the next time; what was refused is refused again.
    let isFinal = isReplaced || report.failures.isEmpty
    record.failures = isFinal ? QuarantineRecord.failureLimit : record.failures + 1
    writeEnded()
    report.copy = directory.string
  }

  /// That this attempt came to its end, whatever that was.
  private mutating func writeEnded() {
    record.attempts = nil
    do {
      try record.write(in: directory)
    } catch {
      report.failures.append(Self.reason(error))
    }
  }

  private static func isEmptyFile(_ path: FilePath) -> Bool {
    var facts = stat()
    return path.withPlatformString { lstat($0, &facts) } == 0 && facts.st_size == 0
  }
}
