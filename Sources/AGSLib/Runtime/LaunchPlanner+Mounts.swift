internal import AGSWire
internal import SystemPackage

/// 3-run "Mounts", in its order.
extension LaunchPlanner {
  struct Layout {
    var table = MountTable()
    var skipped: [String] = []
    let policy: MountPolicy
    let writable: WritableRoots
  }

  func mounts(
    for request: LaunchRequest, agent: Agent, catalog: AgentCatalog, workspace: Workspace,
    identity: LaunchIdentity?, paths: SessionPaths
  ) throws -> Layout {
    var layout = emptyLayout(for: request, workspace: workspace)
    try addWorkspace(
      workspace, git: gitUse(for: request, workspace: workspace), to: &layout)
    if configuration.sandbox.home == .session {
      try layout.table.add(
        Mount(
          source: ResolvedPath.ofMissing(paths.home), target: try ContainerPath(GuestPath.home),
          mode: .readWrite,
          origin: .home, createsSource: true))
    }
    try identity?.addHomeMounts(to: &layout.table)
    try addCaches(workspace: workspace, to: &layout)
    try addInstallations(to: &layout)
    try addHomes(agent: agent, catalog: catalog, workspace: workspace, to: &layout)
    try addAgentMounts(to: &layout)
    for mount in configuration.mounts {
      try add(
        mount, origin: .configured(label: mount.label, mount.origin), to: &layout)
    }
    try addTools(to: &layout)
    for directory in request.addedDirectories {
      try addDirectory(directory, to: &layout)
    }
    try addWayland(request, to: &layout)
    for (source, target) in [
      (shim.binDirectory, GuestPath.bin), (shim.shareDirectory, GuestPath.share),
    ] {
      try layout.table.add(
        Mount(
          source: ResolvedPath.ofMissing(source), target: try ContainerPath(target),
          mode: .readOnly, origin: .shim))
    }
    try addGuard(
      catalog: catalog, isLockdown: request.modes.contains(.lockdown), to: &layout.table)
    try layout.table.add(
      Mount(
        source: ResolvedPath.ofMissing(paths.sandbox), target: try ContainerPath(GuestPath.run),
        mode: .readOnly,
        origin: .sessionChannels, createsSource: true))
    return layout
  }

  func emptyLayout(for request: LaunchRequest, workspace: Workspace) -> Layout {
    let policy = MountPolicy(
      host: host, sandbox: configuration.sandbox, baseFile: configuration.baseFile,
      containerStorage: podman.storage,
      allowed: request.allowedPaths.map { absolute($0) })
    return Layout(policy: policy, writable: writableRoots(request, workspace))
  }

  private func absolute(_ path: FilePath) -> FilePath {
    host.currentDirectory.pushing(path).lexicallyNormalized()
  }

  /// In direct mode with its git directory where that is elsewhere; private ones are mounted
  /// over it when the session has made them (`LaunchPlan.mounting`).
  private func addWorkspace(
    _ workspace: Workspace, git: GitUse, to layout: inout Layout
  ) throws {
    try layout.policy.check(workspace.root, mode: .readWrite, origin: .workspace)
    try layout.table.add(
      Mount(
        source: workspace.root, target: try ContainerPath(workspace.root.string),
        mode: .readWrite, origin: .workspace))
    guard let common = workspace.repository?.commonDirectory,
      !common.starts(with: workspace.root)
    else { return }
    try layout.policy.check(common, mode: .readWrite, origin: .gitDirectory)
    guard git == .direct else { return }
    try layout.table.add(
      Mount(
        source: common, target: try ContainerPath(common.string), mode: .readWrite,
        origin: .gitDirectory))
  }

  private func addCaches(workspace: Workspace, to layout: inout Layout) throws {
    let sandbox = configuration.sandbox
    guard sandbox.caches != .none else { return }
    let owner = sandbox.caches == .project ? workspace.key : "shared"
    let caches = ResolvedPath.ofMissing(sandbox.cacheDirectory.appending("caches"))
    for cache in Cache.all {
      try layout.table.add(
        Mount(
          source: caches.appending(owner).appending(cache.name),
          target: try ContainerPath("\(GuestPath.home)/\(cache.path)"), mode: .readWrite,
          origin: .cache(cache.name), createsSource: true))
    }
  }

  private func addInstallations(to layout: inout Layout) throws {
    let installations = AgentInstallations(cacheDirectory: configuration.sandbox.cacheDirectory)
    try layout.table.add(
      Mount(
        source: ResolvedPath.ofMissing(installations.directory),
        target: try ContainerPath(GuestPath.agents), mode: .readOnly,
        origin: .agentInstallations, createsSource: true))
  }

  func addHomes(
    agent: Agent, catalog: AgentCatalog, workspace: Workspace, to layout: inout Layout
  ) throws {
    let sandbox = configuration.sandbox
    guard sandbox.homes != .none else { return }
    var homes = ResolvedPath.ofMissing(sandbox.stateDirectory.appending("homes"))
    // As root the agent is the workspace's owner, who cannot share another owner's home.
    if host.isRoot { homes.append("uid-\(workspace.owner)") }
    for owner in agent.seesAllHomes ? catalog.agents : [agent] {
      var directory = homes.appending(owner.name)
      if sandbox.homes == .project { directory.append(workspace.key) }
      for home in owner.homes {
        guard let name = home.path.path.lastComponent else { continue }
        // Two homes of one agent may end alike (.local/share/x and .config/x).
        let distinct = home.path.path.components.dropFirst(2).map(\.string)
          .joined(separator: "-")
        try layout.table.add(
          Mount(
            source: directory.appending(distinct.isEmpty ? name.string : distinct),
            target: home.path, mode: .readWrite, kind: home.kind,
            origin: .agentHome(agent: owner.name), createsSource: true))
      }
    }
  }

  func addAgentMounts(to layout: inout Layout) throws {
    for mount in configuration.agentMounts {
      let origin = MountOrigin.agentMount(mount.origin)
      let source = try layout.writable.resolve(
        mount.host, for: origin, confinedTo: mount.confinedTo)
      try layout.policy.check(source, mode: .readWrite, origin: origin)
      if layout.table.mounts.contains(where: { existing in
        if case .agentHome = existing.origin { return existing.target == mount.container }
        return false
      }) {
        layout.table.remove(at: mount.container)
      }
      try checkKind(source, mount.kind, origin)
      try layout.table.add(
        Mount(
          source: source, target: mount.container, mode: .readWrite, kind: mount.kind,
          origin: origin, createsSource: true))
    }
  }

  private func addTools(to layout: inout Layout) throws {
    for tool in configuration.tools where tool.when == .always {
      let origin = MountOrigin.tool(tool.name, tool.origin)
      let path = try layout.writable.resolve(
        tool.path, for: origin, confinedTo: tool.confinedTo)
      guard let kind = try kind(of: path, origin) else {
        guard tool.optional else {
          throw MountError(
            "\(origin): the program \(tool.path) is missing",
            hint: "install it, or set optional = true")
        }
        layout.skipped.append("\(origin): \(tool.path) is missing")
        continue
      }
      try layout.policy.check(path, mode: tool.mode, origin: origin)
      try layout.table.add(
        Mount(
          source: path, target: tool.containerPath, mode: tool.mode, kind: kind,
          origin: origin))
      for directory in tool.directories {
        try add(directory, origin: origin, to: &layout)
      }
    }
  }

  private func addDirectory(
    _ directory: FilePath, to layout: inout Layout
  ) throws {
    let path = absolute(directory)
    let source = try layout.writable.resolve(path, for: .addedDirectory)
    guard try kind(of: source, .addedDirectory) == .directory else {
      throw MountError("--add-dir: \(path) is not a directory", hint: "check the path")
    }
    try layout.policy.check(source, mode: .readWrite, origin: .addedDirectory)
    try layout.table.add(
      Mount(
        source: source, target: try ContainerPath(path.string), mode: .readWrite,
        origin: .addedDirectory))
  }

  private func add(
    _ mount: ConfiguredMount, origin: MountOrigin, to layout: inout Layout
  ) throws {
    guard mount.when == .always else { return }
    let source = try layout.writable.resolve(
      mount.host, for: origin, confinedTo: mount.confinedTo)
    if try kind(of: source, origin) == nil, !mount.create {
      guard mount.optional else {
        throw MountError(
          "required mount source missing: \(mount.host), of \(origin)",
          hint: "create it, or set create = true or optional = true")
      }
      layout.skipped.append("\(origin): \(mount.host) is missing")
      return
    }
    try layout.policy.check(source, mode: mount.mode, origin: origin)
    try checkKind(source, mount.kind, origin)
    try layout.table.add(
      Mount(
        source: source, target: mount.container, mode: mount.mode, kind: mount.kind,
        origin: origin, createsSource: mount.create))
  }

  private func checkKind(
    _ source: FilePath, _ kind: MountKind, _ origin: MountOrigin
  ) throws(MountError) {
    guard let found = try self.kind(of: source, origin), found != kind else { return }
    throw MountError(
      "\(origin): \(source) is not a \(kind == .directory ? "directory" : "file")",
      hint: "set kind = \"\(found == .directory ? "dir" : "file")\"")
  }

  /// Nil when nothing is there.
  private func kind(of source: FilePath, _ origin: MountOrigin) throws(MountError) -> MountKind? {
    do {
      return try SourceIdentity.kind(of: source)
    } catch {
      throw MountError("\(origin): \(error.summary)", cause: error.cause, hint: error.hint)
    }
  }
}
