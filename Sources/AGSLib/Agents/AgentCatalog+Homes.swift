/// What of the built-in agents' homes a lockdown run may see: their logins, and settings
/// that neither run a program nor hold somebody else's key.
extension AgentCatalog {
  static func claudeExcerpts() throws(InvalidValue) -> [HomeExcerpt] {
    [
      try excerpt(".claude/.credentials.json", .file(.login)),
      try excerpt(
        ".claude.json",
        .json(
          settings: [
            "hasCompletedOnboarding", "lastOnboardingVersion", "theme", "editorMode",
            "installMethod", "autoUpdates", "bypassPermissionsModeAccepted",
          ], login: ["oauthAccount", "userID", "primaryApiKey", "customApiKeyResponses"])),
      try excerpt(
        ".claude/settings.json",
        .json(settings: [
          "model", "theme", "outputStyle", "includeCoAuthoredBy",
          "skipDangerousModePermissionPrompt", "alwaysThinkingEnabled", "language",
        ])),
      try excerpt(".claude/CLAUDE.md", .file(.settings)),
      try excerpt(".claude/agents", .directory),
      try excerpt(".claude/commands", .directory),
      try excerpt(".claude/output-styles", .directory),
      try excerpt(".claude/skills", .directory),
    ]
  }

  static func codexExcerpts() throws(InvalidValue) -> [HomeExcerpt] {
    [
      try excerpt(".codex/auth.json", .file(.login)),
      // Providers may hold a key of their own.
      try excerpt(
        ".codex/config.toml",
        .toml(
          settings: [
            "model", "model_reasoning_effort", "model_reasoning_summary", "model_verbosity",
            "approval_policy", "sandbox_mode", "personality", "analytics", "features", "tui",
            "check_for_update_on_startup", "hide_agent_reasoning", "forced_login_method",
          ], login: ["model_provider", "model_providers", "preferred_auth_method"])),
      try excerpt(".codex/AGENTS.md", .file(.settings)),
      try excerpt(".codex/prompts", .directory),
      try excerpt(".codex/skills", .directory),
    ]
  }

  static func geminiExcerpts() throws(InvalidValue) -> [HomeExcerpt] {
    [
      try excerpt(".gemini/oauth_creds.json", .file(.login)),
      try excerpt(".gemini/google_accounts.json", .file(.login)),
      try excerpt(
        ".gemini/settings.json",
        .json(settings: ["security", "selectedAuthType", "theme", "ui", "general", "model"])),
      try excerpt(".gemini/GEMINI.md", .file(.settings)),
      try excerpt(".gemini/commands", .directory),
    ]
  }

  static func opencodeExcerpts() throws(InvalidValue) -> [HomeExcerpt] {
    [
      try excerpt(".local/share/opencode/auth.json", .file(.login)),
      try excerpt(
        ".config/opencode/opencode.json",
        .json(
          settings: ["$schema", "theme", "model", "small_model", "keybinds", "permission"],
          login: ["provider"])),
      try excerpt(".config/opencode/AGENTS.md", .file(.settings)),
      try excerpt(".config/opencode/agent", .directory),
      try excerpt(".config/opencode/agents", .directory),
      try excerpt(".config/opencode/command", .directory),
      try excerpt(".config/opencode/commands", .directory),
      try excerpt(".config/opencode/themes", .directory),
    ]
  }

  static func piExcerpts() throws(InvalidValue) -> [HomeExcerpt] {
    [
      try excerpt(".pi/agent/auth.json", .file(.login)),
      // Its providers hold keys.
      try excerpt(".pi/agent/models.json", .json(settings: [], login: ["providers"])),
      try excerpt(
        ".pi/agent/settings.json",
        .json(settings: [
          "defaultProvider", "defaultModel", "defaultThinkingLevel", "theme", "compaction",
          "quietStartup", "hideThinkingBlock",
        ])),
      try excerpt(".pi/agent/AGENTS.md", .file(.settings)),
      try excerpt(".pi/agent/prompts", .directory),
      try excerpt(".pi/agent/skills", .directory),
      try excerpt(".pi/agent/themes", .directory),
    ]
  }

  static func excerpt(
    _ path: String, _ content: HomeExcerpt.Content
  ) throws(InvalidValue) -> HomeExcerpt {
    HomeExcerpt(try ContainerPath("/home/dev/\(path)"), content)
  }
}
