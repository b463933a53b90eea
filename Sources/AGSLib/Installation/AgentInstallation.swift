internal import AGSWire
internal import FoundationEssentials
internal import Synchronization
internal import SystemPackage

/// One agent's way from its sources to the link that runs go by.
struct AgentInstallation: Sendable {
  let agent: InstallableAgent
  let installer: AgentInstaller
  let facts: PodmanFacts
  let onEvent: @Sendable (AgentInstallEvent) -> Void

  /// An npm installation of many packages over a slow line; a hung one ends.
  private static let installLimit = Duration.seconds(30 * 60)
  private static let checkLimit = Duration.seconds(120)
  /// How long podman may take to end after its container was removed.
  private static let interruptionLimit = Duration.seconds(20)

  private var installations: AgentInstallations { installer.installations }
  private var host: Host { installer.host }

  /// Why one source did not do.
  private struct Problem: Error {
    var reason: String
  }

  /// What a source gave.
  private enum Installed {
    case new(AgentRecord)
    case unchanged
  }

  /// Throws only when interrupted.
  func finish() async throws(AgentInstallError) -> AgentInstallOutcome {
    let before = installations.installed().first { $0.agent == agent.name }
    var outcome = AgentInstallOutcome(
      agent: agent.name, status: .failed, version: before?.record?.version,
      previousVersion: before?.record?.version)
    if let owner = installations.owner(of: agent.program), owner.agent != agent.name {
      outcome.problems = ["the program \(agent.program) belongs to agent \(owner.agent)"]
      return outcome
    }
    for source in agent.sources {
      onEvent(.began(agent: agent.name, source: source.description))
      do throws(Problem) {
        switch try await install(from: source, before: before) {
        case .unchanged: outcome.status = .unchanged
        case .new(let record):
          outcome.status = before == nil ? .installed : .updated
          outcome.version = record.version
        }
        outcome.source = source.description
        return outcome
      } catch {
        if Task.isCancelled { throw .interrupted }
        let reason = "\(source): \(error.reason)"
        outcome.problems.append(reason)
        onEvent(.sourceFailed(agent: agent.name, reason: reason))
      }
    }
    return outcome
  }

  private func install(
    from source: AgentSource, before: InstalledAgent?
  ) async throws(Problem) -> Installed {
    let name = SessionID.random()
    let result: Result<Installed, Problem>
    do throws(Problem) {
      let place = try made(name)
      result = .success(try await fill(place, name, from: source, before: before))
    } catch {
      result = .failure(error)
    }
    if case .success(.new) = result {
      // What a session that started before this update may have open stays until the next.
      let kept = [name, before?.directory]
      for old in installations.directories(of: agent.name) where !kept.contains(old) {
        installations.remove(old, of: agent.name)
      }
    } else {
      installations.remove(name, of: agent.name)
    }
    return try result.get()
  }

  private func made(_ name: String) throws(Problem) -> FilePath {
    do {
      return try installations.makeFresh(
        name, for: agent.name, host: host, owner: host.isRoot ? containerOwner : nil)
    } catch {
      throw Problem(reason: Self.text(of: error))
    }
  }

  private func fill(
    _ place: FilePath, _ name: String, from source: AgentSource, before: InstalledAgent?
  ) async throws(Problem) -> Installed {
    let report = try await download(place, name, from: source, before: before)
    if report.unchanged != nil, before != nil { return .unchanged }
    guard let packageVersion = report.version else {
      throw Problem(reason: report.failure ?? "it did not say which version it installed")
    }
    onEvent(.checking(agent: agent.name))
    let path = source.programPath(of: agent.program)
    let record = AgentRecord(
      agent: agent.name, source: source.description, packageVersion: packageVersion,
      version: try await versionAnswered(by: path, in: place, name),
      installed: installer.now.formatted(.iso8601))
    do {
      try installations.activate(name, record, program: agent.program, path: path)
    } catch {
      throw Problem(reason: Self.text(of: error))
    }
    return .new(record)
  }

  // MARK: - The first container

  private func download(
    _ place: FilePath, _ name: String, from source: AgentSource, before: InstalledAgent?
  ) async throws(Problem) -> InstallReport {
    let inside = "\(GuestPath.agents)/\(agent.name)/\(name)"
    let current = before?.record.flatMap { $0.source == source.description ? $0 : nil }
    let recipe = InstallRecipe(
      source: source, program: agent.program, directory: inside,
      minimumAge: installer.configuration.update.minimumReleaseAge, now: installer.now,
      installed: current?.packageVersion ?? "", host: host)
    var container = try container(
      AgentInstaller.containerName(name), mount: place, at: inside, mode: .readWrite,
      limit: Self.installLimit, command: recipe.command)
    container.network = NetworkChoice.choose(facts).0
    container.environment = recipe.environment
    container.readsInput = true
    if let certificates = recipe.certificates {
      container.mounts.append(
        try Self.mount(certificates, at: InstallRecipe.certificatesPath, .readOnly, .file))
    }
    let collected = Mutex(InstallReport())
    let tail = LastLines()
    var command = command(container)
    command.input = recipe.script
    command.environment.merge(recipe.handedOn) { $1 }
    let status = try await run(command, of: container.name) { line, stream in
      switch stream {
      case .standardOutput:
        guard let fraction = collected.withLock({ $0.take(line) }) else { return }
        onEvent(.progress(fraction))
      case .standardError:
        let shown = InstallReport.shown(line, longest: 300)
        guard !shown.isEmpty else { return }
        tail.add(shown)
        onEvent(.line(shown))
      }
    }
    var report = collected.withLock { $0 }
    guard !status.isSuccess else { return report }
    report.version = nil
    report.unchanged = nil
    report.failure = report.failure ?? tail.lines.last ?? "it ended with \(status.shellStatus)"
    return report
  }

  // MARK: - The second container

  private func versionAnswered(
    by path: String, in place: FilePath, _ name: String
  ) async throws(Problem) -> String {
    let inside = "\(GuestPath.agents)/\(agent.name)/\(name)"
    var container = try container(
      AgentInstaller.containerName(name, isCheck: true), mount: place, at: inside,
      mode: .readOnly, limit: Self.checkLimit, command: ["\(inside)/\(path)", "--version"])
    container.environment = ["HOME=/tmp", "LANG=C.UTF-8"]
    let output = Mutex<(out: [UInt8], error: String?)>(([], nil))
    let status = try await run(
      command(container), of: container.name
    ) { line, stream in
      output.withLock { output in
        switch stream {
        case .standardOutput where output.out.count < 4096: output.out += Array("\(line)\n".utf8)
        case .standardOutput: break
        case .standardError:
          let shown = InstallReport.shown(line, longest: 300)
          if !shown.isEmpty { output.error = shown }
        }
      }
    }
    let (bytes, error) = output.withLock { $0 }
    guard status.isSuccess else {
      throw Problem(
        reason: "the new version does not answer --version"
          + " (status \(status.shellStatus))" + (error.map { ": \($0)" } ?? ""))
    }
    guard let version = InstallReport.firstLine(bytes) else {
      throw Problem(reason: "the new version says nothing to --version")
    }
    return version
  }

  // MARK: - Both

  /// As root a uid of its own for what installs: nobody's, and not the workspace's owner,
  /// who differs from run to run.
  private var containerOwner: UInt32 { mappingBase + 65535 }
  private var mappingBase: UInt32 {
    UserMapping.base(subordinateRanges: installer.subordinateRanges)
  }

  private func container(
    _ name: String, mount place: FilePath, at inside: String, mode: MountMode,
    limit: Duration, command: [String]
  ) throws(Problem) -> InstallContainer {
    var limits = ["core": min(host.hardLimits["core"] ?? 1, 1)]
    if host.isRoot { limits.merge(host.hardLimits) { own, _ in own } }
    let canLimit = facts.cgroupControllers.contains("pids")
    return InstallContainer(
      name: name, image: installer.configuration.sandbox.image,
      mounts: [try Self.mount(place, at: inside, mode, .directory)],
      userMapping: host.isRoot
        ? .owner(uid: containerOwner, gid: containerOwner, base: mappingBase) : .keepID,
      limits: limits,
      pidsLimit: canLimit ? installer.configuration.sandbox.pidsLimit : nil,
      timeLimit: limit, command: command)
  }

  private static func mount(
    _ source: FilePath, at target: String, _ mode: MountMode, _ kind: MountKind
  ) throws(Problem) -> Mount {
    do {
      return Mount(
        source: source, target: try ContainerPath(target), mode: mode, kind: kind,
        origin: .agentInstallations)
    } catch {
      throw Problem(reason: error.summary)
    }
  }

  private func command(_ container: InstallContainer) -> Command {
    var command = Command(
      executable: installer.runtime.executable, arguments: container.podmanArguments,
      environment: installer.runtime.environment,
      // podman is first to notice.
      timeout: container.timeLimit + .seconds(30))
    // podman hands the signal on, waits, and removes the container.
    command.gracePeriod = .seconds(5)
    return command
  }

  /// Runs podman in a task that cancelling this one does not reach: the container is
  /// removed under it instead, which it sees and ends.
  private func run(
    _ command: Command, of container: String,
    onLine: @escaping @Sendable (String, OutputStream) -> Void
  ) async throws(Problem) -> TerminationStatus {
    if Task.isCancelled { throw Problem(reason: "interrupted") }
    let (runner, runtime) = (installer.runner, installer.runtime)
    let work = Task { () async -> Result<TerminationStatus, CommandError> in
      do throws(CommandError) {
        return .success(try await runner.stream(command, onLine: onLine))
      } catch {
        return .failure(error)
      }
    }
    let (ended, hasEnded) = AsyncStream<Void>.makeStream()
    let result = await withTaskCancellationHandler {
      await work.value
    } onCancel: {
      let ending = Task {
        let deadline = ContinuousClock.now + Self.interruptionLimit
        // Again and again: podman may not have made it yet. A failure is tried again too.
        while !Task.isCancelled, ContinuousClock.now < deadline {
          _ = try? await runtime.removeContainer(container)
          // Cancelled means podman has ended, which the loop sees.
          try? await Task.sleep(for: .milliseconds(100))
        }
        work.cancel()
      }
      Task {
        for await _ in ended {}
        ending.cancel()
      }
    }
    hasEnded.finish()
    if case .failure = result {
      // Stopped on the way, podman may leave it. The failure is the one to tell.
      await Task { _ = try? await runtime.removeContainer(container) }.value
    }
    do {
      return try result.get()
    } catch {
      throw Problem(reason: error.summary)
    }
  }

  private static func text(of error: any Error) -> String {
    guard let error = error as? any DescribedError else { return "\(error)" }
    return error.summary + (error.cause.map { ": \($0)" } ?? "")
  }
}
