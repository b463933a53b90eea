import AGSLib
import ArgumentParser
import FoundationEssentials
import SystemPackage

/// `ags update-agents` (5-commands).
struct UpdateAgentsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update-agents",
    abstract: "Install agents, or update those that are installed.",
    discussion: """
      Each is installed by a throwaway container that can write one new directory. The \
      version before stays until the new one has answered --version. Without a name: the \
      agents that are installed, or all of them where none is. Exit status 1 when one \
      could not be had.

      Example: ags update-agents claude codex
      """)

  @Argument(help: "Agents; by default those that are installed, else all.")
  var names: [String] = []

  @Flag(help: "Print an array of objects with agent, status, version, source and problems.")
  var json = false

  @Option(help: "Read this file instead of ~/.config/ags/config.toml.")
  var config: String?

  func run() async throws {
    let host = try Host.current()
    let configuration = try ConfigurationLoader(host: host).loadBase(
      baseOverride: config.map { FilePath($0) }, missing: .defaults
    ).configuration
    let installer = try AgentInstaller(host: host, configuration: configuration, now: Date())
    // Before an image is built for it.
    _ = try installer.selection(names)
    let progress = Progress(style: ProgressStyle(environment: host.environment))
    defer { progress.finish() }
    if try await !installer.imageIsThere() {
      let sandbox = configuration.sandbox
      ErrorOutput.note("the image \(sandbox.image) is missing: building it, once")
      try await MissingImage.build(
        sandbox.image, containerfile: sandbox.containerfile,
        host: host.withTrustedSearchPath(configuration))
    }
    let outcomes = try await interruptible {
      try await installer.update(names) { progress.show($0) }
    }
    progress.finish()
    print(
      json ? try AgentInstallOutcome.json(outcomes) : outcomes.map(\.text).joined(separator: "\n"))
    let failed = outcomes.filter { $0.status == .failed }.map(\.agent)
    if !failed.isEmpty { throw FailedAgents(names: failed) }
  }
}

/// Some could not be had; the others are reported all the same.
private struct FailedAgents: DescribedError {
  var names: [String]
  var summary: String { "could not be installed: \(names.joined(separator: ", "))" }
  var hint: String? { "the warnings above say why; what was installed before still is" }
  var exitStatus: ExitStatus { .failure }
}

extension AgentInstallOutcome {
  /// One line for people.
  var text: String {
    let version = version ?? "nothing"
    return switch status {
    case .installed: "\(agent): installed \(version)"
    case .updated: "\(agent): updated to \(version)" + (previousVersion.map { " from \($0)" } ?? "")
    case .unchanged: "\(agent): \(version) is the newest"
    case .failed: "\(agent): failed, \(version) is installed"
    }
  }
}
