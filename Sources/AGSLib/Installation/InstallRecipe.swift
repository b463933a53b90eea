internal import FoundationEssentials
internal import SystemPackage

/// How one source is installed from: a script of ours for the image's own python3 or sh,
/// which reads it from standard input, and what it is told.
struct InstallRecipe {
  /// The program and its arguments.
  var command: [String]
  var script: [UInt8]
  /// For podman's command line: `NAME=VALUE`, or the names of `handedOn`.
  var environment: [String]
  /// Variables of the host, for podman to hand on by name: addresses of proxies and
  /// registries can hold a password.
  var handedOn: [String: String]
  /// The host's bundle of certificate authorities.
  var certificates: FilePath?

  /// Where the container sees `certificates`.
  static let certificatesPath = "/opt/ags/ca.crt"

  /// Where Claude Code's own downloads are; the variable names a mirror.
  private static let claudeReleases = "https://downloads.claude.ai/claude-code-releases"
  static let claudeReleasesVariable = "AGS_CLAUDE_RELEASES_URL"

  /// - Parameters:
  ///   - directory: inside the container, empty.
  ///   - installed: the version from this source that is there; empty if there is none.
  init(
    source: AgentSource, program: String, directory: String, minimumAge: Duration, now: Date,
    installed: String, host: Host
  ) {
    let age = minimumAge.components.seconds
    let python = ["python3", "-I", "-"]
    switch source {
    case .npm(let package):
      let before = now.addingTimeInterval(-Double(age)).formatted(.iso8601)
      command = ["sh", "-s", directory, before, package, program]
      script = PackageResources.install_agent_sh
    case .wheel(let package, let folder, let program):
      command = python + ["wheel", directory, "\(age)", installed, package, folder, program]
      script = PackageResources.install_agent_py
    case .claudeReleases:
      let mirror = host.environment[Self.claudeReleasesVariable] ?? ""
      let address = mirror.isEmpty ? Self.claudeReleases : mirror
      command = python + ["releases", directory, "\(age)", installed, address]
      script = PackageResources.install_agent_py
    }
    handedOn = host.environment.filter { Self.handedOnNames.contains($0.key) }
    environment = ["HOME=/tmp", "LANG=C.UTF-8"] + handedOn.keys.sorted()
    certificates = ImageFiles.certificates(of: host)
    if certificates != nil {
      environment += ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]
        .map { "\($0)=\(Self.certificatesPath)" }
    }
  }

  private static let handedOnNames = Set(
    LaunchPlanner.proxyNames + ["npm_config_registry", "NPM_CONFIG_REGISTRY", "PIP_INDEX_URL"])
}
