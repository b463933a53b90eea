internal import AGSWire
internal import FoundationEssentials
internal import SystemPackage

/// The throwaway containers that make one installation, one after the other under the same
/// name: those that run a script of ours with a network, and the one that asks for
/// `--version` without.
struct InstallSandbox: Sendable {
  let installer: AgentInstaller
  let facts: PodmanFacts
  let agent: String
  /// The installation's directory: its name, and where it is on the host.
  let name: String
  let place: FilePath

  /// Where a container has the directory.
  var inside: String { "\(GuestPath.agents)/\(agent)/\(name)" }

  var host: Host { installer.host }

  private static let largestFile: UInt64 = 4 << 30
  /// How long podman may take to end after its container was removed.
  private static let interruptionLimit = Duration.seconds(20)

  enum Access { case nothing, directory }

  // MARK: - The containers

  func container(
    running script: InstallScript, writing access: Access, limit: Duration
  ) throws(InstallProblem) -> InstallContainer {
    var container = try container(
      access == .directory ? [mount(place, at: inside, .readWrite, .directory)] : [],
      limit: limit, command: ["sh"] + script.arguments)
    container.name = AgentInstaller.containerName(name)
    container.network = NetworkChoice.choose(facts).0
    container.input = script.input
    if let certificates = ImageFiles.certificates(of: host) {
      let path = "/opt/ags/ca.crt"
      container.mounts.append(try mount(certificates, at: path, .readOnly, .file))
      container.environment += ["SSL_CERT_FILE=\(path)", "NODE_EXTRA_CA_CERTS=\(path)"]
    }
    return container
  }

  /// - Parameter path: the program's, relative to the directory.
  func container(
    checking path: String, limit: Duration
  ) throws(InstallProblem) -> InstallContainer {
    try container(
      [mount(place, at: inside, .readOnly, .directory)], limit: limit,
      command: ["\(inside)/\(path)", "--version"])
  }

  private func container(
    _ mounts: [Mount], limit: Duration, command: [String]
  ) -> InstallContainer {
    var limits = ["core": min(host.hardLimits["core"] ?? 1, 1)]
    if host.isRoot { limits.merge(host.hardLimits) { own, _ in own } }
    limits["fsize"] = min(host.hardLimits["fsize"] ?? .max, Self.largestFile)
    let canLimit = facts.cgroupControllers.contains("pids")
    return InstallContainer(
      name: AgentInstaller.containerName(name, isCheck: true),
      image: installer.configuration.sandbox.image, mounts: mounts,
      userMapping: host.isRoot
        ? .owner(uid: owner, gid: owner, base: mappingBase) : .keepID,
      limits: limits,
      pidsLimit: canLimit ? installer.configuration.sandbox.pidsLimit : nil,
      timeLimit: limit, environment: ["HOME=/tmp", "LANG=C.UTF-8"], command: command)
  }

  private var mappingBase: UInt32 {
    UserMapping.base(subordinateRanges: installer.subordinateRanges)
  }
  private var owner: UInt32 { installer.containerOwner }

  private func mount(
    _ source: FilePath, at target: String, _ mode: MountMode, _ kind: MountKind
  ) throws(InstallProblem) -> Mount {
    do {
      return Mount(
        source: source, target: try ContainerPath(target), mode: mode, kind: kind,
        origin: .agentInstallations)
    } catch {
      throw InstallProblem(error.summary)
    }
  }

  // MARK: - Running them

  /// Hands over lines as they come.
  func stream(
    _ container: InstallContainer,
    onLine: @escaping @Sendable (String, OutputStream) -> Void
  ) async throws(InstallProblem) -> TerminationStatus {
    let (runner, command) = (installer.runner, command(container))
    do {
      return try await run(container) { () throws(CommandError) in
        try await runner.stream(command, onLine: onLine)
      }
    } catch {
      throw InstallProblem(error.summary)
    }
  }

  /// Collects what is said, at most `outputLimit` bytes; nil when it is more.
  func collect(
    _ container: InstallContainer, outputLimit: Int
  ) async throws(InstallProblem) -> CommandResult? {
    var command = command(container)
    command.outputLimit = outputLimit
    let runner = installer.runner
    do {
      return try await run(container) { [command] () throws(CommandError) in
        try await runner.run(command)
      }
    } catch {
      if case .outputTooLarge = error { return nil }
      throw InstallProblem(error.summary)
    }
  }

  private func command(_ container: InstallContainer) -> Command {
    var command = Command(
      executable: installer.runtime.executable, arguments: container.podmanArguments,
      environment: installer.runtime.environment, input: container.input,
      // podman is first to notice.
      timeout: container.timeLimit + .seconds(30))
    // podman hands the signal on, waits, and removes the container.
    command.gracePeriod = .seconds(5)
    return command
  }

  /// Runs podman in a task that cancelling this one does not reach: the container is
  /// removed under it instead, which it sees and ends.
  private func run<Answer: Sendable>(
    _ container: InstallContainer,
    _ body: @escaping @Sendable () async throws(CommandError) -> Answer
  ) async throws(CommandError) -> Answer {
    if Task.isCancelled { throw CommandError.cancelled(installer.runtime.executable) }
    let (runtime, name) = (installer.runtime, container.name)
    // A failure to remove it is tried again, and by the next installation.
    let interruption = GentleInterruption(
      limit: Self.interruptionLimit, interval: .milliseconds(100),
      endWork: { _ = try? await runtime.removeContainer(name) })
    let result = await interruption.run(body)
    if case .failure = result {
      // Stopped on the way, podman may leave it. The failure is the one to tell.
      await Task { _ = try? await runtime.removeContainer(name) }.value
    }
    return try result.get()
  }
}
