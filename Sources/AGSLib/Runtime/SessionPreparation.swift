internal import AGSWire
internal import CPosix
internal import Glibc
internal import SystemPackage

/// Makes what a plan says is made: sources that may be missing, and the places inside one
/// mount where another goes, so that the home stays writable throughout (3-run "Mounts" 3).
struct SessionPreparation {
  var plan: LaunchPlan

  /// - Returns: lines for the user.
  func run() throws -> [String] {
    for mount in plan.mounts where mount.createsSource { try makeSource(mount) }
    let warnings = try plan.lockdownHome.write(
      below: plan.paths.home, owner: plan.userMapping.owner)
    // Readable for whoever the agent is on the host: nothing in it is private.
    try RegularFile.write(
      plan.guardRules.encoded(), to: plan.paths.sandbox.appending("session.json"), mode: 0o644,
      existing: .replaced, isDurable: false)
    for place in MountPoint.all(in: plan.mounts, owner: plan.userMapping.owner) {
      try place.make()
    }
    return warnings
  }

  /// What init is to find mounted.
  func mountChecks() throws -> [LaunchDocument.MountCheck] {
    try plan.mounts.map { mount in
      let identity = try SourceIdentity(mount.source, kind: mount.kind)
      return LaunchDocument.MountCheck(
        path: mount.target.description, device: identity.device, inode: identity.inode,
        isDirectory: identity.isDirectory)
    }
  }

  private func makeSource(_ mount: Mount) throws {
    switch mount.kind {
    case .directory:
      try PrivateDirectory.makeAll(mount.source)
    case .file:
      try PrivateDirectory.makeAll(mount.source.removingLastComponent())
      try makeFile(mount.source)
    }
    if isOwn(mount) { giveToAgent(mount.source) }
    // Not given to it: only to be entered.
    if mount.origin == .agentInstallations, plan.userMapping.owner != nil {
      chmod(mount.source.string, 0o755)
    }
  }

  /// As root the container's user is another one than we: what is ags' own and the agent
  /// writes must be theirs.
  private func giveToAgent(_ path: FilePath) {
    if let owner = plan.userMapping.owner { lchown(path.string, owner.uid, owner.gid) }
  }

  private func isOwn(_ mount: Mount) -> Bool {
    switch mount.origin {
    case .home, .cache, .agentHome, .sessionChannels: true
    default: false
    }
  }

  private func makeFile(_ path: FilePath) throws(DirectoryError) {
    let descriptor = cposix_open(
      path.string, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let reason = errno
      throw DirectoryError(
        summary: reason == ELOOP
          ? "\(path) is a symbolic link, which is not followed" : "cannot make the file \(path)",
        cause: reason == ELOOP ? nil : String(cString: strerror(reason)),
        hint: reason == ELOOP ? "look at it: an agent can put one there; remove it" : nil)
    }
    close(descriptor)
  }
}
