/// The one table of everything that can be configured: the parser reads by it and the
/// documentation is made from it (2-config "Sections").
public enum ConfigurationSchema {
  /// In the order they are documented in.
  public static let sections: [SectionDefinition] = [
    SectionDefinition(
      name: "sandbox", isRepeated: false, documentation: "The container and what belongs to it.",
      keys: SandboxKeys.all),
    SectionDefinition(
      name: "agent_mount", isRepeated: true,
      documentation: "A directory or file an agent keeps its state in, read-write.",
      keys: AgentMountKeys.all),
    SectionDefinition(
      name: "mount", isRepeated: true, documentation: "A directory or file of the host.",
      keys: MountKeys.all),
    SectionDefinition(
      name: "tool", isRepeated: true,
      documentation: "A program of the host, with the directories and secrets it needs.",
      keys: ToolKeys.all),
    SectionDefinition(
      name: "secret", isRepeated: true,
      documentation: "A variable for the agent that is on no command line and in no file.",
      keys: SecretKeys.all),
    SectionDefinition(
      name: "agent", isRepeated: true, documentation: "An agent of your own.",
      keys: AgentKeys.all),
    SectionDefinition(
      name: "forward", isRepeated: true,
      documentation: "A loopback port of the host, reachable inside as 127.0.0.1:port.",
      keys: ForwardKeys.all),
    SectionDefinition(
      name: "auth_proxy", isRepeated: false, documentation: "Links the agent opens.",
      keys: AuthProxyKeys.all),
    SectionDefinition(
      name: "browser", isRepeated: false, documentation: "The browser of --browser.",
      keys: BrowserKeys.all),
    SectionDefinition(
      name: "host_ui", isRepeated: false, documentation: "Windows an agent may open.",
      keys: HostUIKeys.all),
    SectionDefinition(
      name: "clipboard", isRepeated: false, documentation: "The host's clipboard.",
      keys: ClipboardKeys.all),
    SectionDefinition(
      name: "git", isRepeated: false, documentation: "How the repository's git directory is given.",
      keys: GitKeys.all),
    SectionDefinition(
      name: "desktop_passthrough", isRepeated: false, documentation: "The host's own desktop.",
      keys: DesktopPassthroughKeys.all),
    SectionDefinition(
      name: "psp", isRepeated: false, documentation: "podman-socket-proxy.", keys: PSPKeys.all),
    SectionDefinition(
      name: "update", isRepeated: false, documentation: "What `ags update-agents` installs.",
      keys: UpdateKeys.all),
  ]

  /// The agents that need no `[[agent]]` (3-run "Agents").
  public static let builtInAgents = ["pi", "claude", "codex", "gemini", "opencode", "shell"]

  static func section(_ name: String) -> SectionDefinition? {
    sections.first { $0.name == name }
  }

  /// An error that names the nearest of `known`, or the section the key belongs to.
  static func unknownKey(
    _ entry: ConfigurationNode, among known: [String]
  ) -> ConfigurationError {
    let nearest = EditDistance.nearest(to: entry.name, among: known)
    let home = sections.filter { $0.keys.contains { $0.name == entry.name } }
      .map { $0.isRepeated ? "[[\($0.name)]]" : "[\($0.name)]" }
    let hint: String
    if let nearest {
      hint = "did you mean \"\(nearest)\"?"
    } else if !home.isEmpty {
      hint = "\"\(entry.name)\" belongs in \(home.joined(separator: " or "))"
    } else {
      hint = "known here: \(known.joined(separator: ", "))"
    }
    return entry.error(.unknownKey, "unknown key", at: .key, nearest: nearest, hint: hint)
  }
}
