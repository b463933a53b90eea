public import SystemPackage

/// Looks at everything a run depends on (5-commands `ags doctor`). It asks nobody anything
/// and changes no file, but for what podman itself makes when it is asked for the first
/// time; and no check's failure keeps the others from being made.
public struct Doctor: Sendable {
  private let host: Host
  private let baseOverride: FilePath?
  private let runner: any CommandRunner
  private let store: any SecretStore

  /// How long the Secret Service may take to answer.
  private static let secretServiceLimit = Duration.seconds(5)

  /// - Parameters:
  ///   - baseOverride: the path of `--config`.
  ///   - store: by default the Secret Service, whose prompts are not shown.
  public init(
    host: Host, baseOverride: FilePath? = nil, runner: any CommandRunner = SubprocessRunner(),
    store: (any SecretStore)? = nil
  ) {
    self.host = host
    self.baseOverride = baseOverride
    self.runner = runner
    self.store =
      store ?? LibSecretStore(host: host, limit: Self.secretServiceLimit, unlocking: .never)
  }

  /// Makes all checks at the same time.
  /// - Returns: at least one finding each, always in the same order.
  public func examine() async -> [Finding] {
    let setting = ConfigurationCheck(host: host, baseOverride: baseOverride)
    let report = Task { await podmanReport(setting.configuration.sandbox) }
    let checks = checks(setting, report)
    return await withTaskGroup(of: (Int, [Finding]).self) { group in
      for (index, check) in checks.enumerated() {
        group.addTask { (index, await check.outcome()) }
      }
      let outcomes = await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
      return checks.indices.flatMap { outcomes[$0] ?? [] }
    }
  }

  private typealias Report = Result<PodmanFacts, any Error>

  private func checks(_ setting: ConfigurationCheck, _ report: Task<Report, Never>) -> [Check] {
    let configuration = setting.configuration
    let sandbox = configuration.sandbox
    return [
      Check("podman") {
        PodmanCheck(
          isRoot: host.isRoot, report: await report.value,
          executable: ProgramLookup.find("podman", on: host)
        ).findings
      },
      Check("root.overlay") {
        try await facts(report).map { RootOverlayCheck(observing: host, facts: $0).findings } ?? []
      },
      Check("podman.host") {
        try await facts(report).map {
          PodmanHostCheck(observing: host, facts: $0, sandbox: sandbox).findings
        } ?? []
      },
      Check("rootless") { host.isRoot ? [] : RootlessCheck(observing: host).findings },
      Check("runtime-directory") { RuntimeDirectoryCheck(observing: host).findings },
      Check("program") { ProgramCheck(observing: host).findings },
      Check("shim") {
        let shim = try ShimInstallation(host: host, stateDirectory: sandbox.stateDirectory)
        return [.ok("shim", "ags-shim is \(shim.source)")]
      },
      Check("configuration") { setting.findings },
      Check("mount") {
        let storage = try await facts(report)?.storage ?? []
        return MountCheck(
          configuration: configuration,
          policy: MountPolicy(
            host: host, sandbox: sandbox, baseFile: configuration.baseFile,
            containerStorage: storage, allowed: []),
          workspace: setting.workspace
        ).findings
      },
      Check("image") { try await image(sandbox) },
      Check("agents") {
        AgentCheck(
          installed: AgentInstallations(cacheDirectory: sandbox.cacheDirectory).installed()
        ).findings
      },
      Check("secret") {
        await SecretCheck(
          asking: store, SecretResolver(host: host, store: store, runner: runner),
          configuration.allSecrets
        ).findings
      },
      Check("ssh") {
        try await SSHCheck(observing: host, sandbox: sandbox, runner: runner).findings
      },
      Check("git") { try GitCheck(observing: host, sandbox: sandbox).findings },
      Check("sessions") {
        SessionCheck(
          dead: try SessionStore(host: host, sandbox: sandbox).deadAtRest()
        ).findings
      },
    ]
  }

  /// One thing to look at. What it throws becomes a finding under its name.
  private struct Check: Sendable {
    let id: String
    let find: @Sendable () async throws -> [Finding]

    init(_ id: String, _ find: @escaping @Sendable () async throws -> [Finding]) {
      self.id = id
      self.find = find
    }

    func outcome() async -> [Finding] {
      do {
        return try await find()
      } catch {
        return [.fail(id, error)]
      }
    }
  }

  /// Asked anew, not taken from the cache: it may be what is wrong.
  private func podmanReport(_ sandbox: SandboxSection) async -> Report {
    do {
      let podman = try Podman(
        host: host, cacheDirectory: sandbox.cacheDirectory, runner: runner)
      return .success(try await podman.ask())
    } catch {
      return .failure(error)
    }
  }

  /// Nil when podman says nothing, which is the finding of its own check.
  private func facts(_ report: Task<Report, Never>) async throws -> PodmanFacts? {
    switch await report.value {
    case .success(let facts): facts
    case .failure: nil
    }
  }

  private func image(_ sandbox: SandboxSection) async throws -> [Finding] {
    // That there is no podman is the finding of its own check.
    guard ProgramLookup.find("podman", on: host) != nil else { return [] }
    return try await ImageCheck(
      observing: sandbox, podman: ImagePodman(runner: runner, host: host)
    ).findings
  }
}
