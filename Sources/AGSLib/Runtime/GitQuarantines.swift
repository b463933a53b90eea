public import SystemPackage

/// A session's private git directories that are still there.
public struct GitQuarantineStatus: Sendable, Equatable, Codable {
  public enum State: String, Sendable, Codable {
    /// The agent still works.
    case running
    /// A crash or a failure left it; its work is not taken over.
    case left
    /// Not all of its work could be taken over, and nobody tries again without being asked.
    case kept
    /// Only what was moved aside is there, to be put back or dropped.
    case aside
    /// What is remembered of it cannot be read: it can only be looked at, and dropped.
    case damaged
  }

  public var session: String
  /// Nil where no record says so.
  public var workspace: String?
  public var state: State
  /// A lockdown's, which is never imported.
  public var isDiscarded: Bool
}

/// The private git directories below `state_dir/git`: of sessions that run, and those a
/// crash left (11-git, 5-commands).
public struct GitQuarantines: Sendable {
  private let host: Host
  private let runner: any CommandRunner
  private let stateDirectory: FilePath
  private let store: SessionStore

  public init(
    host: Host, configuration: Configuration, runner: any CommandRunner = SubprocessRunner()
  ) {
    self.init(
      host: host.withTrustedSearchPath(configuration),
      stateDirectory: configuration.sandbox.stateDirectory,
      store: SessionStore(host: host, sandbox: configuration.sandbox), runner: runner)
  }

  init(host: Host, stateDirectory: FilePath, store: SessionStore, runner: any CommandRunner) {
    self.host = host
    self.stateDirectory = stateDirectory
    self.store = store
    self.runner = runner
  }

  /// All of them, by session.
  public func list() throws -> [GitQuarantineStatus] {
    try GitQuarantine.all(in: stateDirectory).filter(SessionID.isValid).map { session in
      let directory = directory(of: session)
      let isRunning = store.isThere(session)
      let (record, tripwire): (QuarantineRecord?, FilePath?)
      do {
        record = try QuarantineRecord.read(in: directory)
        tripwire = try GitTripwire.workspace(of: directory)
      } catch {
        // One that is damaged must not hide the others.
        return GitQuarantineStatus(
          session: session, state: isRunning ? .running : .damaged, isDiscarded: false)
      }
      let isPending = record != nil || tripwire != nil
      return GitQuarantineStatus(
        session: session, workspace: (record?.root ?? tripwire)?.string,
        state: isRunning
          ? .running : !isPending ? .aside : record?.isGivenUp == true ? .kept : .left,
        isDiscarded: record?.isDiscarded ?? false)
    }
  }

  /// Takes the work of a session over that a crash left.
  public func importSession(_ session: String) async throws -> GitImportReport {
    let status = try find(session)
    guard status.state != .damaged else { throw Self.damaged(directory(of: session)) }
    guard [.left, .kept].contains(status.state) else {
      throw GitDataError(
        status.state == .running
          ? "session \(session) is running, or its container is still there"
          : "session \(session) has nothing left to import",
        hint: status.state == .running
          ? "ags sync \(session) takes its work over meanwhile"
          : "ags quarantine restore \(session)")
    }
    return await Self.take(
      directory(of: session), session: session, at: .afterSession, host: host, runner: runner)
  }

  /// Takes over what a running session's agent has done until now.
  /// - Parameters:
  ///   - session: nil for the one that runs around `place`.
  public func sync(_ session: String?, around place: FilePath) async throws -> GitImportReport {
    let status: GitQuarantineStatus
    if let session {
      status = try find(session)
    } else {
      let here = ResolvedPath(place)?.path ?? place
      let running = try list().filter { status in
        status.state == .running
          && status.workspace.map { here.starts(with: FilePath($0)) } ?? false
      }
      guard running.count == 1 else {
        throw GitDataError(
          running.isEmpty ? "no session runs here" : "more than one session runs here",
          hint: running.isEmpty
            ? "ags quarantine list shows all of them"
            : "name one: ags sync " + running.map(\.session).joined(separator: ", or "))
      }
      status = running[0]
    }
    guard status.state == .running, !status.isDiscarded else {
      throw GitDataError(
        status.isDiscarded
          ? "session \(status.session) is a lockdown's, and never imported"
          : "session \(status.session) has ended",
        hint: status.isDiscarded
          ? "--keep-patches DIR keeps its commits" : "ags quarantine import \(status.session)")
    }
    return await Self.take(
      directory(of: status.session), session: status.session, at: .duringSession, host: host,
      runner: runner)
  }

  /// Removes a session's private git directories with all that is in them.
  public func drop(_ session: String) throws {
    let status = try find(session)
    guard status.state != .running else {
      throw GitDataError("session \(session) is running", hint: "end it first")
    }
    let directory = directory(of: session)
    guard TreeRemoval.remove(session, in: directory.removingLastComponent()) else {
      throw GitDataError("\(directory) could not be removed whole", hint: "look at it")
    }
  }

  /// Puts what was moved aside back where it was.
  /// - Returns: what could not be put back.
  public func restore(_ session: String) throws -> [FilePath] {
    let status = try find(session)
    guard status.state != .damaged else { throw Self.damaged(directory(of: session)) }
    guard status.state == .aside else {
      throw GitDataError(
        "session \(session) is not over", hint: "ags quarantine import \(session)")
    }
    let directory = directory(of: session)
    let left = try GitAside.restore(directory.appending("aside"), session: session)
    if left.isEmpty { _ = TreeRemoval.remove(session, in: directory.removingLastComponent()) }
    return left
  }

  /// Before a session starts: what crashed sessions of this workspace left is taken over, and
  /// said; others are only told of.
  func sweep(for workspace: Workspace, observer: SessionObserver) async {
    do {
      let dead = try list().filter { $0.state != .running }
      guard !dead.isEmpty else { return }
      var elsewhere: Set<String> = []
      for status in dead {
        let (session, directory) = (status.session, directory(of: status.session))
        let isHere = status.workspace == workspace.root.string
        switch status.state {
        case .running, .aside: continue
        case .damaged:
          elsewhere.insert(session)
          let problem = Self.damaged(directory)
          observer.warning("\(problem.summary); \(problem.hint ?? "")")
        case .kept:
          // Only where it belongs is it spoken of.
          guard isHere else { continue }
          observer.warning(
            "a copy of session \(session)'s work in git is kept in \(directory), because not all "
              + "of it could be taken over; run no git in it; then ags quarantine drop \(session)")
        case .left:
          guard !isHere, !status.isDiscarded else { continue }
          elsewhere.insert(session)
          observer.warning(
            "the work in git of session \(session), in \(status.workspace ?? ""), was not taken "
              + "over: ags quarantine import \(session)")
        }
      }
      let recovery = GitRecovery(
        stateDirectory: stateDirectory, git: HostGit(host: host, runner: runner))
      let outcomes = try await recovery.run { store.isThere($0) || elsewhere.contains($0) }
      for outcome in outcomes {
        observer.warning(
          "session \(outcome.session) was cut off: this is what came of its work in git")
        observer.gitReport(outcome.report)
      }
    } catch {
      observer.warning("\(GitImport.reason(error)); see ags quarantine list")
    }
  }

  /// - Returns: with what failed in it.
  static func take(
    _ directory: FilePath, session: String, at moment: GitImport.Moment, host: Host,
    runner: any CommandRunner
  ) async -> GitImportReport {
    do {
      if try GitTripwire.workspace(of: directory) != nil {
        guard moment == .afterSession else {
          throw GitDataError("session \(session) works on the real git directory (mode direct)")
        }
        var report = GitImportReport(session: session)
        report.nested = try GitTripwire.check(directory)
        return report
      }
      return try await GitImport.run(
        directory, at: moment, git: HostGit(host: host, runner: runner))
    } catch {
      var report = GitImportReport(session: session)
      report.failures.append(GitImport.reason(error))
      return report
    }
  }

  private static func damaged(_ directory: FilePath) -> GitDataError {
    GitDataError(
      "what is remembered of the session in \(directory) cannot be read",
      hint: "its git directories are there, run no git in them; then ags quarantine drop "
        + (directory.lastComponent?.string ?? ""))
  }

  private func directory(of session: String) -> FilePath {
    GitQuarantine.directory(of: session, in: stateDirectory)
  }

  private func find(_ session: String) throws -> GitQuarantineStatus {
    guard let status = try list().first(where: { $0.session == session }) else {
      throw GitDataError(
        "there is no session \"\(session)\" with files of git's",
        hint: "ags quarantine list shows what there is")
    }
    return status
  }
}
