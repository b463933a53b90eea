/// Which guard hook an agent takes.
public enum GuardKind: String, Sendable, CaseIterable {
  case claude
  case none
}

/// `[[agent]]`: an agent of the user's own (2-config, 3-run "Agents").
public struct AgentDeclaration: Sendable, Equatable {
  /// Lower-case letters, digits, `-` and `_`, at most 64; never a built-in agent's.
  public var name: String
  /// Run inside the container, nothing in it is expanded. Never empty.
  public var command: [String]
  /// What `--defaults` adds.
  public var defaults: [String]
  /// The flag that takes the host hint.
  public var promptFlag: String?
  public var guardKind: GuardKind
  public var homes: [ContainerPath]
  /// The package `ags update-agents` installs.
  public var npm: String?
  public var origin: ConfigurationOrigin?

  public init(
    name: String, command: [String], defaults: [String] = [], promptFlag: String? = nil,
    guardKind: GuardKind = .none, homes: [ContainerPath] = [], npm: String? = nil,
    origin: ConfigurationOrigin? = nil
  ) {
    self.name = name
    self.command = command
    self.defaults = defaults
    self.promptFlag = promptFlag
    self.guardKind = guardKind
    self.homes = homes
    self.npm = npm
    self.origin = origin
  }
}

/// `[[forward]]`: a loopback port of the host, reachable inside as `127.0.0.1:port`.
public struct Forward: Sendable, Equatable {
  public var port: UInt16
  public var hostPort: UInt16
  public var when: MountWhen
  public var origin: ConfigurationOrigin?

  /// `hostPort` is by default the same as `port`.
  public init(
    port: UInt16, hostPort: UInt16? = nil, when: MountWhen = .always,
    origin: ConfigurationOrigin? = nil
  ) {
    self.port = port
    self.hostPort = hostPort ?? port
    self.when = when
    self.origin = origin
  }
}
