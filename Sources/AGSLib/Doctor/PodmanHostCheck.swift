internal import CPosix
internal import Glibc
internal import SystemPackage

/// What podman needs of the machine: network helper, `/dev/net/tun`, storage, cgroups.
struct PodmanHostCheck {
  enum Tun: Equatable {
    case usable
    case missing
    case refused(reason: String)
  }

  var facts: PodmanFacts
  var isRoot: Bool
  var tun: Tun
  /// The type of the file system that podman's storage is on; see statfs(2).
  var storageType: UInt32
  /// The limits that the configuration asks for.
  var wantsMemory: Bool
  var wantsCPUs: Bool

  var findings: [Finding] { [network, device, driver, disk, runtime, limits].compactMap(\.self) }

  private var network: Finding {
    let (choice, problem) = NetworkChoice.choose(facts)
    if facts.pasta.isEmpty, facts.slirp4netns.isEmpty {
      return .fail(
        "network", "podman has no network helper: neither slirp4netns nor pasta",
        hint: facts.isAtLeast(5, 3)
          ? "apt-get install passt" : "apt-get install slirp4netns")
    }
    if let problem {
      return .warn("network", problem, hint: "apt-get install slirp4netns")
    }
    switch choice {
    case .pasta: return .ok("network", "network through pasta (\(facts.pasta))")
    case .slirp4netns: return .ok("network", "network through slirp4netns (\(facts.slirp4netns))")
    }
  }

  private var device: Finding {
    switch tun {
    case .usable: .ok("network.tun", "/dev/net/tun can be opened")
    case .missing:
      .fail(
        "network.tun", "/dev/net/tun is missing; a container gets no network without it",
        hint: "as root: modprobe tun")
    case .refused(let reason):
      .fail(
        "network.tun", "/dev/net/tun cannot be opened for reading and writing: \(reason)",
        hint: "as root: chmod 666 /dev/net/tun, or modprobe tun")
    }
  }

  private var settings: String { isRoot ? "/etc/containers" : "~/.config/containers" }

  private var driver: Finding {
    guard facts.graphDriver == "vfs" else {
      return .ok("storage.driver", "podman's storage driver is \(facts.graphDriver)")
    }
    return .warn(
      "storage.driver",
      "podman's storage driver is vfs, which copies the whole image per container",
      hint: "write [storage] and driver = \"overlay\" to \(settings)/storage.conf, then podman "
        + "system reset, which removes every image and container")
  }

  private static let networkDisks: [UInt32: String] = [
    0x6969: "NFS", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB", 0x517B: "SMB",
  ]

  private var disk: Finding? {
    guard let kind = Self.networkDisks[storageType] else { return nil }
    return .warn(
      "storage.disk", "podman's storage \(facts.graphRoot) is on a network disk (\(kind))",
      hint: "write [storage] and graphroot = \"a directory on a local disk\" to "
        + "\(settings)/storage.conf")
  }

  private var runtime: Finding {
    let name = facts.runtimeName
    if facts.cgroupVersion != "v2", name == "crun" {
      return .warn(
        "cgroups.runtime",
        "crun may not start a container here: cgroups are not unified "
          + "(\(facts.cgroupVersion))",
        hint: "apt-get install runc, then write [engine], runtime = \"runc\" and "
          + "cgroup_manager = \"cgroupfs\" to \(settings)/containers.conf")
    }
    return .ok("cgroups.runtime", "containers run through \(name), cgroups \(facts.cgroupVersion)")
  }

  private var limits: Finding {
    let wanted = [("memory", wantsMemory), ("cpu", wantsCPUs), ("pids", true)]
    let missing = wanted.filter { $0.1 && !facts.cgroupControllers.contains($0.0) }.map(\.0)
    guard missing.isEmpty else {
      return .warn(
        "cgroups.limits",
        "limits of \(missing.joined(separator: ", ")) do not apply: "
          + "the cgroup controllers are not delegated to you",
        hint: facts.cgroupVersion == "v2"
          ? "as root: write [Service] and Delegate=cpu memory pids to "
            + "/etc/systemd/system/user@.service.d/delegate.conf, then log in again"
          : "boot with unified cgroups: systemd.unified_cgroup_hierarchy=1")
    }
    return .ok(
      "cgroups.limits", "limits of \(wanted.filter(\.1).map(\.0).joined(separator: ", ")) apply")
  }
}

extension PodmanHostCheck {
  init(observing host: Host, facts: PodmanFacts, sandbox: SandboxSection) {
    self.facts = facts
    isRoot = host.isRoot
    tun = Self.tun()
    storageType = Self.type(of: FilePath(facts.graphRoot))
    wantsMemory = sandbox.memory != nil
    wantsCPUs = sandbox.cpus != nil
  }

  /// Opening alone makes no interface.
  private static func tun() -> Tun {
    let descriptor = cposix_open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC, 0)
    guard descriptor >= 0 else {
      return errno == ENOENT ? .missing : .refused(reason: String(cString: strerror(errno)))
    }
    close(descriptor)
    return .usable
  }

  /// Of the longest part of `path` that exists; 0 when nobody knows.
  private static func type(of path: FilePath) -> UInt32 {
    var place = path
    while true {
      let type = cposix_filesystem_type(place.string)
      if type != 0 { return type }
      guard place.lastComponent != nil else { return 0 }
      place = place.removingLastComponent()
    }
  }
}

extension RootOverlayCheck {
  init(observing host: Host, facts: PodmanFacts) {
    isRoot = host.isRoot
    self.facts = facts
    kernel = Self.kernelVersion()
    let directory = "\(facts.runRoot)/overlay"
    remembersMappedMounts = access("\(directory)/idmapped-lower-dir-true", F_OK) == 0
    remembersNone = access("\(directory)/idmapped-lower-dir-false", F_OK) == 0
  }

  private static func kernelVersion() -> (major: Int, minor: Int) {
    let numbers = (SmallFile.firstLine("/proc/sys/kernel/osrelease") ?? "")
      .split { !$0.isNumber }.prefix(2).map { Int($0) ?? 0 }
    return numbers.count == 2 ? (numbers[0], numbers[1]) : (0, 0)
  }
}
