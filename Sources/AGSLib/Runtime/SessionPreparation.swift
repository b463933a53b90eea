internal import AGSWire
internal import CPosix
internal import Glibc
internal import SystemPackage

/// Makes what a plan says is made: sources that may be missing, and the places in the
/// session's home where other mounts go, so that the home stays writable throughout
/// (3-run "Mounts" 3).
struct SessionPreparation {
  var plan: LaunchPlan

  func run() throws {
    let home = FilePath(GuestPath.home)
    let hasHome = plan.mounts.contains { $0.origin == .home }
    for mount in plan.mounts {
      if mount.createsSource { try makeSource(mount) }
      guard hasHome, mount.origin != .home, mount.target.path.starts(with: home) else {
        continue
      }
      try makeMountPoint(mount, below: home)
    }
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
  }

  /// As root the container's user is another one than we: what is ags' own and the agent
  /// writes must be theirs.
  private func giveToAgent(_ path: FilePath) {
    guard case .owner(let uid, let gid, _) = plan.userMapping else { return }
    lchown(path.string, uid, gid)
  }

  private func isOwn(_ mount: Mount) -> Bool {
    switch mount.origin {
    case .home, .cache, .agentHome, .sessionChannels: true
    default: false
    }
  }

  private func makeMountPoint(_ mount: Mount, below home: FilePath) throws {
    var path = plan.paths.home
    let components = mount.target.path.components.dropFirst(home.components.count)
    for (index, component) in components.enumerated() {
      path.append(component)
      if index == components.count - 1, mount.kind == .file {
        try makeFile(path)
      } else {
        try PrivateDirectory.makeAll(path)
      }
      giveToAgent(path)
    }
  }

  private func makeFile(_ path: FilePath) throws(DirectoryError) {
    let descriptor = cposix_open(
      path.string, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw DirectoryError(
        summary: "cannot make the file \(path)", cause: String(cString: strerror(errno)))
    }
    close(descriptor)
  }
}
