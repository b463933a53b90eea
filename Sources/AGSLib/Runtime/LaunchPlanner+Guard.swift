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
