internal import SystemPackage

/// One session's git: before it, and after its container is gone (11-git).
struct GitSession: Sendable {
  let plan: LaunchPlan
  let host: Host
  let runner: any CommandRunner
  let observer: SessionObserver

  /// - Returns: what is mounted over the workspace.
  /// - Throws: when the repository cannot be copied, or is none ags understands.
  func begin() throws -> [Mount] {
    switch plan.git {
    case .quarantined, .discarded:
      let quarantine = try GitQuarantine.prepare(
        plan.quarantineRequest(on: host), in: plan.paths.stateDirectory)
      for warning in quarantine.warnings { observer.warning(warning) }
      return try quarantine.mounts()
    case .direct:
      guard let repository = plan.workspace.repository else { return [] }
      let request = plan.quarantineRequest(on: host)
      let warnings = try GitTripwire.set(
        session: plan.sessionID, on: repository,
        roots: [plan.workspace.root] + request.addedDirectories, in: plan.paths.stateDirectory)
      for warning in warnings { observer.warning(warning) }
      return []
    }
  }

  /// Takes the agent's work over, or looks at what it changed. Never throws: what failed is in
  /// the report, and stays where it is for the next start.
  func end() async -> GitImportReport {
    let directory = GitQuarantine.directory(of: plan.sessionID, in: plan.paths.stateDirectory)
    await waitForSync(of: directory)
    let patches: GitPatches.Result?
    if let place = plan.patchesDirectory {
      patches = await GitPatches.keep(of: directory, in: place, host: host, runner: runner)
    } else {
      patches = nil
    }
    var report = await GitQuarantines.take(
      directory, session: plan.sessionID, at: .afterSession, host: host, runner: runner)
    report.patches = patches?.files ?? []
    report.failures += patches?.failures ?? []
    return report
  }

  /// An `ags sync` may still be at it.
  private func waitForSync(of directory: FilePath) async {
    do {
      while try FileLock(ifFree: directory.appending("lock")) == nil {
        try await Task.sleep(for: .milliseconds(50))
      }
    } catch {
      // What is wrong there the import itself meets and says.
    }
  }
}
