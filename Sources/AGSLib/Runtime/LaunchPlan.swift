internal import AGSWire
public import SystemPackage

/// A fully resolved launch: the second of the three values of 3-run. It has no side
/// effects; `podmanArguments` is the third, and `Session` carries it out.
public struct LaunchPlan: Sendable, Equatable {
  /// A variable whose value may be shown.
  public struct Variable: Sendable, Equatable {
    public var name: String
    public var value: String

    init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Eight hexadecimal digits.
  public var sessionID: String
  public var agent: String
  /// Candidates for the agent's command line, arguments included.
  public var commands: [[String]]
  public var workspace: Workspace
  public var containerName: String
  /// Sorted by name.
  public var labels: [Variable]
  public var image: String
  public var userMapping: UserMapping
  public var keepsGroups: Bool
  /// Resource limits by podman's names.
  public var limits: [Variable]
  public var network: NetworkChoice
  /// This and the next two are nil where podman could not apply them either.
  public var memory: MemorySize?
  public var cpus: CPULimit?
  public var pidsLimit: Int?
  /// What the image's `dcg` means to this run.
  var dcgNeed: LaunchDocument.DCGNeed
  /// What the guard inside is told.
  var guardRules: SessionDocument
  /// What the agent gets of git's own files.
  public var git: GitUse
  /// Where a lockdown's commits are kept as patches; nil for nowhere.
  public var patchesDirectory: FilePath?
  /// Where the program writes what came of the work in git (`GitImportReport.write`); nil
  /// for nowhere.
  public var gitReportFile: FilePath?
  /// In the order of 3-run "Mounts". Those of private git directories are added when the
  /// session makes them.
  public var mounts: [Mount]
  /// File systems in memory; lockdown has some.
  public var temporaryFileSystems: [TemporaryFileSystem]
  /// Sources that are optional and not there.
  public var skippedMounts: [String]
  /// On podman's command line.
  public var publicEnvironment: [Variable]
  /// In the launch document: values that are no secrets.
  public var launchEnvironment: [Variable]
  /// In the launch document: names whose values come from the host's environment and
  /// are never shown. Proxies of the host are among them.
  public var passthroughNames: [String]
  /// In the launch document: never shown but by name.
  public var secrets: [SecretDeclaration]
  /// Keys and git settings; nil in lockdown.
  public var identity: LaunchIdentity?
  /// What the host's side of the channels is told; nil in lockdown, which has none.
  var authProxy: AuthProxyConfiguration?
  /// Programs that serve the session on the host.
  public var sidecars: [String] { authProxy == nil ? [] : [AuthProxyConfiguration.program] }
  /// What is copied into the home of a lockdown run; empty in any other.
  var lockdownHome: LockdownHome
  /// The places of the host that `lockdownHome` copies from, if they are there.
  public var lockdownCopies: [String] { lockdownHome.copies.map(\.source.path.string) }
  /// What is looked at before and after.
  var homeWatch: HomeWatch
  /// Loopback ports of the host that are to be reachable inside.
  public var forwards: [Forward]
  /// Made inside before the agent starts.
  public var bootDirectories: [ContainerPath]
  public var hasTerminal: Bool
  /// Whether the agent runs inside a tmux session of the container.
  public var tmux: TmuxUse
  public var usesLocalTimeZone: Bool
  /// One line each, for the user.
  public var warnings: [String]
  public var paths: SessionPaths
}

/// Where one session keeps things on the host (3-run "Lifetime").
public struct SessionPaths: Sendable, Equatable {
  var sessionID: String
  /// `…/ags/<session>`, removed with the session.
  public var runtime: FilePath
  /// `state_dir/sessions/<session>`: the marker and the home, removed with the session.
  public var state: FilePath
  /// `state_dir`.
  var stateDirectory: FilePath

  init(sessionID: String, host: Host, sandbox: SandboxSection) {
    self.sessionID = sessionID
    runtime = host.runtimeDirectory.appending(sessionID)
    stateDirectory = sandbox.stateDirectory
    state = sandbox.stateDirectory.appending("sessions").appending(sessionID)
  }

  /// Mounted read-only at `/run/ags`.
  var sandbox: FilePath { runtime.appending("sandbox") }
  /// Never mounted.
  var host: FilePath { Self.host(in: runtime) }
  static func host(in runtime: FilePath) -> FilePath { runtime.appending("host") }
  /// Where podman's monitor of the container writes its process id.
  var monitorID: FilePath { Self.monitorID(in: runtime) }
  static func monitorID(in runtime: FilePath) -> FilePath {
    host(in: runtime).appending("conmon.pid")
  }
  /// Mounted at `/home/dev`.
  var home: FilePath { state.appending("home") }
}
