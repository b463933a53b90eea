internal import SystemPackage

/// A plan as a program may read it (`ags plan --format json`). Secrets and variables
/// handed on from the host are names only. Fields are only ever added.
public struct PlanDescription: Encodable {
  struct MountPart: Encodable {
    var source: String
    var target: String
    var mode: String
    var kind: String
    var origin: String
  }

  struct ForwardPart: Encodable {
    var port: UInt16
    var hostPort: UInt16
  }

  let version = 1
  let session: String
  let agent: String
  let commands: [[String]]
  let workspace: String
  let workingDirectory: String
  let repository: String?
  let git: String
  let container: String
  let image: String
  let network: String
  let terminal: Bool
  let tmux: String
  let mounts: [MountPart]
  let temporaryFileSystems: [String]
  let lockdownCopies: [String]
  let forwards: [ForwardPart]
  let sidecars: [String]
  let skippedMounts: [String]
  let environment: [String: String]
  let passthrough: [String]
  let secrets: [String]
  let warnings: [String]
  let podman: [String]

  public init(_ plan: LaunchPlan) {
    session = plan.sessionID
    agent = plan.agent
    commands = plan.commands
    workspace = plan.workspace.root.string
    workingDirectory = plan.workspace.workingDirectory.string
    repository = plan.workspace.repository?.kind.rawValue
    git = plan.git.rawValue
    container = plan.containerName
    image = plan.image
    network = plan.network.argument
    terminal = plan.hasTerminal
    tmux = plan.tmux.rawValue
    mounts = plan.mounts.map {
      MountPart(
        source: $0.source.string, target: $0.target.description, mode: $0.mode.rawValue,
        kind: $0.kind.rawValue, origin: "\($0.origin)")
    }
    temporaryFileSystems = plan.temporaryFileSystems.map(\.target.description)
    lockdownCopies = plan.lockdownCopies
    forwards = plan.forwards.map { ForwardPart(port: $0.port, hostPort: $0.hostPort) }
    sidecars = plan.sidecars
    skippedMounts = plan.skippedMounts
    environment = Dictionary(
      (plan.publicEnvironment + plan.launchEnvironment).map { ($0.name, $0.value) },
      uniquingKeysWith: { _, last in last })
    passthrough = plan.passthroughNames
    var seen: Set<String> = []
    secrets = plan.secrets.map(\.env.text).filter { seen.insert($0).inserted }
    warnings = plan.warnings
    podman = plan.podmanArguments
  }

  /// Indented, keys sorted, slashes as they are.
  public func json() throws -> String {
    try ReadableJSON.text(self)
  }
}
