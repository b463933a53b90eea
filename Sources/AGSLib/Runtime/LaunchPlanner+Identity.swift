internal import SystemPackage

/// 3-run "ssh" and "git".
extension LaunchPlanner {
  /// Nil in lockdown.
  func identity(
    for request: LaunchRequest, workspace: Workspace, paths: SessionPaths
  ) throws -> LaunchIdentity? {
    guard !request.modes.contains(.lockdown) else { return nil }
    let sandbox = configuration.sandbox
    var warnings: [String] = []
    let keys = try keys(for: workspace, &warnings)
    let signing = keys.first { $0.role == .signing }
    let user = user(in: workspace, &warnings)
    let shared = ResolvedPath.ofMissing(sandbox.gitConfigPath)
    let present = try RegularFile.read(shared, limit: 1 << 20, links: .refused)
    let git = GitConfiguration(
      user: user, signingKey: signing?.guestPath,
      safeDirectories: foreignPlaces(of: workspace))
    // What holds for this workspace alone goes into a file of the session's own, so that two
    // sessions never take turns with one that both have mounted.
    let isShared = git.safeDirectories.isEmpty && !(host.isRoot && workspace.owner != 0)
    let isOurs = present.map { GitConfiguration.isOurs($0) } ?? true
    return LaunchIdentity(
      keys: keys,
      agentDirectory: SSHAgent.directory(in: ResolvedPath.ofMissing(sandbox.cacheDirectory)),
      gitConfiguration: isShared || !isOurs
        ? shared : ResolvedPath.ofMissing(paths.state).appending("gitconfig"),
      gitConfigurationText: isOurs ? git.text : nil,
      allowedSigners: signing.map { GitConfiguration.allowedSigners($0, mail: user.mail) },
      lock: sandbox.stateDirectory.appending("gitconfig.lock"), warnings: warnings)
  }

  private func keys(
    for workspace: Workspace, _ warnings: inout [String]
  ) throws -> [SSHKey] {
    let sandbox = configuration.sandbox
    var keys: [SSHKey] = []
    var remedies: [String] = []
    for (role, path) in [
      (SSHKey.Role.authentication, sandbox.authKey), (.signing, sandbox.signKey),
    ] {
      if let key = try SSHKey.find(role, at: path) {
        keys.append(key)
      } else {
        remedies.append("\(role.rawValue): \(SSHKey.remedy(role, at: path))")
      }
    }
    if !remedies.isEmpty {
      warnings.append(
        "the agent has no key for "
          + (keys.isEmpty
            ? "ssh or for signing commits"
            : keys[0].role == .signing ? "ssh" : "signing commits")
          + "; make it with " + remedies.joined(separator: " and with "))
    }
    return keys
  }

  private func user(in workspace: Workspace, _ warnings: inout [String]) -> GitUser {
    let user = GitUser.find(on: host)
    let settings = workspace.repository.map { $0.commonDirectory.appending("config") }
    for (what, setting, example, value) in [
      ("name", "name", "'Your Name'", user.name), ("mail address", "email", "you@…", user.mail),
    ] where value == nil {
      // Inside, git finds the repository's own by itself.
      let own = settings.flatMap { GitConfigFile.value(setting, in: "user", of: $0) }
      guard own == nil else { continue }
      warnings.append(
        "your \(what) for commits is not known, so git inside has none: "
          + "git config --global user.\(setting) \(example)")
    }
    return user
  }

  /// The repository's places, if one of them is not the container's user's: git inside
  /// would refuse to work there.
  private func foreignPlaces(of workspace: Workspace) -> [FilePath] {
    guard let repository = workspace.repository else { return [] }
    let inside = host.isRoot ? workspace.owner : host.userID
    let marker = repository.root.appending(".git")
    let places = [
      repository.root, marker, repository.gitDirectory, repository.commonDirectory,
    ]
    let isForeign = places.contains { place in
      ResolvedPath(place).map { $0.owner != inside } ?? false
    }
    return isForeign ? [repository.root] : []
  }
}
