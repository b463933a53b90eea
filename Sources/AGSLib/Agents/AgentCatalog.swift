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
        skillFlag: "--skill", homes: [try home(".pi")]),
      Agent(
        name: "claude", commands: [["claude"]],
        defaults: ["--strict-mcp-config", "--dangerously-skip-permissions"],
        prompt: .flag("--append-system-prompt"), hook: .claude,
        homes: [try home(".claude"), try home(".claude.json", .file)],
        rootEnvironment: ["IS_SANDBOX": "1"]),
      Agent(
        name: "codex", commands: [["codex"]], prompt: .setting("developer_instructions"),
        hook: .codex, homes: [try home(".codex")]),
      Agent(
        name: "gemini", commands: [["gemini"]], defaults: ["--yolo"],
        homes: [try home(".gemini")]),
      Agent(
        name: "opencode", commands: [["opencode"]],
        homes: [
          try home(".config/opencode"), try home(".local/share/opencode"),
          try home(".local/state/opencode"),
        ]),
      Agent(name: "shell", commands: [["bash"], ["sh"]], seesAllHomes: true),
    ]
  }
}
