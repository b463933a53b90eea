/// Who the container's uid 1000 is on the host (3-run "Container flags").
public enum UserMapping: Sendable, Equatable {
  /// Rootless: the user, whatever their uid.
  case keepID
  /// `ags` runs as root: the workspace's owner; the rest comes from `base` on.
  case owner(uid: UInt32, gid: UInt32, base: UInt32)

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
    }
  }

  private static func map(_ flag: String, _ base: UInt32, _ owner: UInt32) -> [String] {
    [
      "\(flag)=0:\(base):1000", "\(flag)=1000:\(owner):1",
      "\(flag)=1001:\(base + 1000):\(size - 1001)",
    ]
  }
}
