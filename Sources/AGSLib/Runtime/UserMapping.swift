/// Who the agent is on the host (3-run "Container flags").
public enum UserMapping: Sendable, Equatable {
  /// Rootless: the user, whatever their uid.
  case keepID
  /// `ags` runs as root: the workspace's owner; the rest comes from `base` on.
  case owner(uid: UInt32, gid: UInt32, base: UInt32)
  /// `--root`, rootless: podman's own default, the container's root is the user.
  case containerRoot
  /// `--root` when `ags` runs as root: the container's root is the workspace's owner.
  case containerRootIsOwner(uid: UInt32, gid: UInt32, base: UInt32)

  /// Whether the agent is root inside.
  var isContainerRoot: Bool {
    switch self {
    case .keepID, .owner: false
    case .containerRoot, .containerRootIsOwner: true
    }
  }

  /// Whom the agent's own files belong to on the host, where that is not who runs `ags`.
  var owner: (uid: UInt32, gid: UInt32)? {
    switch self {
    case .keepID, .containerRoot: nil
    case .owner(let uid, let gid, _), .containerRootIsOwner(let uid, let gid, _): (uid, gid)
    }
  }

  /// How many ids a container has.
  private static let size: UInt32 = 65536

  /// A range for root's containers that no other user's subordinate range, as
  /// `/etc/subuid` and `/etc/subgid` list them, and no ordinary user touches; nor `owner`,
  /// the workspace's user and group, which cannot be mapped twice.
  static func base(subordinateRanges text: String, owner: [UInt32] = []) -> UInt32 {
    var base: UInt32 = 524_288
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: ":")
      guard fields.count == 3, let start = UInt32(fields[1]), let count = UInt32(fields[2])
      else { continue }
      let (end, overflow) = start.addingReportingOverflow(count)
      // Above that the range would not fit; such a file is not one useradd writes.
      guard !overflow, end <= UInt32.max - 2 * size else { continue }
      base = max(base, end)
    }
    for id in owner.sorted() where id >= base && id - base < size && id <= UInt32.max - 2 * size {
      base = id + 1
    }
    return base
  }

  var arguments: [String] {
    switch self {
    case .keepID:
      return ["--userns=keep-id:uid=1000,gid=1000"]
    case .owner(let uid, let gid, let base):
      return Self.map("--uidmap", base, uid) + Self.map("--gidmap", base, gid)
    case .containerRoot:
      return []
    case .containerRootIsOwner(let uid, let gid, let base):
      return [("--uidmap", uid), ("--gidmap", gid)].flatMap { flag, owner in
        ["\(flag)=0:\(owner):1", "\(flag)=1:\(base):\(Self.size - 1)"]
      }
    }
  }

  private static func map(_ flag: String, _ base: UInt32, _ owner: UInt32) -> [String] {
    [
      "\(flag)=0:\(base):1000", "\(flag)=1000:\(owner):1",
      "\(flag)=1001:\(base + 1000):\(size - 1001)",
    ]
  }
}
