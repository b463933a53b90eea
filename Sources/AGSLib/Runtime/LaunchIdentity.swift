internal import AGSWire
internal import CPosix
public import SystemPackage

/// What an agent commits, signs, fetches and pushes as (3-run "ssh", "git"). A launch
/// without one, a lockdown, gets neither keys nor git settings.
public struct LaunchIdentity: Sendable, Equatable {
  /// The keys that are there and can be used. Without any there is no ssh agent.
  public var keys: [SSHKey]
  /// Where ags' ssh agent is.
  var agentDirectory: FilePath
  /// What is mounted as the git configuration, links resolved.
  public var gitConfiguration: FilePath
  /// What is written there before the start; nil when the file is the user's own.
  var gitConfigurationText: String?
  /// What is written for `gpg.ssh.allowedSignersFile`.
  var allowedSigners: String?
  /// Where starts that write at the same time meet.
  var lock: FilePath
  /// One line each, for the user.
  var warnings: [String]

  /// What the sidecar lets the sandbox do with the ssh agent; nil without keys.
  var sshRule: AuthProxyConfiguration.SSHRule? {
    guard !keys.isEmpty else { return nil }
    return AuthProxyConfiguration.SSHRule(
      directory: agentDirectory.string, socket: SSHAgent.socketName,
      keys: keys.map { .init(name: $0.role.rawValue, blob: $0.identity.blob) })
  }

  /// In the launch document.
  var environment: [LaunchPlan.Variable] {
    var variables = [
      LaunchPlan.Variable(GuestVariable.gitConfiguration, GuestPath.gitConfiguration)
    ]
    if !keys.isEmpty {
      variables.append(.init(GuestVariable.sshAgentSocket, GuestPath.sshAgentSocket))
    }
    return variables
  }

  /// The part of 3-run "Mounts" 3 that lies in the home.
  func addHomeMounts(to table: inout MountTable) throws {
    try table.add(
      Mount(
        source: gitConfiguration, target: try ContainerPath(GuestPath.gitConfiguration),
        mode: .readOnly, kind: .file, origin: .gitConfiguration))
    for key in keys where key.publicFile != keys.first?.publicFile || key == keys.first {
      try table.add(
        Mount(
          source: key.publicFile, target: try ContainerPath(key.guestPath), mode: .readOnly,
          kind: .file, origin: .publicKey(key.role)))
    }
  }

  /// Writes what a plan only says.
  func write(_ paths: SessionPaths) throws {
    if let gitConfigurationText {
      try GitConfiguration.install(gitConfigurationText, at: gitConfiguration, lock: lock)
    }
    if let allowedSigners {
      try RegularFile.write(
        Array(allowedSigners.utf8), to: paths.sandbox.appending("allowed-signers"), mode: 0o644,
        existing: .replaced, isDurable: false)
    }
  }
}

extension SSHKey {
  /// Its public half inside.
  var guestPath: String {
    "\(GuestPath.sshDirectory)/\(privateFile.lastComponent?.string ?? role.rawValue).pub"
  }
}
