enum LegacySecretProvider: String, Sendable, CaseIterable {
  case environment = "env"
  case secretTool = "secret-tool"
}

/// `[[secret]]` and `[[tool.secret]]`.
enum SecretKeys {
  static let env = ConfigurationKey(
    "env", .passedVariable, required: true, overlay: .asked, "The agent's variable.")
  static let fromEnvironment = ConfigurationKey(
    "from_env", .environmentName, overlay: .asked, "A variable of the host.")
  static let secretStore = ConfigurationKey(
    "secret_store", .attributes, overlay: .asked,
    "Attributes of an item in the Secret Service.")
  static let command = ConfigurationKey(
    "command", .absoluteCommand, "A program that prints the value, run without a shell.")
  static let provider = ConfigurationKey(
    "provider", ValueReader<LegacySecretProvider>.choice, overlay: .asked,
    "Old spelling, with `var` or `attributes`.")
  static let variable = ConfigurationKey(
    "var", .environmentName, overlay: .asked, "Old spelling of `from_env`.")
  static let attributes = ConfigurationKey(
    "attributes", .attributes, overlay: .asked, "Old spelling of `secret_store`.")

  static let all = [
    env.definition, fromEnvironment.definition, secretStore.definition, command.definition,
    provider.definition, variable.definition, attributes.definition,
  ]
}

extension SecretDeclaration {
  init(_ table: TableReader) throws(ConfigurationError) {
    let node = table.node
    let env = try table.required(SecretKeys.env)
    // Each is read first, so that a mistake in any is found.
    let read: [(key: String, source: SecretSource?)] = [
      ("from_env", try table.value(SecretKeys.fromEnvironment).map(SecretSource.environment)),
      ("secret_store", try table.value(SecretKeys.secretStore).map(SecretSource.secretStore)),
      ("command", try table.value(SecretKeys.command).map(SecretSource.command)),
      ("var", try table.value(SecretKeys.variable).map(SecretSource.environment)),
      ("attributes", try table.value(SecretKeys.attributes).map(SecretSource.secretStore)),
    ]
    let provider = try table.value(SecretKeys.provider)
    try Self.checkLegacy(node, provider)
    // The order they are tried in is the order they are written in.
    let sources = node.entries.compactMap { entry in
      read.first { $0.key == entry.name }?.source
    }
    guard !sources.isEmpty else {
      throw node.error(
        .missingKey, "the secret \(env) has no source", at: .key,
        expected: "from_env, secret_store or command",
        hint: "add for example `from_env = \"\(env)\"`")
    }
    self.init(env: env, sources: sources, origin: node.origin)
  }

  /// `provider` and the key that belongs to it need each other.
  private static func checkLegacy(
    _ node: ConfigurationNode, _ provider: LegacySecretProvider?
  ) throws(ConfigurationError) {
    let wanted = provider.map { $0 == .environment ? "var" : "attributes" }
    if let wanted, node.entry(wanted) == nil {
      throw node.missing(wanted, hint: "this provider needs `\(wanted)`")
    }
    for name in ["var", "attributes"] where name != wanted {
      guard let entry = node.entry(name) else { continue }
      let successor = name == "var" ? "from_env" : "secret_store"
      throw entry.error(
        .conflict, "the key does not go with this provider", at: .key,
        hint: "write `\(successor) = …` instead")
    }
  }
}
