internal import SystemPackage

/// The ids a rootless container is made of: the user's lines in `/etc/subuid` and
/// `/etc/subgid`, and whether the kernel lets users make namespaces.
struct RootlessCheck {
  var userName: String
  var userID: UInt32
  /// The files' texts; nil when one is not there or cannot be read.
  var subuid: String?
  var subgid: String?
  /// `/proc/sys/user/max_user_namespaces`.
  var maximumUserNamespaces: Int?
  /// `/proc/sys/kernel/unprivileged_userns_clone`, where the kernel has it.
  var unprivilegedClone: Int?

  /// How many ids a container has.
  private static let needed: UInt64 = 65536

  var findings: [Finding] {
    [range("subuid", subuid), range("subgid", subgid)] + namespaces
  }

  private func range(_ name: String, _ text: String?) -> Finding {
    let id = "rootless.\(name)"
    let flag = name == "subuid" ? "uids" : "gids"
    // A number that no other user's range holds; usermod does not look.
    let start = UserMapping.base(
      subordinateRanges: [subuid, subgid].compactMap(\.self)
        .joined(separator: "\n"))
    let hint =
      "as root: usermod --add-sub\(flag) \(start)-\(UInt64(start) + Self.needed - 1) \(userName), "
      + "then podman system migrate"
    let count = Self.count(of: [userName, "\(userID)"], in: text ?? "")
    guard count > 0 else {
      return .fail(id, "\(userName) has no line in /etc/\(name)", hint: hint)
    }
    guard count >= Self.needed else {
      return .fail(
        id, "\(userName) has \(count) ids in /etc/\(name); a container needs \(Self.needed)",
        hint: hint)
    }
    return .ok(id, "/etc/\(name) gives \(userName) \(count) ids")
  }

  private static func count(of owners: [String], in text: String) -> UInt64 {
    var sum: UInt64 = 0
    for line in text.split(whereSeparator: \.isNewline) {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      guard fields.count == 3, owners.contains(String(fields[0])),
        UInt32(fields[1]) != nil, let count = UInt32(fields[2])
      else { continue }
      sum += UInt64(count)
    }
    return sum
  }

  private var namespaces: [Finding] {
    let id = "kernel.user-namespaces"
    if maximumUserNamespaces == 0 {
      return [
        .fail(
          id, "this kernel lets nobody make a user namespace (user.max_user_namespaces is 0)",
          hint: "as root: sysctl user.max_user_namespaces=28633, and keep it in /etc/sysctl.d")
      ]
    }
    if unprivilegedClone == 0 {
      return [
        .fail(
          id, "only root may make user namespaces (kernel.unprivileged_userns_clone is 0)",
          hint: "as root: sysctl kernel.unprivileged_userns_clone=1, and keep it in /etc/sysctl.d")
      ]
    }
    guard maximumUserNamespaces != nil else {
      return [
        .fail(
          id, "this kernel has no user namespaces", hint: "use a kernel with CONFIG_USER_NS")
      ]
    }
    return [.ok(id, "user namespaces are allowed")]
  }
}

extension RootlessCheck {
  init(observing host: Host) {
    userName = host.userName
    userID = host.userID
    subuid = SmallFile.text("/etc/subuid")
    subgid = SmallFile.text("/etc/subgid")
    maximumUserNamespaces = Self.number("/proc/sys/user/max_user_namespaces")
    unprivilegedClone = Self.number("/proc/sys/kernel/unprivileged_userns_clone")
  }

  private static func number(_ path: FilePath) -> Int? {
    SmallFile.firstLine(path).flatMap { Int($0) }
  }
}
