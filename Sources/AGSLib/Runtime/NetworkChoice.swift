/// Which helper gives a rootless container its network (3-run "Network"). The host's
/// loopback is closed in every one of them; a loopback service is reached through a
/// `[[forward]]`.
public enum NetworkChoice: Sendable, Equatable {
  case pasta
  case slirp4netns

  /// `pasta` from podman 5.3, where the host's own addresses stay reachable with it,
  /// else `slirp4netns`, else pasta with a warning.
  static func choose(_ facts: PodmanFacts) -> (NetworkChoice, warning: String?) {
    if facts.isAtLeast(5, 3), !facts.pasta.isEmpty { return (.pasta, nil) }
    if !facts.slirp4netns.isEmpty { return (.slirp4netns, nil) }
    if !facts.pasta.isEmpty {
      return (
        .pasta,
        "podman \(facts.version) with pasta cannot reach services of the host; "
          + "install slirp4netns or podman 5.3"
      )
    }
    return (
      .slirp4netns,
      "podman found neither slirp4netns nor pasta: the container may not start; "
        + "install slirp4netns"
    )
  }

  /// The argument of `--network`. Everything is said explicitly, so that no setting in
  /// containers.conf opens the host's loopback.
  var argument: String {
    switch self {
    case .pasta: "pasta:--no-map-gw,-t,none,-u,none,-T,none,-U,none"
    case .slirp4netns: "slirp4netns:allow_host_loopback=false"
    }
  }
}
