/// A place in the container's home where an agent keeps its login and settings.
public struct AgentHome: Sendable, Equatable {
  public var path: ContainerPath
  public var kind: MountKind

  public init(path: ContainerPath, kind: MountKind = .directory) {
    self.path = path
    self.kind = kind
  }
}

/// How an agent takes a sentence into its instructions (3-run "host hint").
public enum PromptStyle: Sendable, Equatable {
  /// As the argument of this flag.
  case flag(String)
  /// As a TOML string that `-c` assigns to this key.
  case setting(String)
}

/// An agent is data (3-run "Agents").
public struct Agent: Sendable, Equatable {
  public var name: String
  /// Candidates: the first whose program the image has is run.
  public var commands: [[String]]
  /// What `--defaults` puts before the user's own arguments.
  public var defaults: [String]
  /// How it is told about the sandbox; nil when it cannot be.
  public var prompt: PromptStyle?
  /// How it is made to ask the guard.
  public var hook: GuardHook
  /// The flag that takes the browser's skill with `--browser`; nil when it takes none.
  public var skillFlag: String?
  public var homes: [AgentHome]
  /// What of the homes a lockdown run gets a copy of.
  public var lockdownCopies: [HomeExcerpt]
  /// What of the homes makes it run something: reported when a session changed it. Members
  /// may be paths (`projects.*.mcpServers`).
  public var executableSettings: [HomeExcerpt]
  /// Files in its homes that decide how its hooks run, so that an agent could switch the
  /// guard off for later sessions. In every run they are empty and read-only.
  public var sealedFiles: [ContainerPath]
  /// It is used for every agent's work, so it sees every agent's home.
  public var seesAllHomes: Bool
  /// Added to its environment when it is root inside.
  public var rootEnvironment: [String: String]

  public init(
    name: String, commands: [[String]], defaults: [String] = [], prompt: PromptStyle? = nil,
    hook: GuardHook = .none, skillFlag: String? = nil, homes: [AgentHome] = [],
    lockdownCopies: [HomeExcerpt] = [], executableSettings: [HomeExcerpt] = [],
    sealedFiles: [ContainerPath] = [], seesAllHomes: Bool = false,
    rootEnvironment: [String: String] = [:]
  ) {
    self.name = name
    self.commands = commands
    self.defaults = defaults
    self.prompt = prompt
    self.hook = hook
    self.skillFlag = skillFlag
    self.homes = homes
    self.lockdownCopies = lockdownCopies
    self.executableSettings = executableSettings
    self.sealedFiles = sealedFiles
    self.seesAllHomes = seesAllHomes
    self.rootEnvironment = rootEnvironment
  }
}
