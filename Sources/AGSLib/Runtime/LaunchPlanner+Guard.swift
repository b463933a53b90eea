internal import AGSWire
internal import SystemPackage

/// What the guard inside goes by (4-channels "Guard"). The file in `/run/ags` decides; the
/// variables only inform, since whoever starts a program inside can change them.
extension LaunchPlanner {
  func guardRules(for request: LaunchRequest, mounts: [Mount]) -> SessionDocument {
    var rules = SessionDocument(
      lockdown: request.modes.contains(.lockdown), yolo: request.modes.contains(.yolo))
    for mount in mounts where mount.kind == .directory && mount.origin.isHandedIn {
      switch mount.mode {
      case .readOnly: rules.readRoots.append(mount.target.description)
      case .readWrite: rules.writeRoots.append(mount.target.description)
      }
    }
    return rules
  }

  /// Only agents that ask the guard are told that it lacks something.
  func dcgNeed(of agent: Agent, for request: LaunchRequest) -> LaunchDocument.DCGNeed {
    guard agent.hook != .none, !request.modes.contains(.yolo) else { return .none }
    return request.modes.contains(.lockdown) ? .required : .preferred
  }

  /// In every run, since every agent can be started from a shell. Whole directories: a file
  /// alone could be gone around by renaming the directory above it.
  func addGuard(
    catalog: AgentCatalog, isLockdown: Bool, to table: inout MountTable
  ) throws {
    let settings = shim.settingsDirectory(isLockdown: isLockdown)
    for (name, target) in [
      ("claude-code", GuestPath.claudeSettings), ("codex", GuestPath.codexSettings),
    ] {
      try table.add(
        Mount(
          source: ResolvedPath.ofMissing(settings.appending(name)),
          target: try ContainerPath(target), mode: .readOnly, origin: .guardSettings))
    }
    for file in catalog.agents.flatMap(\.sealedFiles) where table.isWritable(at: file) {
      try table.add(
        Mount(
          source: ResolvedPath.ofMissing(shim.emptyFile), target: file, mode: .readOnly,
          kind: .file, origin: .guardSettings))
    }
  }
}

extension MountTable {
  /// Whether what is written there inside is written to the host.
  fileprivate func isWritable(at place: ContainerPath) -> Bool {
    let around = mounts.filter { $0.kind == .directory && $0.target.contains(place) }
    let innermost = around.max {
      $0.target.path.components.count < $1.target.path.components.count
    }
    return innermost?.mode == .readWrite
  }
}

extension MountOrigin {
  /// The user's own choice, and not what every session has.
  fileprivate var isHandedIn: Bool {
    switch self {
    case .workspace, .agentMount, .configured, .tool, .addedDirectory: true
    default: false
    }
  }
}

extension JSONValue {
  /// The text of an array of strings.
  static func strings(_ values: [String]) -> String {
    String(decoding: JSONValue.array(values.map { .string($0) }).encoded(), as: UTF8.self)
  }
}
