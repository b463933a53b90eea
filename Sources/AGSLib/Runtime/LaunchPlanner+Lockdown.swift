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

  /// In lockdown git's own files are there to be read: what an agent writes into them, git on
  /// the host would go by.
  func protectRepository(_ workspace: Workspace, in table: inout MountTable) throws {
    guard let repository = workspace.repository else { return }
    let marker = repository.root.appending(".git")
    var protected: [FilePath] = []
    for path in [marker, repository.gitDirectory, repository.commonDirectory] {
      guard let found = ResolvedPath(path), !protected.contains(where: found.path.starts(with:)),
        found.path != workspace.root, let kind = found.kind
      else { continue }
      protected.append(found.path)
      // Outside of the workspace, it is mounted already.
      guard found.path.starts(with: workspace.root) else { continue }
      try table.add(
        Mount(
          source: found.path, target: try ContainerPath(found.path.string), mode: .readOnly,
          kind: kind, origin: .gitDirectory))
    }
  }
}
