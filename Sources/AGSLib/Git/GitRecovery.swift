internal import SystemPackage

/// Takes over what sessions left that are gone: `ags` was killed, or an import failed
/// (11-git "After", "also at the next start").
struct GitRecovery {
  let stateDirectory: FilePath
  let git: HostGit

  /// What came of one session.
  struct Outcome: Sendable {
    var session: String
    var report: GitImportReport
  }

  /// - Parameter isAlive: whether somebody still works in a session. It must be true from
  ///   before `GitQuarantine.prepare` until the container is gone.
  /// - Returns: for every session that left something, also where that failed.
  func run(isAlive: (String) -> Bool) async throws -> [Outcome] {
    var outcomes: [Outcome] = []
    for session in try GitQuarantine.all(in: stateDirectory)
    where SessionID.isValid(session) && !isAlive(session) {
      let directory = GitQuarantine.directory(of: session, in: stateDirectory)
      var report = GitImportReport(session: session)
      do {
        if let record = try QuarantineRecord.read(in: directory) {
          // Who starts a session here is told by `GitQuarantines`.
          if record.isGivenUp { continue }
          report = try await GitImport.run(directory, at: .afterSession, git: git)
        } else if GitMarker(at: directory.appending(GitTripwire.fileName)) != nil {
          report.nested = try GitTripwire.check(directory)
        } else {
          // Killed before its container, or nothing but what was moved aside.
          GitQuarantine.remove(directory)
        }
      } catch {
        report.failures.append(GitImport.reason(error))
      }
      if !report.isEmpty { outcomes.append(Outcome(session: session, report: report)) }
    }
    return outcomes
  }
}
