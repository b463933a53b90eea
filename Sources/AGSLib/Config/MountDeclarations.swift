public import SystemPackage

public enum MountMode: String, Sendable, CaseIterable {
  case readOnly = "ro"
  case readWrite = "rw"
}

public enum MountKind: String, Sendable, CaseIterable {
  case directory = "dir"
  case file
}

/// In which runs something is there: in all, or only with `--browser`.
public enum MountWhen: String, Sendable, CaseIterable {
  case always
  case browser
}

/// `[[agent_mount]]`: always read-write, its missing host path is created (2-config).
public struct AgentMount: Sendable, Equatable {
  public var host: FilePath
  public var container: ContainerPath
  public var kind: MountKind
  public var origin: ConfigurationOrigin?
  /// The repository's root, links resolved, when a repository's configuration asked for
  /// this without the user's word for it: what is mounted must be below, also at last.
  public var confinedTo: FilePath?

  public init(
    host: FilePath, container: ContainerPath, kind: MountKind = .directory,
    origin: ConfigurationOrigin? = nil, confinedTo: FilePath? = nil
  ) {
    self.host = host
    self.container = container
    self.kind = kind
    self.origin = origin
    self.confinedTo = confinedTo
  }
}

/// `[[mount]]` and `[[tool.directory]]` (2-config).
public struct ConfiguredMount: Sendable, Equatable {
  public var host: FilePath
  public var container: ContainerPath
  public var mode: MountMode
  public var kind: MountKind
  public var when: MountWhen
  /// A missing host path is made.
  public var create: Bool
  /// A missing host path leaves the mount out.
  public var optional: Bool
  /// `source`: what messages call it.
  public var label: String?
  public var origin: ConfigurationOrigin?
  /// The repository's root, links resolved, when a repository's configuration asked for
  /// this without the user's word for it: what is mounted must be below, also at last.
  public var confinedTo: FilePath?

  public init(
    host: FilePath, container: ContainerPath, mode: MountMode, kind: MountKind = .directory,
    when: MountWhen = .always, create: Bool = false, optional: Bool = false,
    label: String? = nil, origin: ConfigurationOrigin? = nil, confinedTo: FilePath? = nil
  ) {
    self.host = host
    self.container = container
    self.mode = mode
    self.kind = kind
    self.when = when
    self.create = create
    self.optional = optional
    self.label = label
    self.origin = origin
    self.confinedTo = confinedTo
  }
}

/// `[[tool]]`: one program of the host with what it needs (2-config).
public struct Tool: Sendable, Equatable {
  public var name: String
  public var path: FilePath
  public var containerPath: ContainerPath
  public var mode: MountMode
  public var when: MountWhen
  public var optional: Bool
  /// Mounted when the tool itself is.
  public var directories: [ConfiguredMount]
  public var secrets: [SecretDeclaration]
  public var origin: ConfigurationOrigin?
  /// The repository's root, links resolved, when a repository's configuration asked for
  /// the program without the user's word for it: what is mounted must be below, also at last.
  public var confinedTo: FilePath?

  public init(
    name: String, path: FilePath, containerPath: ContainerPath, mode: MountMode = .readOnly,
    when: MountWhen = .always, optional: Bool = false, directories: [ConfiguredMount] = [],
    secrets: [SecretDeclaration] = [], origin: ConfigurationOrigin? = nil,
    confinedTo: FilePath? = nil
  ) {
    self.name = name
    self.path = path
    self.containerPath = containerPath
    self.mode = mode
    self.when = when
    self.optional = optional
    self.directories = directories
    self.secrets = secrets
    self.origin = origin
    self.confinedTo = confinedTo
  }
}
