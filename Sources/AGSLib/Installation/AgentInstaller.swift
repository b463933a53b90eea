public import FoundationEssentials
internal import SystemPackage

/// Installs and updates agents below `cache_dir/agents` (5-commands "update-agents"), each
/// in a throwaway container that can write one new directory and nothing else. A new
/// version takes over only after it has answered `--version` in a second container that
/// can write nothing and has no network.
public struct AgentInstaller: Sendable {
  let host: Host
  let configuration: Configuration
  let runtime: any ContainerRuntime
  let runner: any CommandRunner
  let now: Date
  let subordinateRanges: String

  var installations: AgentInstallations {
    AgentInstallations(cacheDirectory: configuration.sandbox.cacheDirectory)
  }

  var age: ReleaseAge {
    ReleaseAge(minimum: configuration.update.minimumReleaseAge, now: now)
  }

  /// As root a uid of its own for what installs: nobody's, and not the workspace's owner,
  /// who differs from run to run.
  var containerOwner: UInt32 {
    UserMapping.base(subordinateRanges: subordinateRanges) + 65535
  }

  /// - Parameters:
  ///   - host: its `PATH` is used without what an agent could write.
  ///   - runtime: by default the podman in the host's `PATH`.
  ///   - now: what `minimum_release_age` is counted from.
  /// - Throws: when podman is missing.
  public init(
    host: Host, configuration: Configuration, runtime: (any ContainerRuntime)? = nil,
    runner: any CommandRunner = SubprocessRunner(), now: Date
  ) throws {
    let host = host.withTrustedSearchPath(configuration)
    self.host = host
    self.configuration = configuration
    self.runner = runner
    self.now = now
    self.runtime =
      try runtime
      ?? Podman(
        host: host, cacheDirectory: configuration.sandbox.cacheDirectory, runner: runner)
    subordinateRanges = ["/etc/subuid", "/etc/subgid"]
      .compactMap { SmallFile.text(FilePath($0)) }.joined(separator: "\n")
  }

  /// Whether the image is there in which agents are installed; `update` needs it.
  public func imageIsThere() async throws -> Bool {
    try await runtime.imageExists(configuration.sandbox.image)
  }

  /// What `names` stand for; without any, the agents that are installed, and where none
  /// is, every one that can be.
  public func selection(_ names: [String]) throws(AgentInstallError) -> [InstallableAgent] {
    let all = InstallableAgent.all(configuration)
    if names.isEmpty {
      let there = Set(installations.installed().map(\.agent))
      let known = all.filter { there.contains($0.name) }
      return known.isEmpty ? all : known
    }
    var chosen: [InstallableAgent] = []
    for name in names where !chosen.contains(where: { $0.name == name }) {
      guard let agent = all.first(where: { $0.name == name }) else {
        throw refusal(of: name, known: all.map(\.name))
      }
      chosen.append(agent)
    }
    return chosen
  }

  private func refusal(of name: String, known: [String]) -> AgentInstallError {
    if name == "shell" {
      return .nothingToInstall(
        name, hint: "it is the image's own bash; ags update-image brings a newer one")
    }
    guard let agent = configuration.agents.first(where: { $0.name == name }) else {
      return .unknownAgent(name, known: known)
    }
    return .nothingToInstall(
      name,
      hint: agent.npm == nil
        ? "its [[agent]] names no package; add npm = \"PACKAGE\", or put it into the image"
        : "an agent of that name cannot be installed; choose another")
  }

  /// Installs or updates `names` one after the other. One agent's failure is its outcome
  /// and keeps no other from being made.
  ///
  /// Cancelling the task ends the container, removes what it wrote and throws
  /// `AgentInstallError.interrupted`; agents that were finished stay.
  /// - Parameter onEvent: is told what happens; calls do not overlap.
  public func update(
    _ names: [String],
    onEvent: @escaping @Sendable (AgentInstallEvent) -> Void = { _ in }
  ) async throws -> [AgentInstallOutcome] {
    let agents = try selection(names)
    do {
      return try await update(agents, onEvent)
    } catch {
      // Whatever it was busy with.
      if Task.isCancelled { throw AgentInstallError.interrupted }
      throw error
    }
  }

  private func update(
    _ agents: [InstallableAgent], _ onEvent: @escaping @Sendable (AgentInstallEvent) -> Void
  ) async throws -> [AgentInstallOutcome] {
    guard try await imageIsThere() else {
      throw AgentInstallError.imageMissing(configuration.sandbox.image)
    }
    let facts = try await runtime.facts()
    let lock = try await AgentUpdateLock.take(in: configuration.sandbox.cacheDirectory) {
      onEvent(.waiting)
    }
    defer { lock.release() }
    try await sweep()
    var outcomes: [AgentInstallOutcome] = []
    for agent in agents {
      let installation = AgentInstallation(
        agent: agent, installer: self, facts: facts, onEvent: onEvent)
      let outcome = try await installation.finish()
      onEvent(.finished(outcome))
      outcomes.append(outcome)
    }
    return outcomes
  }

  /// Removes what an update left that was killed, its container first.
  private func sweep() async throws {
    for (agent, name) in installations.unfinished() {
      try await runtime.removeContainer(Self.containerName(name))
      try await runtime.removeContainer(Self.containerName(name, isCheck: true))
      installations.remove(name, of: agent)
    }
  }

  static func containerName(_ name: String, isCheck: Bool = false) -> String {
    "ags-install-\(name)" + (isCheck ? "-check" : "")
  }
}
