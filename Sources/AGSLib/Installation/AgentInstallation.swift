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

  private static let checkLimit = Duration.seconds(120)

  private var installations: AgentInstallations { installer.installations }
  private var host: Host { installer.host }

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
      do throws(InstallProblem) {
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
  ) async throws(InstallProblem) -> Installed {
    let name = SessionID.random()
    let result: Result<Installed, InstallProblem>
    do throws(InstallProblem) {
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

  private func made(_ name: String) throws(InstallProblem) -> FilePath {
    do {
      return try installations.makeFresh(
        name, for: agent.name, host: host,
        owner: host.isRoot ? installer.containerOwner : nil)
    } catch {
      throw InstallProblem(error)
    }
  }

  private func fill(
    _ place: FilePath, _ name: String, from source: AgentSource, before: InstalledAgent?
  ) async throws(InstallProblem) -> Installed {
    let sandbox = InstallSandbox(
      installer: installer, facts: facts, agent: agent.name, name: name, place: place)
    let current = before?.record.flatMap { $0.source == source.description ? $0 : nil }
    let download = AgentDownload(
      sandbox: sandbox, source: source, program: agent.program, age: installer.age,
      installed: current?.packageVersion, onEvent: onEvent)
    guard case .version(let packageVersion) = try await download.finish() else {
      return .unchanged
    }
    onEvent(.checking(agent: agent.name))
    let path = source.programPath(of: agent.program)
    let record = AgentRecord(
      agent: agent.name, source: source.description, packageVersion: packageVersion,
      version: try await versionAnswered(by: path, in: sandbox),
      installed: installer.now.formatted(.iso8601))
    do {
      try installations.activate(name, record, program: agent.program, path: path)
    } catch {
      throw InstallProblem(error)
    }
    return .new(record)
  }

  private func versionAnswered(
    by path: String, in sandbox: InstallSandbox
  ) async throws(InstallProblem) -> String {
    let container = try sandbox.container(checking: path, limit: Self.checkLimit)
    let output = Mutex<(out: [UInt8], error: String?)>(([], nil))
    let status = try await sandbox.stream(container) { line, stream in
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
      throw InstallProblem(
        "the new version does not answer --version (status \(status.shellStatus))"
          + (error.map { ": \($0)" } ?? ""))
    }
    guard let version = InstallReport.firstLine(bytes) else {
      throw InstallProblem("the new version says nothing to --version")
    }
    return version
  }
}
