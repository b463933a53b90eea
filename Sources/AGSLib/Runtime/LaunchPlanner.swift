internal import AGSWire
public import SystemPackage

/// Everything a plan is made from. A plan is a function of these values and of the
/// files they name; making one changes nothing.
public struct LaunchPlanner: Sendable {
  public var host: Host
  public var configuration: Configuration
  public var podman: PodmanFacts
  /// The container engine's program.
  public var runtimeProgram: FilePath
  public var shim: ShimInstallation
  /// The text of `/etc/subuid` and `/etc/subgid`; used when `ags` runs as root.
  public var subordinateRanges: String
  public var hasLocalTime: Bool
  /// Programs of agents that the container will have; nil where nobody looked.
  public var agentPrograms: Set<String>?
  /// In lockdown, what `configuration` is a part of.
  var wholeConfiguration: Configuration?

  public init(
    host: Host, configuration: Configuration, podman: PodmanFacts,
    runtimeProgram: FilePath = "/usr/bin/podman", shim: ShimInstallation,
    subordinateRanges: String = "", hasLocalTime: Bool = true,
    agentPrograms: Set<String>? = nil
  ) {
    self.host = host
    self.configuration = configuration
    self.podman = podman
    self.runtimeProgram = runtimeProgram
    self.shim = shim
    self.subordinateRanges = subordinateRanges
    self.hasLocalTime = hasLocalTime
    self.agentPrograms = agentPrograms
  }

  /// Resolves `request`.
  /// - Parameter sessionID: eight hexadecimal digits, new for every session.
  /// - Throws: a `DescribedError` for everything that would keep the run from being what
  ///   was asked for.
  public func plan(_ request: LaunchRequest, sessionID: String) throws -> LaunchPlan {
    try request.validate()
    guard request.modes.contains(.lockdown) else {
      return try resolve(request, sessionID: sessionID)
    }
    var confined = self
    confined.wholeConfiguration = configuration
    confined.configuration = configuration.forLockdown
    return try confined.resolve(request, sessionID: sessionID)
  }

  private func resolve(_ request: LaunchRequest, sessionID: String) throws -> LaunchPlan {
    let isLockdown = request.modes.contains(.lockdown)
    let catalog = try AgentCatalog(configuration: configuration)
    let agent = try find(request.agent, in: catalog)
    let workspace = try Workspace.find(
      from: host.currentDirectory, here: request.modes.contains(.here),
      userID: host.userID)
    try refuseAgentsPrograms(request, workspace: workspace)
    let paths = SessionPaths(
      sessionID: sessionID, host: host, sandbox: configuration.sandbox)
    let identity = try identity(for: request, workspace: workspace, paths: paths)
    let layout = try mounts(
      for: request, agent: agent, catalog: catalog, workspace: workspace, identity: identity,
      paths: paths)
    try requirePresence(of: agent, mounts: layout.table.mounts)
    let (network, networkWarning) = NetworkChoice.choose(podman)
    let sandbox = configuration.sandbox
    let guardRules = guardRules(for: request, mounts: layout.table.mounts)
    let passthrough = passthrough(isLockdown: isLockdown)
    let (lockdownHome, homeWarnings) = try lockdownHome(
      for: request, agent: agent, catalog: catalog, workspace: workspace)

    return LaunchPlan(
      sessionID: sessionID,
      agent: agent.name,
      commands: commandLines(of: agent, for: request),
      workspace: workspace,
      containerName: "ags-\(workspace.slug)-\(sessionID)",
      labels: [
        .init("io.ags.agent", agent.name), .init("io.ags.session", sessionID),
        .init("io.ags.workspace", workspace.root.string),
      ],
      image: sandbox.image,
      userMapping: userMapping(for: request, workspace: workspace),
      keepsGroups: !host.isRoot && workspace.isReachedThroughGroup(by: host),
      limits: limits,
      network: network,
      memory: canLimit("memory") ? sandbox.memory : nil,
      cpus: canLimit("cpu") ? sandbox.cpus : nil,
      pidsLimit: canLimit("pids") ? sandbox.pidsLimit : nil,
      dcgNeed: dcgNeed(of: agent, for: request),
      guardRules: guardRules,
      git: gitUse(for: request, workspace: workspace),
      patchesDirectory: try outsidePlace(
        request.patchesDirectory, "--keep-patches", request, workspace: workspace),
      gitReportFile: try outsidePlace(
        request.gitReportFile, "--git-report", request, workspace: workspace),
      mounts: layout.table.mounts,
      temporaryFileSystems: isLockdown ? try TemporaryFileSystem.lockdown() : [],
      skippedMounts: layout.skipped,
      publicEnvironment: publicEnvironment(sessionID: sessionID, isLockdown: isLockdown),
      launchEnvironment: (identity?.environment ?? [])
        + (isLockdown ? [] : Self.channelEnvironment)
        + launchEnvironment(for: request, agent: agent, rules: guardRules),
      passthroughNames: passthrough.names,
      secrets: configuration.allSecrets,
      identity: identity,
      authProxy: isLockdown
        ? nil
        : authProxy(for: agent, workspace: workspace, paths: paths, identity: identity),
      lockdownHome: lockdownHome,
      homeWatch: HomeWatch(
        of: agent.seesAllHomes ? catalog.agents : [agent], mounts: layout.table.mounts),
      forwards: configuration.forwards.filter { $0.when == .always },
      bootDirectories: sandbox.containerBootDirectories,
      hasTerminal: host.standardInputIsTerminal && host.standardOutputIsTerminal,
      tmux: TmuxUse(request.modes),
      usesLocalTimeZone: hasLocalTime,
      warnings: warnings(for: request, workspace: workspace, network: networkWarning)
        + (identity?.warnings ?? []) + passthrough.warnings + homeWarnings,
      paths: paths)
  }

  private var limits: [LaunchPlan.Variable] {
    // An agent's core would hold its secrets. One byte and not none: it also keeps the
    // kernel from handing the core to a program (core(5)).
    var limits = ["core": min(host.hardLimits["core"] ?? 1, 1)]
    // As root podman's defaults may exceed what this process may set.
    if host.isRoot { limits.merge(host.hardLimits) { own, _ in own } }
    return limits.sorted { $0.key < $1.key }.map { .init($0.key, "\($0.value)") }
  }

  private func find(_ name: String, in catalog: AgentCatalog) throws -> Agent {
    guard let agent = catalog[name] else {
      throw LaunchError(
        "there is no agent \"\(name)\"",
        hint: "known: " + catalog.agents.map(\.name).joined(separator: ", ")
          + "; others are declared with [[agent]]")
    }
    return agent
  }

  /// podman ignores limits whose controller it was not given, with a line of its own.
  private func canLimit(_ controller: String) -> Bool {
    podman.cgroupControllers.contains(controller)
  }

  private func userMapping(
    for request: LaunchRequest, workspace: Workspace
  ) -> UserMapping {
    let isContainerRoot = request.modes.contains(.root)
    guard host.isRoot else { return isContainerRoot ? .containerRoot : .keepID }
    let base = UserMapping.base(
      subordinateRanges: subordinateRanges, owner: [workspace.owner, workspace.group])
    return isContainerRoot
      ? .containerRootIsOwner(uid: workspace.owner, gid: workspace.group, base: base)
      : .owner(uid: workspace.owner, gid: workspace.group, base: base)
  }

  private func warnings(
    for request: LaunchRequest, workspace: Workspace, network: String?
  ) -> [String] {
    var warnings: [String] = []
    if request.modes.contains(.root) {
      warnings.append(
        "--root: the agent is root inside, with the container's capabilities: what keeps it "
          + "from your files is the user namespace alone")
    }
    if request.modes.contains(.yolo) {
      warnings.append("--yolo: the guard allows every tool call")
    }
    if wantsWayland(request) {
      warnings.append(
        "the agent has your Wayland session: it can show windows, read the clipboard and "
          + "take the input of its windows")
    }
    if host.isRoot {
      warnings.append(
        "running as root: no rootless podman; the agent gets the rights of uid "
          + "\(workspace.owner), the workspace's owner"
          + (request.modes.contains(.root) ? "" : ", without capabilities"))
    }
    if gitUse(for: request, workspace: workspace) == .direct {
      warnings.append(
        "[git] mode is direct: the agent changes the repository's .git itself; what could make "
          + "git run something is compared afterwards only")
    }
    if let network { warnings.append(network) }
    let sandbox = configuration.sandbox
    let wanted = [
      ("memory", sandbox.memory != nil), ("cpu", sandbox.cpus != nil), ("pids", true),
    ]
    let missing = wanted.filter { $0.1 && !canLimit($0.0) }.map(\.0)
    if !missing.isEmpty {
      warnings.append(
        "limits of \(missing.joined(separator: ", ")) cannot be applied: "
          + "the cgroup controllers are not delegated to you")
    }
    let absent = featuresNotThereYet
    if !absent.isEmpty {
      warnings.append("not in this version of ags: " + absent.joined(separator: "; "))
    }
    return warnings
  }

  /// What the configuration asks for and this version cannot do, in words.
  private var featuresNotThereYet: [String] {
    var absent: [String] = []
    if configuration.hostUI.enabled { absent.append("[host_ui]") }
    return absent
  }
}
