internal import FoundationEssentials

/// What the image's own `sh` reads from standard input in a throwaway container: variables,
/// then a script of ours. Addresses of registries and proxies can hold a password, so they
/// are on no command line, and podman does not get to know them.
struct InstallScript: Equatable {
  /// The program's, after its name.
  var arguments: [String]
  var input: [UInt8]

  /// - Parameters:
  ///   - variables: the script's own; what it starts does not get them.
  ///   - exported: for what it starts, beside the host's proxies.
  private init(
    _ script: [UInt8], _ arguments: [String], variables: [String: String] = [:],
    exported: [String: String] = [:], host: Host
  ) {
    self.arguments = ["-s"] + arguments
    let lines =
      variables.map { "\($0.key)=\(Self.quoted($0.value))\n" }
      + exported.merging(Self.proxies(of: host)) { own, _ in own }
      .map { "export \($0.key)=\(Self.quoted($0.value))\n" }
    input = Array(lines.sorted().joined().utf8) + script
  }

  /// Installs an npm package; it says which version.
  /// - Parameter directory: inside the container, empty.
  static func npm(
    package: String, program: String, directory: String, age: ReleaseAge, host: Host
  ) -> InstallScript {
    let registry = host.environment.filter { registryNames.contains($0.key) }
    return InstallScript(
      PackageResources.install_agent_sh, [directory, age.latest, package, program],
      exported: registry, host: host)
  }

  /// Prints a line about the image (`InstallPlatform`) and what is at an address.
  static func get(
    _ address: WebAddress, accepting type: String, limit: Int, host: Host
  ) -> InstallScript {
    download(["get", type, "\(limit)"], address, host)
  }

  /// Downloads one program.
  /// - Parameter path: relative to `directory`.
  static func program(
    _ address: WebAddress, sha256: String, directory: String, path: String, host: Host
  ) -> InstallScript {
    download(["program", directory, sha256, path], address, host)
  }

  /// Downloads a wheel and unpacks what is below `folder`, in which `path` must be.
  static func wheel(
    _ address: WebAddress, sha256: String, directory: String, folder: String, path: String,
    host: Host
  ) -> InstallScript {
    download(["wheel", directory, sha256, folder, path], address, host)
  }

  private static func download(
    _ arguments: [String], _ address: WebAddress, _ host: Host
  ) -> InstallScript {
    InstallScript(
      PackageResources.download_agent_sh, arguments,
      variables: ["address": address.secretText, "shown": "\(address)"], host: host)
  }

  private static let registryNames = ["npm_config_registry", "NPM_CONFIG_REGISTRY"]

  private static func proxies(of host: Host) -> [String: String] {
    var proxies = host.environment.filter { LaunchPlanner.proxyNames.contains($0.key) }
    // curl takes this one by its small name only.
    if proxies["http_proxy"] == nil { proxies["http_proxy"] = proxies["HTTP_PROXY"] }
    return proxies
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
