internal import SystemPackage

extension Configuration {
  /// Lays one document over what is there: scalars win, repeated sections append, other
  /// arrays are replaced (2-config "Precedence"). Everything in it is checked.
  mutating func apply(
    _ document: ConfigurationDocument, context: ReadingContext
  ) throws(ConfigurationError) {
    for section in document.root.entries {
      guard let definition = ConfigurationSchema.section(section.name) else {
        throw ConfigurationSchema.unknownKey(
          section, among: ConfigurationSchema.sections.map(\.name))
      }
      if definition.isRepeated {
        try applyRepeated(section, definition, context)
      } else {
        guard case .table = section.value else {
          throw section.wrongType(
            expected: "the section [\(section.name)]", hint: "write [\(section.name)] once")
        }
        try applySingle(
          section.name, try TableReader(section, keys: definition.keys, context: context))
      }
    }
    try checkConflicts()
  }

  private mutating func applySingle(
    _ name: String, _ table: TableReader
  ) throws(ConfigurationError) {
    switch name {
    case "sandbox": try sandbox.apply(table)
    case "auth_proxy":
      try table.read(AuthProxyKeys.autoAllowDomains, into: &authProxy.autoAllowDomains)
    case "browser": try browser.apply(table)
    case "host_ui": try hostUI.apply(table)
    case "clipboard": try clipboard.apply(table)
    case "git": try table.read(GitKeys.mode, into: &git.mode)
    case "desktop_passthrough":
      try table.read(DesktopPassthroughKeys.wayland, into: &desktopPassthrough.wayland)
    case "psp": try table.read(PSPKeys.binary, into: &psp.binary)
    case "update":
      try table.read(UpdateKeys.piSpec, into: &update.piSpec)
      try table.read(UpdateKeys.minimumReleaseAge, into: &update.minimumReleaseAge)
    default: preconditionFailure("the section \(name) is defined but not read")
    }
  }

  private mutating func applyRepeated(
    _ section: ConfigurationNode, _ definition: SectionDefinition, _ context: ReadingContext
  ) throws(ConfigurationError) {
    guard case .array(let elements) = section.value else {
      throw section.wrongType(
        expected: "the repeated section [[\(section.name)]]",
        hint: "write [[\(section.name)]] with double brackets")
    }
    for element in elements {
      let table = try TableReader(element, keys: definition.keys, context: context)
      switch section.name {
      case "agent_mount": agentMounts.append(try AgentMount(table))
      case "mount": mounts.append(try ConfiguredMount(table))
      case "tool": tools.append(try Tool(table))
      case "secret": secrets.append(try SecretDeclaration(table))
      case "agent": agents.append(try AgentDeclaration(table))
      case "forward": forwards.append(try Forward(table))
      default: preconditionFailure("the section \(section.name) is defined but not read")
      }
    }
  }

  /// Two declarations that cannot both hold.
  private func checkConflicts() throws(ConfigurationError) {
    var paths: [ContainerPath: ConfigurationOrigin] = [:]
    let mountedPaths =
      agentMounts.map { ($0.container, $0.origin, "agent_mount") }
      + mounts.map { ($0.container, $0.origin, "mount") }
      + tools.map { ($0.containerPath, $0.origin, "tool") }
      + tools.flatMap(\.directories).map { ($0.container, $0.origin, "tool.directory") }
    for (path, origin, section) in mountedPaths {
      try Self.claim(path, in: &paths, origin, section, "the container path \(path)")
    }
    var ports: [UInt16: ConfigurationOrigin] = [:]
    for forward in forwards {
      try Self.claim(
        forward.port, in: &ports, forward.origin, "forward", "the port \(forward.port)")
    }
    var names: [String: ConfigurationOrigin] = [:]
    for agent in agents {
      try Self.claim(agent.name, in: &names, agent.origin, "agent", "the agent \(agent.name)")
    }
  }

  private static func claim<Key: Hashable>(
    _ key: Key, in claimed: inout [Key: ConfigurationOrigin], _ origin: ConfigurationOrigin?,
    _ section: String, _ what: String
  ) throws(ConfigurationError) {
    guard let origin else { return }
    if let first = claimed.updateValue(origin, forKey: key) {
      // Report the one further down; a later layer is further down.
      let later = (first.layer, first.line) > (origin.layer, origin.line) ? first : origin
      let earlier = later == first ? origin : first
      throw ConfigurationError(
        kind: .duplicate, file: later.file, line: later.line, column: later.column,
        keyPath: ConfigurationKeyPath([.key(section)]),
        problem: "\(what) is already used at \(earlier)", hint: "change or remove one of the two")
    }
  }
}
