public import SystemPackage

/// Whether something persistent belongs to one workspace, to all, or is not kept.
public enum CachePolicy: String, Sendable, CaseIterable {
  case project
  case shared
  case none
}

/// What `/home/dev` is: a fresh directory of the session, or the image's own.
public enum HomePolicy: String, Sendable, CaseIterable {
  case session
  case image
}

/// `[sandbox]` (2-config). Paths are absolute.
public struct SandboxSection: Sendable, Equatable {
  public var image: String
  public var containerfile: FilePath
  public var cacheDirectory: FilePath
  public var stateDirectory: FilePath
  public var gitConfigPath: FilePath
  public var authKey: FilePath
  public var signKey: FilePath
  /// Bare file names.
  public var bootstrapFiles: [String]
  public var containerBootDirectories: [ContainerPath]
  public var passthroughEnvironment: [EnvironmentName]
  public var caches: CachePolicy
  public var homes: CachePolicy
  public var home: HomePolicy
  public var memory: MemorySize?
  public var cpus: CPULimit?
  public var pidsLimit: Int

  /// The built-in defaults for a user whose home directory is `home`.
  public init(home: FilePath) {
    image = "localhost/agent-sandbox:latest"
    containerfile = home.appending(".config/ags/Containerfile")
    cacheDirectory = home.appending(".cache/ags")
    stateDirectory = home.appending(".local/state/ags")
    gitConfigPath = home.appending(".config/ags/gitconfig-agent")
    authKey = home.appending(".ssh/ags-agent-auth")
    signKey = home.appending(".ssh/ags-agent-signing")
    bootstrapFiles = ["auth.json", "models.json"]
    containerBootDirectories = []
    passthroughEnvironment = []
    caches = .project
    homes = .shared
    self.home = .session
    pidsLimit = 4096
  }
}
