internal import AGSWire

/// 3-run "Environment".
extension LaunchPlanner {
  /// Terminals whose description every Debian image has, and kitty's, which ours adds.
  private static let knownTerminals: Set<String> = [
    "ansi", "dumb", "linux", "rxvt", "rxvt-unicode", "rxvt-unicode-256color", "screen",
    "screen-256color", "tmux", "tmux-256color", "vt100", "vt102", "vt220", "xterm",
    "xterm-256color", "xterm-color", "xterm-kitty",
  ]

  func publicEnvironment(
    sessionID: String, isLockdown: Bool = false
  ) -> [LaunchPlan.Variable] {
    let home = GuestPath.home
    // Caches last: what one session leaves there must not be the next one's agent.
    let path = [
      GuestPath.bin, "\(home)/.local/bin", "\(GuestPath.agents)/bin", "/usr/local/sbin",
      "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "\(home)/.cargo/bin",
      "\(home)/go/bin",
    ].joined(separator: ":")
    return [
      .init(GuestVariable.home, home), .init(GuestVariable.path, path),
      .init(GuestVariable.language, "C.UTF-8"), .init(GuestVariable.sandbox, "1"),
      .init(GuestVariable.sessionID, sessionID),
    ] + (isLockdown ? [.init(GuestVariable.lockdown, "1")] : [])
  }

  func launchEnvironment(
    for request: LaunchRequest, agent: Agent, rules: SessionDocument
  ) -> [LaunchPlan.Variable] {
    var variables: [LaunchPlan.Variable] = [
      .init(GuestVariable.hostServicesHost, "host.containers.internal"),
      .init(GuestVariable.hostServicesHint, Agent.hostHint),
      .init(GuestVariable.guardReadRoots, JSONValue.strings(rules.readRoots)),
      .init(GuestVariable.guardWriteRoots, JSONValue.strings(rules.writeRoots)),
    ]
    if rules.yolo { variables.append(.init(GuestVariable.guardYolo, "1")) }
    if request.modes.contains(.root) {
      variables += agent.rootEnvironment.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }
    }
    if wantsWayland(request) { variables += Self.waylandEnvironment }
    if let terminal = host.environment["TERM"] {
      variables.append(
        .init("TERM", Self.knownTerminals.contains(terminal) ? terminal : "xterm-256color"))
    }
    for name in ["COLORTERM", "EDITOR", "VISUAL"] {
      if let value = host.environment[name] { variables.append(.init(name, value)) }
    }
    if configuration.sandbox.caches != .none {
      variables += Cache.all.flatMap(\.variables)
    }
    return variables
  }

  /// The variables of the host that are handed on, and why some are not.
  func passthrough(isLockdown: Bool) -> (names: [String], warnings: [String]) {
    let proxies = Self.proxyNames.filter { host.environment[$0] != nil }
    // With a user's name and password, it is a secret.
    let secret = isLockdown ? proxies.filter { host.environment[$0]?.contains("@") == true } : []
    let configured = configuration.sandbox.passthroughEnvironment.map(\.text)
      .filter { host.environment[$0] != nil && !$0.hasPrefix("OP_") }
    return (
      proxies.filter { !secret.contains($0) } + configured,
      secret.map { "--lockdown: \($0) holds a login and is not handed on" }
    )
  }

  /// Proxies of the host, handed on by name only: their values can hold a password.
  static let proxyNames = [
    "http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY",
    "NO_PROXY", "ALL_PROXY",
  ]
}

/// A directory of downloads and build results that outlives a session (3-run "Mounts" 4).
struct Cache {
  var name: String
  /// Below the container's home.
  var path: String
  var variables: [LaunchPlan.Variable]

  static let all: [Cache] = [
    cache("cargo", ".cargo", ["CARGO_HOME": ""]),
    cache("go", "go", ["GOPATH": "", "GOMODCACHE": "/pkg/mod"]),
    cache("go-build", ".cache/go-build", ["GOCACHE": ""]),
    cache("npm", ".npm", ["npm_config_cache": ""]),
    cache("pip", ".cache/pip", ["PIP_CACHE_DIR": ""]),
    cache("sccache", ".cache/sccache", ["SCCACHE_DIR": ""]),
  ]

  private static func cache(_ name: String, _ path: String, _ suffixes: [String: String]) -> Cache {
    let directory = "\(GuestPath.home)/\(path)"
    return Cache(
      name: name, path: path,
      variables: suffixes.sorted { $0.key < $1.key }.map { .init($0.key, directory + $0.value) })
  }
}
