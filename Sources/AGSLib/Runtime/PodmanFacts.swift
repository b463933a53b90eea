internal import FoundationEssentials
internal import SystemPackage

/// What podman reports of itself that a launch depends on. Asked once and cached by the
/// podman binary's identity, so that no run pays for a process (3-run "Network").
public struct PodmanFacts: Sendable, Equatable, Codable {
  public var version: String
  public var isRootless: Bool
  public var isRemote: Bool
  /// The helper programs podman would use, empty when it has none.
  public var slirp4netns: String
  public var pasta: String
  public var cgroupVersion: String
  /// Delegated controllers: limits of others cannot be applied.
  public var cgroupControllers: [String]
  public var runtimeName: String
  public var graphDriver: String
  public var graphRoot: String
  public var runRoot: String

  public init(
    version: String, isRootless: Bool = true, isRemote: Bool = false, slirp4netns: String = "",
    pasta: String = "", cgroupVersion: String = "v2",
    cgroupControllers: [String] = ["cpu", "memory", "pids"], runtimeName: String = "crun",
    graphDriver: String = "overlay", graphRoot: String = "", runRoot: String = ""
  ) {
    self.version = version
    self.isRootless = isRootless
    self.isRemote = isRemote
    self.slirp4netns = slirp4netns
    self.pasta = pasta
    self.cgroupVersion = cgroupVersion
    self.cgroupControllers = cgroupControllers
    self.runtimeName = runtimeName
    self.graphDriver = graphDriver
    self.graphRoot = graphRoot
    self.runRoot = runRoot
  }

  /// Reads `podman info --format json`. Nil when it is not that.
  public init?(podmanInfo bytes: [UInt8]) {
    struct Info: Decodable {
      struct Program: Decodable {
        var executable: String?
      }
      struct Runtime: Decodable {
        var name: String?
      }
      struct Security: Decodable {
        var rootless: Bool
      }
      struct HostPart: Decodable {
        var cgroupVersion: String?
        var cgroupControllers: [String]?
        var serviceIsRemote: Bool?
        var security: Security
        var slirp4netns: Program?
        var pasta: Program?
        var ociRuntime: Runtime?
      }
      struct Store: Decodable {
        var graphDriverName: String
        var graphRoot: String
        var runRoot: String
      }
      struct VersionPart: Decodable {
        var number: String
        enum CodingKeys: String, CodingKey {
          case number = "Version"
        }
      }
      var host: HostPart
      var store: Store
      var version: VersionPart
    }
    let info: Info
    do {
      info = try JSONDecoder().decode(Info.self, from: Data(bytes))
    } catch {
      return nil  // the caller says what podman printed instead
    }
    self.init(
      version: info.version.number, isRootless: info.host.security.rootless,
      isRemote: info.host.serviceIsRemote ?? false,
      slirp4netns: info.host.slirp4netns?.executable ?? "",
      pasta: info.host.pasta?.executable ?? "",
      cgroupVersion: info.host.cgroupVersion ?? "",
      cgroupControllers: info.host.cgroupControllers ?? [],
      runtimeName: info.host.ociRuntime?.name ?? "", graphDriver: info.store.graphDriverName,
      graphRoot: info.store.graphRoot, runRoot: info.store.runRoot)
  }

  /// Whether the version is at least `major.minor`.
  public func isAtLeast(_ major: Int, _ minor: Int) -> Bool {
    let parts = version.split(separator: ".").prefix(2).map { part in
      Int(part.prefix { $0.isNumber }) ?? 0
    }
    guard parts.count == 2 else { return false }
    return (parts[0], parts[1]) >= (major, minor)
  }

  /// Where podman keeps images and containers.
  var storage: [FilePath] {
    [graphRoot, runRoot].filter { $0.hasPrefix("/") }.map { FilePath($0) }
  }
}
