internal import AGSWire
internal import SystemPackage

/// The mounts of one launch in order; two for one place, or one over a reserved path,
/// cannot get in (3-run "Mounts").
public struct MountTable: Sendable, Equatable {
  public private(set) var mounts: [Mount] = []

  /// Places inside the container that belong to ags or to the container itself.
  static let reserved: [FilePath] = [
    "/opt/ags", FilePath(GuestPath.run), FilePath(GuestPath.gitObjects), "/proc", "/sys", "/dev",
    "/etc",
  ]

  public init() {}

  /// Adds `mount`. Throws when its target is taken, naming both sources, or reserved.
  public mutating func add(_ mount: Mount) throws(MountError) {
    let path = mount.target.path
    let ownPlaces: [MountOrigin] = [
      .shim, .guardSettings, .sessionChannels, .agentInstallations,
      .gitObjects,
    ]
    let isOwn = ownPlaces.contains(mount.origin)
    if !isOwn, let place = Self.reserved.first(where: { path.starts(with: $0) }) {
      throw MountError(
        "\(mount.origin): \(place) inside the container is reserved, \(path) cannot be mounted",
        hint: "choose another container path")
    }
    if path == "/" {
      throw MountError("\(mount.origin): nothing can be mounted over / inside the container")
    }
    // With /opt of its own the agent could move /opt/ags away and put another there.
    if let place = Self.reserved.first(where: { $0.starts(with: path) }) {
      guard isOwn else {
        throw MountError(
          "\(mount.origin): \(place) inside the container is reserved, "
            + "\(path) above it cannot be mounted",
          hint: "choose a path below \(path) that is not \(place)")
      }
    }
    // podman gets text: such a name would come out as another one, which nobody checked.
    guard String(validating: mount.source) != nil else {
      throw MountError(
        "\(mount.origin): the name of \(mount.source) is not valid UTF-8", hint: "rename it")
    }
    if let other = mounts.first(where: { $0.target == mount.target }) {
      throw MountError(
        "\(mount.origin) and \(other.origin) are both mounted at \(path)",
        hint: "give one of them another container path")
    }
    mounts.append(mount)
  }

  /// Takes out the mount at `target`, if there is one: a configured one replaces it.
  public mutating func remove(at target: ContainerPath) {
    mounts.removeAll { $0.target == target }
  }
}
