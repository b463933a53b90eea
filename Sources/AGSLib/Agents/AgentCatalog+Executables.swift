/// What in the built-in agents' homes makes them run something: hooks, MCP servers, plugins,
/// helper commands (3-run "Agents").
extension AgentCatalog {
  static func claudeExecutables() throws(InvalidValue) -> [HomeExcerpt] {
    [
      try excerpt(".claude.json", .json(settings: ["mcpServers", "projects.*.mcpServers"])),
      try excerpt(
        ".claude/settings.json",
        .json(settings: [
          "hooks", "mcpServers", "enabledPlugins", "extraKnownMarketplaces", "apiKeyHelper",
          "awsAuthRefresh", "awsCredentialExport", "otelHeadersHelper", "statusLine", "env",
        ])),
      try excerpt(".claude/hooks", .directory),
      try excerpt(".claude/plugins/installed_plugins.json", .file(.settings)),
      try excerpt(".claude/plugins/cache", .directory),
    ]
  }

  static func codexExecutables() throws(InvalidValue) -> [HomeExcerpt] {
    [
      try excerpt(
        ".codex/config.toml",
        .toml(settings: [
          "hooks", "mcp_servers", "plugins", "marketplaces", "notify", "shell_environment_policy",
          "model_providers",
        ])),
      try excerpt(".codex/hooks.json", .file(.settings)),
      try excerpt(".codex/rules", .directory),
    ]
  }

  static func geminiExecutables() throws(InvalidValue) -> [HomeExcerpt] {
    [
      try excerpt(
        ".gemini/settings.json", .json(settings: ["mcpServers", "hooks", "tools", "mcp"])),
      try excerpt(".gemini/extensions", .directory),
    ]
  }

  static func opencodeExecutables() throws(InvalidValue) -> [HomeExcerpt] {
    [
      try excerpt(
        ".config/opencode/opencode.json",
        .json(settings: ["mcp", "plugin", "formatter", "lsp", "experimental", "provider"])),
      try excerpt(".config/opencode/opencode.jsonc", .file(.settings)),
      try excerpt(".config/opencode/config.json", .file(.settings)),
      try excerpt(".config/opencode/plugin", .directory),
      try excerpt(".config/opencode/plugins", .directory),
      try excerpt(".config/opencode/tool", .directory),
      try excerpt(".config/opencode/tools", .directory),
    ]
  }

  static func piExecutables() throws(InvalidValue) -> [HomeExcerpt] {
    [
      try excerpt(
        ".pi/agent/settings.json",
        .json(settings: ["packages", "extensions", "shellPath", "shellCommandPrefix", "npmCommand"])
      ),
      try excerpt(".pi/agent/extensions", .directory),
      try excerpt(".pi/agent/models.json", .file(.settings)),
    ]
  }
}
