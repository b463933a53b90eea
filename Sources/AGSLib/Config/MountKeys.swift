/// `[[agent_mount]]`.
enum AgentMountKeys {
  static let host = ConfigurationKey(
    "host", .hostPath, required: true, overlay: .insideRepository,
    "The path on the host, made when it is missing.")
  static let container = ConfigurationKey(
    "container", .containerPath, required: true, overlay: .allowed, "The path inside.")
  static let kind = ConfigurationKey(
    "kind", ValueReader<MountKind>.choice, default: "\"dir\"", overlay: .allowed,
    "A directory or a file.")

  static let all = [host.definition, container.definition, kind.definition]
}

extension AgentMount {
  init(_ table: TableReader) throws(ConfigurationError) {
    self.init(
      host: try table.required(AgentMountKeys.host),
      container: try table.required(AgentMountKeys.container),
      kind: try table.value(AgentMountKeys.kind) ?? .directory,
      origin: table.node.origin)
  }
}

/// `[[mount]]` and `[[tool.directory]]`.
enum MountKeys {
  static let host = ConfigurationKey(
    "host", .hostPath, required: true, overlay: .insideOrAsked, "The path on the host.")
  static let container = ConfigurationKey(
    "container", .containerPath, required: true, overlay: .allowed, "The path inside.")
  static let mode = ConfigurationKey(
    "mode", ValueReader<MountMode>.choice, required: true, overlay: .allowed,
    "Read-only or read-write.")
  static let kind = ConfigurationKey(
    "kind", ValueReader<MountKind>.choice, default: "\"dir\"", overlay: .allowed,
    "A directory or a file.")
  static let when = ConfigurationKey(
    "when", ValueReader<MountWhen>.choice, default: "\"always\"", overlay: .allowed,
    "In every run, or with --browser only.")
  static let create = ConfigurationKey(
    "create", .boolean, default: "false", overlay: .allowed, "Make a missing host path.")
  static let optional = ConfigurationKey(
    "optional", .boolean, default: "false", overlay: .allowed,
    "Leave the mount out when the host path is missing.")
  static let source = ConfigurationKey(
    "source", .string, overlay: .allowed, "What messages call it.")

  static let all = [
    host.definition, container.definition, mode.definition, kind.definition, when.definition,
    create.definition, optional.definition, source.definition,
  ]
}

extension ConfiguredMount {
  init(_ table: TableReader) throws(ConfigurationError) {
    self.init(
      host: try table.required(MountKeys.host),
      container: try table.required(MountKeys.container),
      mode: try table.required(MountKeys.mode),
      kind: try table.value(MountKeys.kind) ?? .directory,
      when: try table.value(MountKeys.when) ?? .always,
      create: try table.value(MountKeys.create) ?? false,
      optional: try table.value(MountKeys.optional) ?? false,
      label: try table.value(MountKeys.source),
      origin: table.node.origin)
  }
}

/// `[[tool]]`.
enum ToolKeys {
  static let name = ConfigurationKey(
    "name", .string, required: true, overlay: .allowed, "What messages call it.")
  static let path = ConfigurationKey(
    "path", .hostPath, required: true, overlay: .insideRepository, "The program on the host.")
  static let containerPath = ConfigurationKey(
    "container_path", .containerPath, required: true, overlay: .allowed,
    "Where the program is inside.")
  static let mode = ConfigurationKey(
    "mode", ValueReader<MountMode>.choice, default: "\"ro\"", overlay: .allowed,
    "Read-only or read-write.")
  static let when = ConfigurationKey(
    "when", ValueReader<MountWhen>.choice, default: "\"always\"", overlay: .allowed,
    "In every run, or with --browser only.")
  static let optional = ConfigurationKey(
    "optional", .boolean, default: "false", overlay: .allowed,
    "Leave the tool out when the program is missing.")
  static let directories = ConfigurationKey(
    "directory",
    .tables(MountKeys.all) { table throws(ConfigurationError) in try ConfiguredMount(table) },
    overlay: .allowed,
    nested: MountKeys.all.map { definition in
      var definition = definition
      if definition.overlay == .insideOrAsked { definition.overlay = .insideRepository }
      return definition
    }, "`[[tool.directory]]`: a directory it needs, written as a mount.")
  static let secrets = ConfigurationKey(
    "secret",
    .tables(SecretKeys.all) { table throws(ConfigurationError) in try SecretDeclaration(table) },
    overlay: .allowed, nested: SecretKeys.all,
    "`[[tool.secret]]`: a secret it needs, written as a secret.")

  static let all = [
    name.definition, path.definition, containerPath.definition, mode.definition,
    when.definition, optional.definition, directories.definition, secrets.definition,
  ]
}

extension Tool {
  init(_ table: TableReader) throws(ConfigurationError) {
    self.init(
      name: try table.required(ToolKeys.name),
      path: try table.required(ToolKeys.path),
      containerPath: try table.required(ToolKeys.containerPath),
      mode: try table.value(ToolKeys.mode) ?? .readOnly,
      when: try table.value(ToolKeys.when) ?? .always,
      optional: try table.value(ToolKeys.optional) ?? false,
      directories: try table.value(ToolKeys.directories) ?? [],
      secrets: try table.value(ToolKeys.secrets) ?? [],
      origin: table.node.origin)
  }
}

extension ValueReader {
  /// An array of tables.
  static func tables<Element>(
    _ keys: [KeyDefinition],
    _ make: @escaping @Sendable (TableReader) throws(ConfigurationError) -> Element
  ) -> Self where Value == [Element] {
    Self("an array of tables") { node, context throws(ConfigurationError) in
      guard case .array(let elements) = node.value else {
        throw node.wrongType(
          expected: "an array of tables", hint: "write its header in double brackets")
      }
      var values: [Element] = []
      for element in elements {
        values.append(try make(try TableReader(element, keys: keys, context: context)))
      }
      return values
    }
  }
}
