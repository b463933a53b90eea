/// `[[agent]]`.
enum AgentKeys {
  static let name = ConfigurationKey(
    "name", .agentName, required: true, overlay: .allowed, "What --agent takes.")
  static let command = ConfigurationKey(
    "command", .argv, required: true, overlay: .allowed,
    "What runs inside the container; nothing in it is expanded.")
  static let defaults = ConfigurationKey(
    "defaults", .list(of: .argument), default: "[]", overlay: .allowed,
    "Arguments that --defaults adds.")
  static let promptFlag = ConfigurationKey(
    "prompt_flag", .string, overlay: .allowed,
    "The option that takes the hint about the sandbox.")
  static let guardKind = ConfigurationKey(
    "guard", ValueReader<GuardKind>.choice, default: "\"none\"", overlay: .allowed,
    "Whose guard hook it understands.")
  static let homes = ConfigurationKey(
    "homes", .list(of: .containerPath), default: "[]", overlay: .allowed,
    "Where it keeps its state inside; kept between runs.")
  static let npm = ConfigurationKey(
    "npm", .npmPackage, "The package `ags update-agents` installs.")

  static let all = [
    name.definition, command.definition, defaults.definition, promptFlag.definition,
    guardKind.definition, homes.definition, npm.definition,
  ]
}

extension AgentDeclaration {
  init(_ table: TableReader) throws(ConfigurationError) {
    self.init(
      name: try table.required(AgentKeys.name),
      command: try table.required(AgentKeys.command),
      defaults: try table.value(AgentKeys.defaults) ?? [],
      promptFlag: try table.value(AgentKeys.promptFlag),
      guardKind: try table.value(AgentKeys.guardKind) ?? .none,
      homes: try table.value(AgentKeys.homes) ?? [],
      npm: try table.value(AgentKeys.npm),
      origin: table.node.origin)
  }
}

/// `[[forward]]`.
enum ForwardKeys {
  static let port = ConfigurationKey(
    "port", .port, required: true, overlay: .asked, "The port inside.")
  static let hostPort = ConfigurationKey(
    "host_port", .port, overlay: .asked, "The port on the host's loopback, by default the same.")
  static let when = ConfigurationKey(
    "when", ValueReader<MountWhen>.choice, default: "\"always\"", overlay: .asked,
    "In every run, or with --browser only.")

  static let all = [port.definition, hostPort.definition, when.definition]
}

extension Forward {
  init(_ table: TableReader) throws(ConfigurationError) {
    self.init(
      port: try table.required(ForwardKeys.port),
      hostPort: try table.value(ForwardKeys.hostPort),
      when: try table.value(ForwardKeys.when) ?? .always,
      origin: table.node.origin)
  }
}
