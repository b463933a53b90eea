/// A place in the container's home where an agent keeps its login and settings.
public struct AgentHome: Sendable, Equatable {
  public var path: ContainerPath
  public var kind: MountKind

  public init(path: ContainerPath, kind: MountKind = .directory) {
    self.path = path
    self.kind = kind
  }
}

/// An agent is data (3-run "Agents").
public struct Agent: Sendable, Equatable {
  public var name: String
  /// Candidates: the first whose program the image has is run.
  public var commands: [[String]]
  /// What `--defaults` puts before the user's own arguments.
  public var defaults: [String]
  public var guardKind: GuardKind
  public var homes: [AgentHome]
  /// It is used for every agent's work, so it sees every agent's home.
  public var seesAllHomes: Bool

  public init(
    name: String, commands: [[String]], defaults: [String] = [], guardKind: GuardKind = .none,
    homes: [AgentHome] = [], seesAllHomes: Bool = false
  ) {
    self.name = name
    self.commands = commands
    self.defaults = defaults
    self.guardKind = guardKind
    self.homes = homes
    self.seesAllHomes = seesAllHomes
  }
}
