public import SystemPackage

/// Why a mount is there; what messages call it.
public enum MountOrigin: Sendable, Equatable, CustomStringConvertible {
  case workspace
  case gitDirectory
  /// Objects an agent reads and cannot change.
  case gitObjects
  /// What keeps its place, so that git on the host is not led elsewhere.
  case gitGuard
  case home
  case gitConfiguration
  case publicKey(SSHKey.Role)
  case cache(String)
  case agentInstallations
  case agentHome(agent: String)
  case agentMount(ConfigurationOrigin?)
  case configured(label: String?, ConfigurationOrigin?)
  case tool(String, ConfigurationOrigin?)
  case addedDirectory
  case waylandSocket
  case shim
  /// What makes agents ask the guard.
  case guardSettings
  case sessionChannels

  public var description: String {
    switch self {
    case .workspace: "the workspace"
    case .gitDirectory: "the repository's git directory"
    case .gitObjects: "the repository's objects"
    case .gitGuard: "a path that git on the host relies on"
    case .home: "the session's home"
    case .gitConfiguration: "the agents' git configuration"
    case .publicKey(let role): "the public half of \(role.rawValue)"
    case .cache(let name): "the \(name) cache"
    case .agentInstallations: "the installed agents"
    case .agentHome(let agent): "the home of agent \(agent)"
    case .agentMount(let origin): "[[agent_mount]]" + Self.place(origin)
    case .configured(let label, let origin):
      "[[mount]]" + (label.map { " \"\($0)\"" } ?? "") + Self.place(origin)
    case .tool(let name, let origin): "tool \"\(name)\"" + Self.place(origin)
    case .addedDirectory: "--add-dir"
    case .waylandSocket: "the Wayland socket"
    case .shim: "ags' own programs"
    case .guardSettings: "the guard's settings"
    case .sessionChannels: "the session's channels"
    }
  }

  private static func place(_ origin: ConfigurationOrigin?) -> String {
    origin.map { " (\($0))" } ?? ""
  }
}

/// One bind mount of a launch (3-run "Mounts"): the source exists, or is one that is
/// made before the container starts.
public struct Mount: Sendable, Equatable {
  /// On the host, absolute, links resolved.
  public var source: FilePath
  public var target: ContainerPath
  public var mode: MountMode
  public var kind: MountKind
  public var origin: MountOrigin
  /// The source is made when it is missing: a directory 0700, an empty file 0600.
  public var createsSource: Bool

  public init(
    source: FilePath, target: ContainerPath, mode: MountMode, kind: MountKind = .directory,
    origin: MountOrigin, createsSource: Bool = false
  ) {
    self.source = source
    self.target = target
    self.mode = mode
    self.kind = kind
    self.origin = origin
    self.createsSource = createsSource
  }
}

/// A mount that cannot be, found before anything is started.
public struct MountError: DescribedError, Equatable {
  public var summary: String
  public var cause: String?
  public var hint: String?

  init(_ summary: String, cause: String? = nil, hint: String? = nil) {
    self.summary = summary
    self.cause = cause
    self.hint = hint
  }
}
