/// Where an agent can be had from (docs/agents.md "Where agents come from").
public enum AgentSource: Sendable, Equatable, CustomStringConvertible {
  /// A package of the npm registry, with or without a version.
  case npm(package: String)
  /// A wheel of a Python package index: `folder` is kept whole, `program` lies in it.
  case wheel(package: String, folder: String, program: String)
  /// Claude Code's own downloads: a binary and a manifest with its checksum.
  case claudeReleases

  /// What messages, records and `--json` call it.
  public var description: String {
    switch self {
    case .npm(let package): "npm package \(package)"
    case .wheel(let package, _, _): "wheel \(package)"
    case .claudeReleases: "claude's releases"
    }
  }

  /// Where the program of `name` lies in an installation from here.
  func programPath(of name: String) -> String {
    switch self {
    case .npm: "node_modules/.bin/\(name)"
    case .wheel(_, _, let program): program
    case .claudeReleases: "bin/claude"
    }
  }
}

/// An agent that `ags update-agents` can install.
public struct InstallableAgent: Sendable, Equatable {
  /// What `--agent` takes, and the installation's directory.
  public var name: String
  /// What the agent's command is called on PATH.
  public var program: String
  /// Tried in order.
  public var sources: [AgentSource]

  /// All of them, built-in ones first. An agent without a source is not among them.
  public static func all(_ configuration: Configuration) -> [InstallableAgent] {
    builtIn(configuration.update) + configuration.agents.compactMap(declared)
  }

  private static func builtIn(_ update: UpdateSection) -> [InstallableAgent] {
    [
      InstallableAgent(name: "pi", program: "pi", sources: [.npm(package: update.piSpec)]),
      InstallableAgent(
        name: "claude", program: "claude",
        sources: [
          .claudeReleases,
          .wheel(
            package: "claude-agent-sdk", folder: "claude_agent_sdk/_bundled",
            program: "claude_agent_sdk/_bundled/claude"),
        ]),
      InstallableAgent(
        name: "codex", program: "codex",
        sources: [
          .npm(package: "@openai/codex"),
          .wheel(
            package: "openai-codex-cli-bin", folder: "codex_cli_bin",
            program: "codex_cli_bin/bin/codex"),
        ]),
      InstallableAgent(
        name: "gemini", program: "gemini", sources: [.npm(package: "@google/gemini-cli")]),
      InstallableAgent(
        name: "opencode", program: "opencode", sources: [.npm(package: "opencode-ai")]),
    ]
  }

  /// `bin` is where the links of all agents are.
  private static func declared(_ agent: AgentDeclaration) -> InstallableAgent? {
    guard let package = agent.npm, agent.name != AgentInstallations.linksName,
      let program = agent.command.first?.split(separator: "/").last
    else { return nil }
    return InstallableAgent(
      name: agent.name, program: String(program), sources: [.npm(package: package)])
  }
}
