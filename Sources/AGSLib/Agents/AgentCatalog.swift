/// The agents that can be named: the built-in ones and those of `[[agent]]`.
public struct AgentCatalog: Sendable {
  public let agents: [Agent]

  public init(configuration: Configuration) throws(InvalidValue) {
    agents =
      try Self.builtIn()
      + configuration.agents.map { declared in
        Agent(
          name: declared.name, commands: [declared.command], defaults: declared.defaults,
          prompt: declared.promptFlag.map { .flag($0) },
          hook: declared.guardKind == .claude ? .claude : .none,
          homes: declared.homes.map { AgentHome(path: $0) })
      }
  }

  /// The agent called `name`, or nil.
  public subscript(name: String) -> Agent? { agents.first { $0.name == name } }

  /// The six of 3-run "Agents".
  static func builtIn() throws(InvalidValue) -> [Agent] {
    func home(_ path: String, _ kind: MountKind = .directory) throws(InvalidValue) -> AgentHome {
      AgentHome(path: try ContainerPath("/home/dev/\(path)"), kind: kind)
    }
    return [
      Agent(
        name: "pi", commands: [["pi"]], prompt: .flag("--append-system-prompt"), hook: .pi,
        skillFlag: "--skill", homes: [try home(".pi")],
        lockdownCopies: try piExcerpts(), executableSettings: try piExecutables()),
      Agent(
        name: "claude", commands: [["claude"]],
        defaults: ["--strict-mcp-config", "--dangerously-skip-permissions"],
        prompt: .flag("--append-system-prompt"), hook: .claude,
        homes: [try home(".claude"), try home(".claude.json", .file)],
        lockdownCopies: try claudeExcerpts(), executableSettings: try claudeExecutables(),
        rootEnvironment: ["IS_SANDBOX": "1"]),
      Agent(
        name: "codex", commands: [["codex"]], prompt: .setting("developer_instructions"),
        hook: .codex, homes: [try home(".codex")],
        lockdownCopies: try codexExcerpts(), executableSettings: try codexExecutables(),
        // Codex takes variables from it, and runs hooks in a shell that obeys BASH_ENV.
        sealedFiles: [try ContainerPath("/home/dev/.codex/.env")]),
      Agent(
        name: "gemini", commands: [["gemini"]], defaults: ["--yolo"],
        homes: [try home(".gemini")],
        lockdownCopies: try geminiExcerpts(), executableSettings: try geminiExecutables()),
      Agent(
        name: "opencode", commands: [["opencode"]],
        homes: [
          try home(".config/opencode"), try home(".local/share/opencode"),
          try home(".local/state/opencode"),
        ],
        lockdownCopies: try opencodeExcerpts(), executableSettings: try opencodeExecutables()),
      Agent(name: "shell", commands: [["bash"], ["sh"]], seesAllHomes: true),
    ]
  }
}
