internal import Glibc
internal import SystemPackage

/// What an agent gets of git's own files (11-git). The raw value is what
/// `ags plan --format json` says.
public enum GitUse: String, Sendable, Equatable {
  /// Private copies, whose work is taken over afterwards.
  case quarantined
  /// Private copies that go with the session (`--lockdown`).
  case discarded
  /// The real ones, with a tripwire (`[git] mode = "direct"`).
  case direct
}

extension LaunchPlanner {
  /// In direct mode a directory without a repository is quarantined all the same: there is
  /// nothing of the user's in it, and the agent's `.git` would be the host's.
  func gitUse(for request: LaunchRequest, workspace: Workspace) -> GitUse {
    if request.modes.contains(.lockdown) { return .discarded }
    return configuration.git.mode == .direct && workspace.repository != nil
      ? .direct : .quarantined
  }
}

extension LaunchPlan {
  /// The same plan with git's mounts over the workspace. Another mount in the place of one
  /// of them is an error that names both.
  func mounting(_ gitMounts: [Mount]) throws(MountError) -> LaunchPlan {
    var table = MountTable()
    for mount in mounts {
      guard mount.origin == .workspace else {
        try table.add(mount)
        continue
      }
      // Of a bare repository the copy is the workspace.
      let isReplaced = gitMounts.contains { $0.target == mount.target }
      if !isReplaced { try table.add(mount) }
      for mount in gitMounts { try table.add(mount) }
    }
    var plan = self
    plan.mounts = table.mounts
    return plan
  }

  /// What the private git directories are made from.
  func quarantineRequest(on host: Host) -> GitQuarantine.Request {
    GitQuarantine.Request(
      session: sessionID, root: workspace.root, userID: host.userID,
      repository: workspace.repository,
      addedDirectories: mounts.filter(\.mayHoldRepositories).map(\.source),
      configurations: GitExecutedPath.Source.ofUser(on: host), home: host.home,
      isDiscarded: git == .discarded, owner: userMapping.owner)
  }
}

extension Mount {
  /// A directory of the user's that the agent can write, besides the workspace.
  fileprivate var mayHoldRepositories: Bool {
    guard kind == .directory, mode == .readWrite else { return false }
    switch origin {
    case .addedDirectory, .configured: return true
    default: return false
    }
  }
}
