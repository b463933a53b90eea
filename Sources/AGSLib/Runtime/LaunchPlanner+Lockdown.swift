internal import SystemPackage

/// 3-run "--lockdown".
extension LaunchPlanner {
  /// What of the agent's home is copied, and what the user should know about it.
  func lockdownHome(
    for request: LaunchRequest, agent: Agent, catalog: AgentCatalog, workspace: Workspace
  ) throws -> (LockdownHome, [String]) {
    guard let wholeConfiguration, !agent.seesAllHomes else { return (LockdownHome(), []) }
    guard !agent.lockdownCopies.isEmpty || agent.homes.isEmpty else {
      return (
        LockdownHome(),
        [
          "--lockdown: nothing of \(agent.name)'s home is copied: which of it is its login and "
            + "its settings is known of the built-in agents only"
        ]
      )
    }
    // Where they would be mounted from, were this another run.
    var usual = self
    usual.configuration = wholeConfiguration
    usual.wholeConfiguration = nil
    var layout = usual.emptyLayout(for: request, workspace: workspace)
    try usual.addHomes(agent: agent, catalog: catalog, workspace: workspace, to: &layout)
    try usual.addAgentMounts(to: &layout)
    let home = LockdownHome(
      of: agent, mounts: layout.table.mounts, withLogin: !request.modes.contains(.noLogin))
    return (home, [])
  }
}
