/// `[auth_proxy]`.
enum AuthProxyKeys {
  static let autoAllowDomains = ConfigurationKey(
    "auto_allow_domains", .list(of: .hostPattern), default: "[]",
    "Hosts whose pages open without a question.")
  static let all = [autoAllowDomains.definition]
}

/// `[browser]`.
enum BrowserKeys {
  static let enabled = ConfigurationKey(
    "enabled", .boolean, default: "false", "Whether --browser may be used.")
  static let command = ConfigurationKey(
    "command", .program, "The browser; required when enabled.")
  static let profileDirectory = ConfigurationKey(
    "profile_dir", .hostPath, "The browser's own profile; required when enabled.")
  static let debugPort = ConfigurationKey(
    "debug_port", .port, default: "9222", "The debugging port as the agent sees it.")
  static let piSkillPath = ConfigurationKey(
    "pi_skill_path", .containerPath, "The skill pi gets, a path inside the container.")
  static let commandArguments = ConfigurationKey(
    "command_args", .list(of: .argument), default: "[]", "More arguments for the browser.")

  static let all = [
    enabled.definition, command.definition, profileDirectory.definition,
    debugPort.definition, piSkillPath.definition, commandArguments.definition,
  ]
}

extension BrowserSection {
  mutating func apply(_ table: TableReader) throws(ConfigurationError) {
    try table.read(BrowserKeys.enabled, into: &enabled)
    try table.read(BrowserKeys.command, into: &command)
    try table.read(BrowserKeys.profileDirectory, into: &profileDirectory)
    try table.read(BrowserKeys.debugPort, into: &debugPort)
    try table.read(BrowserKeys.piSkillPath, into: &piSkillPath)
    try table.read(BrowserKeys.commandArguments, into: &commandArguments)
    if enabled, command == nil {
      throw table.node.missing("command", hint: "an enabled browser needs `command = …`")
    }
    if enabled, profileDirectory == nil {
      throw table.node.missing("profile_dir", hint: "an enabled browser needs `profile_dir = …`")
    }
  }
}

/// `[host_ui]`.
enum HostUIKeys {
  static let enabled = ConfigurationKey(
    "enabled", .boolean, default: "false", "Whether agents may open windows.")
  static let renderer = ConfigurationKey(
    "renderer", ValueReader<RendererKind>.choice, default: "\"process\"",
    "A program for each window, or none.")
  static let rendererCommand = ConfigurationKey(
    "renderer_command", .hostCommand, "The program of a window; required with \"process\".")
  static let rendererBinary = ConfigurationKey(
    "renderer_bin", .program, "Old spelling of a renderer_command without arguments.")
  static let overlays = ConfigurationKey(
    "overlays", .boolean, default: "false", "Whether windows may lie above others.")
  static let idleTimeout = ConfigurationKey(
    "idle_timeout_ms", .duration(.milliseconds(1), "milliseconds", 0...86_400_000),
    default: "0", "How long the service stays without windows; 0 is for ever.")
  static let logLevel = ConfigurationKey(
    "log_level", ValueReader<LogLevel>.choice, default: "\"info\"", "How much it logs.")
  static let binary = ConfigurationKey(
    "binary", .program, "Another host-UI service with the same protocol.")

  static let all = [
    enabled.definition, renderer.definition, rendererCommand.definition,
    rendererBinary.definition, overlays.definition, idleTimeout.definition,
    logLevel.definition, binary.definition,
  ]
}

extension HostUISection {
  mutating func apply(_ table: TableReader) throws(ConfigurationError) {
    try table.read(HostUIKeys.enabled, into: &enabled)
    try table.read(HostUIKeys.renderer, into: &renderer)
    try table.read(HostUIKeys.rendererCommand, into: &rendererCommand)
    if let program = try table.value(HostUIKeys.rendererBinary) {
      if let modern = table.node.entry("renderer_command") {
        throw modern.error(
          .conflict, "renderer_bin is written as well", at: .key,
          hint: "remove renderer_bin, the old spelling")
      }
      rendererCommand = HostCommand(program: program)
    }
    try table.read(HostUIKeys.overlays, into: &overlays)
    try table.read(HostUIKeys.idleTimeout, into: &idleTimeout)
    try table.read(HostUIKeys.logLevel, into: &logLevel)
    try table.read(HostUIKeys.binary, into: &binary)
    if enabled, renderer == .process, rendererCommand == nil {
      throw table.node.missing(
        "renderer_command", hint: "the renderer \"process\" needs `renderer_command = [ … ]`")
    }
  }
}

/// `[clipboard]`.
enum ClipboardKeys {
  static let enabled = ConfigurationKey(
    "enabled", .boolean, default: "true", "Whether there is a clipboard inside.")
  static let mode = ConfigurationKey(
    "mode", ValueReader<ClipboardMode>.choice, default: "\"readwrite\"",
    "What the agent may do with it.")
  static let maxBytes = ConfigurationKey(
    "max_bytes", .integer(1...268_435_456), default: "33554432", "The largest content.")
  static let approvalRequired = ConfigurationKey(
    "approval_required", .boolean, default: "true", "Whether reading asks first.")
  static let approvalDuration = ConfigurationKey(
    "approval_seconds", .duration(.seconds(1), "seconds", 0...86_400), default: "300",
    "How long one approval holds.")
  static let approveWrites = ConfigurationKey(
    "approve_writes", .boolean, default: "false", "Whether writing asks first.")

  static let all = [
    enabled.definition, mode.definition, maxBytes.definition, approvalRequired.definition,
    approvalDuration.definition, approveWrites.definition,
  ]
}

extension ClipboardSection {
  mutating func apply(_ table: TableReader) throws(ConfigurationError) {
    try table.read(ClipboardKeys.enabled, into: &enabled)
    try table.read(ClipboardKeys.mode, into: &mode)
    try table.read(ClipboardKeys.maxBytes, into: &maxBytes)
    try table.read(ClipboardKeys.approvalRequired, into: &approvalRequired)
    try table.read(ClipboardKeys.approvalDuration, into: &approvalDuration)
    try table.read(ClipboardKeys.approveWrites, into: &approveWrites)
  }
}

/// `[git]`.
enum GitKeys {
  static let mode = ConfigurationKey(
    "mode", ValueReader<GitMode>.choice, default: "\"quarantine\"",
    "Through a quarantine, or the directory itself.")
  static let all = [mode.definition]
}

/// `[desktop_passthrough]`.
enum DesktopPassthroughKeys {
  static let wayland = ConfigurationKey(
    "wayland", .boolean, default: "false", "Mounts the real Wayland socket: broad access.")
  static let all = [wayland.definition]
}

/// `[psp]`.
enum PSPKeys {
  static let binary = ConfigurationKey(
    "binary", .program, default: "\"psp\"", "The podman-socket-proxy program.")
  static let all = [binary.definition]
}

/// `[update]`.
enum UpdateKeys {
  static let piSpec = ConfigurationKey(
    "pi_spec", .npmPackage.map(currentPiPackage), default: "\"@earendil-works/pi-coding-agent\"",
    "The package pi is installed from.")
  static let minimumReleaseAge = ConfigurationKey(
    "minimum_release_age", .duration(.seconds(60), "minutes", 0...5_256_000), default: "1440",
    "How old a release must be before it is installed.")
  static let all = [piSpec.definition, minimumReleaseAge.definition]

  /// The package moved; its old name means the same, a version after it is kept.
  @Sendable private static func currentPiPackage(_ text: String) -> String {
    let legacy = "@mariozechner/pi-coding-agent"
    guard text == legacy || text.hasPrefix("\(legacy)@") else { return text }
    return "@earendil-works/pi-coding-agent" + text.dropFirst(legacy.count)
  }
}
