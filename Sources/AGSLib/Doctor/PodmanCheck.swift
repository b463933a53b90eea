internal import SystemPackage

/// Podman itself (5-commands: at least 4.3, rootless, local).
struct PodmanCheck {
  var isRoot: Bool
  /// What it says of itself, or why it says nothing.
  var report: Result<PodmanFacts, any Error>
  var executable: FilePath?

  var findings: [Finding] {
    let facts: PodmanFacts
    switch report {
    case .success(let found): facts = found
    case .failure(let error): return [.fail("podman", error)] + root
    }
    let path = executable.map { " (\($0))" } ?? ""
    if facts.isRemote {
      return [
        .fail(
          "podman", "this podman is a remote client; ags needs one that runs containers itself",
          hint: "install the full podman, not podman-remote")
      ]
    }
    guard facts.isAtLeast(4, 3) else {
      return [
        .fail(
          "podman", "podman \(facts.version)\(path) is too old; ags needs 4.3 or later",
          hint: "update the distribution: Debian 12 has podman 4.3")
      ]
    }
    let mode = facts.isRootless ? "rootless" : "as root"
    return [.ok("podman", "podman \(facts.version)\(path), \(mode)")] + root
  }

  private var root: [Finding] {
    guard isRoot else { return [] }
    return [
      .warn(
        "root", "you are root: there is no rootless podman, agents run as the workspace's owner",
        hint: "work as an ordinary user to have a user namespace of your own around every agent")
    ]
  }
}

/// As root, podman before 4.5 on a kernel from 5.19 both copies the image with other
/// owners and id-maps the mount, and the container with a split map does not start. Its
/// storage remembers in a file's name what it found out about the kernel.
struct RootOverlayCheck {
  var isRoot: Bool
  var facts: PodmanFacts
  var kernel: (major: Int, minor: Int)
  /// `idmapped-lower-dir-true` and `idmapped-lower-dir-false` in `runRoot/overlay`.
  var remembersMappedMounts: Bool
  var remembersNone: Bool

  var findings: [Finding] {
    let id = "root.overlay"
    guard isRoot, facts.graphDriver == "overlay", !facts.isAtLeast(4, 5), kernel >= (5, 19)
    else { return [] }
    let directory = "\(facts.runRoot)/overlay"
    let file = "\(directory)/idmapped-lower-dir"
    if remembersMappedMounts {
      return [
        .fail(
          id,
          "podman \(facts.version) as root cannot mount images for another user here: "
            + "\"creating overlay mount … permission denied\" (\(file)-true)",
          hint: "mv \(file)-true \(file)-false, or work as an ordinary user")
      ]
    }
    guard remembersNone else {
      return [
        .warn(
          id,
          "podman \(facts.version) as root may fail with \"creating overlay mount … "
            + "permission denied\" on this kernel",
          hint: "before its first container: mkdir -p \(directory) && touch \(file)-false; "
            + "or work as an ordinary user")
      ]
    }
    return [.ok(id, "podman does not id-map images (\(file)-false)")]
  }
}
