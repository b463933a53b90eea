internal import AGSWire
internal import SystemPackage

/// 4-channels.
extension LaunchPlanner {
  static let channelEnvironment: [LaunchPlan.Variable] = [
    .init(GuestVariable.browser, GuestPath.browser),
    .init(GuestVariable.authProxySocket, GuestPath.openSocket),
    .init(GuestVariable.webviewRelaySocket, GuestPath.relaySocket),
    .init(GuestVariable.webviewURLHelper, GuestPath.webviewURL),
  ]

  func authProxy(
    for agent: Agent, workspace: Workspace, paths: SessionPaths, identity: LaunchIdentity?
  ) -> AuthProxyConfiguration {
    AuthProxyConfiguration(
      session: paths.sessionID, agent: agent.name, workspace: workspace.root.string,
      sandboxDirectory: paths.sandbox.string, hostDirectory: paths.host.string,
      auditDirectory: AuditLog.directory(in: paths.stateDirectory).string,
      autoAllowDomains: configuration.authProxy.autoAllowDomains.map(\.description),
      forwards: configuration.forwards.filter { $0.when == .always }.map {
        .init(port: $0.port, hostPort: $0.hostPort)
      },
      ssh: identity?.sshRule)
  }
}
