internal import FoundationEssentials
public import SystemPackage

/// The library's front door: plans and runs agents. Everything it needs from the outside
/// comes in through `init`.
///
/// ```swift
/// let host = try Host.current()
/// let launcher = try Launcher(host: host, configuration: Configuration(home: host.home))
/// let plan = try await launcher.plan(LaunchRequest(agent: "shell", agentArguments: ["-c", "id"]))
/// let ending = try await launcher.run(plan)
/// ```
public struct Launcher: Sendable {
  public let host: Host
  public let configuration: Configuration
  public let runtime: any ContainerRuntime
  private let runner: any CommandRunner
  private let store: any SecretStore
  private let shim: ShimInstallation
  private let sidecars: SidecarPrograms

  /// - Parameters:
  ///   - host: its `PATH` is used without what an agent could write
  ///     (`Host.withTrustedSearchPath`).
  ///   - runtime: by default the podman in the host's `PATH`.
  ///   - shimCandidates: where `ags-shim` is looked for; by default beside the program
  ///     and in `../libexec/ags`.
  ///   - sidecarDirectory: where `ags-auth-proxy` is; by default where the shim is looked for.
  /// - Throws: when podman or the shim is missing.
  public init(
    host: Host, configuration: Configuration, runtime: (any ContainerRuntime)? = nil,
    runner: any CommandRunner = SubprocessRunner(), store: (any SecretStore)? = nil,
    shimCandidates: [FilePath]? = nil, sidecarDirectory: FilePath? = nil
  ) throws {
    let host = host.withTrustedSearchPath(configuration)
    self.host = host
    self.configuration = configuration
    self.runner = runner
    self.store = store ?? LibSecretStore(host: host)
    let sandbox = configuration.sandbox
    self.runtime =
      try runtime
      ?? Podman(host: host, cacheDirectory: sandbox.cacheDirectory, runner: runner)
    sidecars = SidecarPrograms(host: host, directory: sidecarDirectory)
    if let shimCandidates {
      shim = try ShimInstallation(
        candidates: shimCandidates, stateDirectory: sandbox.stateDirectory)
    } else {
      shim = try ShimInstallation(host: host, stateDirectory: sandbox.stateDirectory)
    }
  }

  /// Resolves `request` without doing anything but ask podman about itself, once.
  public func plan(
    _ request: LaunchRequest, sessionID: String = SessionID.random()
  ) async throws -> LaunchPlan {
    let planner = LaunchPlanner(
      host: host, configuration: configuration, podman: try await runtime.facts(),
      runtimeProgram: runtime.executable, shim: shim,
      subordinateRanges: ["/etc/subuid", "/etc/subgid"]
        .compactMap { SmallFile.text(FilePath($0)) }.joined(separator: "\n"),
      hasLocalTime: ResolvedPath("/etc/localtime") != nil,
      agentPrograms: try await AgentPresence(configuration: configuration, runtime: runtime)
        .programs(for: request.agent))
    return try planner.plan(request, sessionID: sessionID)
  }

  /// `plan` with the mounts that its private git directories will give, which a session adds
  /// when it makes them. Nothing is made here.
  public func withGitMounts(_ plan: LaunchPlan) throws -> LaunchPlan {
    guard plan.git != .direct else { return plan }
    let (mounts, warnings) = try GitQuarantine.rehearse(
      plan.quarantineRequest(on: host), in: plan.paths.stateDirectory)
    var whole = try plan.mounting(mounts)
    whole.warnings += warnings
    return whole
  }

  /// Runs `plan` and returns when everything of it is gone.
  ///
  /// Cancelling the task ends the session in order, as SIGTERM in `signals` does, and the
  /// ending is returned; before podman is started it throws `CancellationError`.
  /// - Parameters:
  ///   - signals: what ends the session in order; programs catch them, others leave it.
  ///   - measuresStart: fills the timing in, at the cost of a wake-up a millisecond
  ///     while the container starts.
  public func run(
    _ plan: LaunchPlan, signals: TerminationSignals? = nil, measuresStart: Bool = false,
    observer: SessionObserver = SessionObserver()
  ) async throws -> SessionEnding {
    try await Session(
      plan: plan, host: host, runtime: runtime,
      resolver: SecretResolver(host: host, store: store, runner: runner), shim: shim,
      store: SessionStore(host: host, sandbox: configuration.sandbox), signals: signals,
      observer: observer, measuresStart: measuresStart, runner: runner, sidecars: sidecars
    ).run()
  }
}
