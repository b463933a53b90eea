internal import AGSWire
internal import CPosix
internal import Glibc
internal import SystemPackage

/// What a session tells while it runs. The library prints nothing itself.
public struct SessionObserver: Sendable {
  /// One line for the user.
  public var warning: @Sendable (String) -> Void
  /// Builds the image of that name, or throws. Without it a missing image is an error.
  public var buildImage: (@Sendable (String) async throws -> Void)?
  /// What came of the agent's work in git, when there is something to say: of this session,
  /// and of one that crashed.
  public var gitReport: @Sendable (GitImportReport) -> Void

  public init(
    warning: @escaping @Sendable (String) -> Void = { _ in },
    gitReport: @escaping @Sendable (GitImportReport) -> Void = { _ in },
    buildImage: (@Sendable (String) async throws -> Void)? = nil
  ) {
    self.warning = warning
    self.gitReport = gitReport
    self.buildImage = buildImage
  }
}

/// How a session ended.
public struct SessionEnding: Sendable, Equatable {
  /// What the program ends with (3-run "Exit status").
  public var exitStatus: Int32
  public var timing: SessionTiming
}

/// Carries one plan out: starts podman, resolves the secrets meanwhile, waits, and takes
/// everything down again (3-run "Order").
struct Session: Sendable {
  var plan: LaunchPlan
  var host: Host
  var runtime: any ContainerRuntime
  var resolver: SecretResolver
  var shim: ShimInstallation
  var store: SessionStore
  var signals: TerminationSignals?
  var observer: SessionObserver
  var measuresStart: Bool
  var grace = Supervisor.usualGrace
  /// For the few helpers a start needs.
  var runner: any CommandRunner = SubprocessRunner()
  /// Nil: the session is served by none.
  var sidecars: SidecarPrograms?

  func run() async throws -> SessionEnding {
    var timing = SessionTiming(began: ContinuousClock().now)
    for problem in try await store.sweep(with: runtime) { observer.warning(problem) }
    await quarantines.sweep(for: plan.workspace, observer: observer)
    let hold = try store.open(plan)
    let audit = AuditLog(
      directory: AuditLog.directory(in: plan.paths.stateDirectory), session: plan.sessionID)
    audit.record(
      AuditEvent(
        "session-started",
        [
          "agent": plan.agent, "workspace": plan.workspace.root.string,
          "lockdown": "\(plan.guardRules.lockdown)",
          // Names: a value is in no log.
          "secrets": Set(plan.secrets.map(\.env.text)).sorted().joined(separator: " "),
        ]))
    timing.swept = ContinuousClock().now
    let git = GitSession(plan: plan, host: host, runner: runner, observer: observer)
    var container = ContainerState.gone
    var hasBegun = false
    let ending: Result<SessionEnding, any Error>
    do {
      var session = self
      let mounts = try git.begin()
      hasBegun = true
      timing.gitPrepared = ContinuousClock().now
      session.plan = try plan.mounting(mounts)
      ending = .success(try await session.runHolding(&timing, container: &container))
    } catch {
      ending = .failure(error)
    }
    switch container {
    case .gone, .removed:
      if hasBegun {
        timing.takeOverBegan = ContinuousClock().now
        let report = await takeOver(git)
        timing.takenOver = ContinuousClock().now
        if !report.isEmpty { observer.gitReport(report) }
      }
      for path in store.close(hold, paths: plan.paths) {
        observer.warning(
          "\(path) could not be removed whole; it is tried again at the next start")
      }
    case .mayBeLeft: store.abandon(hold)
    }
    var status = "failed"
    if case .success(let ended) = ending { status = "\(ended.exitStatus)" }
    audit.record(AuditEvent("session-ended", ["status": status]))
    audit.flush()
    var result = try ending.get()
    result.timing = timing
    return result
  }

  /// The first signal is answered with what the second one will do: what is left half done is
  /// the next start's.
  private func takeOver(_ git: GitSession) async -> GitImportReport {
    while signals?.next() != nil {}
    let watch = Task {
      while let signals, !Task.isCancelled {
        if signals.next() != nil {
          signals.pause()
          observer.warning(
            "the agent's work in git is being taken over; interrupt once more to leave that to "
              + "the next start")
          return
        }
        // Cancelled means that it is over, which the loop sees.
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
    defer { watch.cancel() }
    // In a task of its own: a session that is cancelled is taken over all the same.
    return await Task { await git.end() }.value
  }

  private var quarantines: GitQuarantines {
    GitQuarantines(
      host: host, stateDirectory: plan.paths.stateDirectory, store: store, runner: runner)
  }

  private func runHolding(
    _ timing: inout SessionTiming, container: inout ContainerState
  ) async throws -> SessionEnding {
    try shim.install()
    let keys = try await prepareIdentity()
    defer { keys.cancel() }
    let preparation = SessionPreparation(plan: plan)
    for warning in try preparation.run() { observer.warning(warning) }
    let checks = try preparation.mountChecks()
    timing.prepared = ContinuousClock().now

    let served = try sidecars?.start(plan) ?? []
    defer { for sidecar in served { sidecar.end() } }
    let patience = sidecars?.patience ?? .zero
    let sidecars = Task {
      for sidecar in served { try await sidecar.waitUntilReady(limit: patience) }
    }
    let secrets = Task { await resolver.resolve(plan.secrets) }
    defer { secrets.cancel() }
    let homes = Task { plan.homeWatch.snapshot() }
    let pending = Pending(secrets: secrets, keys: keys, homes: homes, sidecars: sidecars)
    var outcome = try await attempt(checks: checks, awaiting: pending, warns: true)
    container = await removeContainer(after: outcome)
    if outcome.status == .exited(GuestExitStatus.refused), outcome.signal == nil,
      try await !runtime.imageExists(plan.image)
    {
      guard let build = observer.buildImage else {
        throw PodmanError(
          summary: "the image \(plan.image) is missing", hint: "ags update-image builds it")
      }
      try await build(plan.image)
      outcome = try await attempt(checks: checks, awaiting: pending, warns: false)
      container = await removeContainer(after: outcome)
    }
    if let failure = outcome.failure { throw failure }
    if outcome.documentWasRead {
      let changes = HomeWatch.changes(from: await homes.value, to: plan.homeWatch.snapshot())
      for change in changes { observer.warning(change) }
    }
    timing.add(outcome.milestones)
    return SessionEnding(exitStatus: exitStatus(of: outcome, container), timing: timing)
  }

  /// Writes what git and ssh need inside and makes the ssh agent ready. Everything that may
  /// ask on the terminal is over when it returns; the rest goes on while podman starts.
  private func prepareIdentity() async throws -> Task<Void, any Error> {
    guard let identity = plan.identity else { return Task {} }
    try identity.write(plan.paths)
    guard !identity.keys.isEmpty else { return Task {} }
    let agent = SSHAgent(
      directory: identity.agentDirectory, host: host, runner: runner, signals: signals,
      warning: observer.warning)
    let missing = try await agent.prepare(identity.keys)
    return Task { try await agent.load(missing) }
  }

  private func exitStatus(of outcome: SupervisedEnding, _ container: ContainerState) -> Int32 {
    if outcome.documentWasRead {
      // podman that is not ready yet to pass a signal on ends by itself, with a status that
      // is not the agent's.
      guard let signal = outcome.signal, container == .removed, case .exited = outcome.status
      else {
        return outcome.status.shellStatus
      }
      return TerminationStatus.signalled(signal).shellStatus
    }
    if outcome.signal != nil { return ExitStatus.interrupted.rawValue }
    guard outcome.status.isSuccess else { return outcome.status.shellStatus }
    // Somebody else's signal: podman calls that a success.
    observer.warning("podman ended before the agent was started")
    return ExitStatus.podman.rawValue
  }

  private enum ContainerState {
    /// podman removed it.
    case gone
    /// It was still there when podman had ended.
    case removed
    case mayBeLeft
  }

  /// podman removes the container itself (`--rm`) when its program has ended and podman has
  /// seen it. Whatever else ended podman may have left the container, started or not.
  private func removeContainer(after outcome: SupervisedEnding) async -> ContainerState {
    // Only now, so that what runs is found running.
    defer { if outcome.lifeline >= 0 { close(outcome.lifeline) } }
    if outcome.signal == nil, outcome.documentWasRead, case .exited(let status) = outcome.status,
      status != GuestExitStatus.refused
    {
      return .gone
    }
    // In a task of its own: a session that is cancelled is cleared away all the same.
    let removal = Task {
      let wasThere = try await runtime.removeContainer(plan.containerName)
      ContainerMonitor(container: plan.containerName, idFile: plan.paths.monitorID).end()
      return wasThere
    }
    do {
      return try await removal.value ? .removed : .gone
    } catch {
      let reason = (error as? any DescribedError)?.summary ?? "\(error)"
      observer.warning("\(reason); it is tried again at the next start")
      return .mayBeLeft
    }
  }

  /// What goes on while podman starts, and is over before the agent does.
  private struct Pending {
    var secrets: Task<SecretResolution, Never>
    var keys: Task<Void, any Error>
    var homes: Task<HomeWatch.Snapshot, Never>
    var sidecars: Task<Void, any Error>
  }

  /// Starts podman once and waits for its end.
  private func attempt(
    checks: [LaunchDocument.MountCheck], awaiting pending: Pending, warns: Bool
  ) async throws -> SupervisedEnding {
    try Task.checkCancellation()
    let launch = try Pipe()
    let lifeline = try Pipe()
    let spawned = ContinuousClock().now
    let process: AttachedProcess
    do {
      process = try AttachedProcess.spawn(
        runtime.executable, arguments: plan.podmanArguments, environment: runtime.environment,
        passing: [launch.readEnd, lifeline.readEnd])
    } catch {
      for pipe in [launch, lifeline] {
        close(pipe.readEnd)
        close(pipe.writeEnd)
      }
      throw error
    }
    close(lifeline.readEnd)
    _ = cposix_set_nonblocking(launch.writeEnd)
    let slot = DocumentSlot()
    let supervisor = Supervisor(
      process: process, launchPipe: launch.writeEnd, launchReadEnd: launch.readEnd,
      lifeline: lifeline.writeEnd, signals: signals, document: slot,
      measuresStart: measuresStart, spawned: spawned, grace: grace)
    let delivery = Task {
      let resolution = await pending.secrets.value
      _ = await pending.homes.value
      do {
        try await pending.keys.value
        try await pending.sidecars.value
      } catch {
        slot.fail(error)
        return
      }
      if warns { for warning in resolution.warnings { observer.warning(warning) } }
      slot.put(document(checks: checks, secrets: resolution.values).encoded())
    }
    var ending = await withTaskCancellationHandler {
      await supervisor.run()
    } onCancel: {
      slot.cancel()
    }
    delivery.cancel()
    ending.failure = slot.failure
    return ending
  }

  private func document(
    checks: [LaunchDocument.MountCheck], secrets: [ResolvedSecret]
  ) -> LaunchDocument {
    var environment = plan.launchEnvironment.map {
      LaunchDocument.EnvironmentVariable(name: $0.name, value: $0.value)
    }
    for name in plan.passthroughNames {
      if let value = host.environment[name] {
        environment.append(.init(name: name, value: value))
      }
    }
    for secret in secrets {
      environment.append(.init(name: secret.name.text, value: secret.value.revealed()))
    }
    let usesRelay = plan.authProxy != nil && sidecars != nil
    return LaunchDocument(
      directories: plan.bootDirectories.map { .init(path: $0.description, mode: 0o755) },
      mounts: checks, workingDirectory: plan.workspace.workingDirectory.string,
      commands: plan.commands, tmux: plan.tmux.inDocument, dcg: plan.dcgNeed,
      ports: usesRelay ? Set(plan.forwards.map(\.port)).sorted() : [], usesRelay: usesRelay,
      environment: environment)
  }
}

/// A pipe whose ends close on exec.
private struct Pipe {
  let readEnd: CInt
  let writeEnd: CInt

  init() throws(LaunchError) {
    var ends: [CInt] = [-1, -1]
    guard cposix_pipe(&ends) == 0 else {
      throw LaunchError("cannot make a pipe", cause: String(cString: strerror(errno)))
    }
    readEnd = ends[0]
    writeEnd = ends[1]
  }
}
