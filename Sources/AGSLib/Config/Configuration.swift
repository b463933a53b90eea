public import SystemPackage

/// Everything that can be configured, resolved and valid (2-config). The command line's
/// layer is applied to it by changing its fields.
public struct Configuration: Sendable, Equatable {
  /// The file of the base layer, absolute, links not resolved; nil before it is loaded.
  public var baseFile: FilePath?
  public var sandbox: SandboxSection
  public var agentMounts: [AgentMount] = []
  public var mounts: [ConfiguredMount] = []
  public var tools: [Tool] = []
  public var secrets: [SecretDeclaration] = []
  public var agents: [AgentDeclaration] = []
  public var forwards: [Forward] = []
  public var authProxy = AuthProxySection()
  public var browser = BrowserSection()
  public var hostUI = HostUISection()
  public var clipboard = ClipboardSection()
  public var git = GitSection()
  public var desktopPassthrough = DesktopPassthroughSection()
  public var psp = PSPSection()
  public var update = UpdateSection()

  /// The built-in defaults for a user whose home directory is `home`.
  public init(home: FilePath) {
    sandbox = SandboxSection(home: home)
  }

  /// The secrets of `[[secret]]` and of the tools, in the order they are declared.
  public var allSecrets: [SecretDeclaration] { secrets + tools.flatMap(\.secrets) }
}
