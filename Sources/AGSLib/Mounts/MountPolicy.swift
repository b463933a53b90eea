public import SystemPackage

/// What is never handed to an agent with write access (3-run "Mounts"): places from
/// which a program of the host would be run or changed, and ags' own.
public struct MountPolicy: Sendable {
  /// One protected place.
  struct Protected {
    var path: FilePath
    var what: String
    /// What is below it is protected too, not only it and its ancestors.
    var coversBelow: Bool
    /// ags' own places: no flag opens them.
    var isOwn = false
    /// Refused read-only as well: a socket answers through a read-only mount.
    var evenReadOnly = false
  }

  private let places: [Protected]
  private let allowed: [FilePath]

  /// - Parameters:
  ///   - containerStorage: podman's graph and run roots, as it reported them.
  ///   - allowed: the paths of `--allow-path`.
  public init(
    host: Host, sandbox: SandboxSection, containerStorage: [FilePath], allowed: [FilePath]
  ) {
    let home = host.home
    var places = [
      Protected(path: "/", what: "the whole file system", coversBelow: false),
      Protected(path: home, what: "your home directory", coversBelow: false),
      Protected(path: home.appending(".ssh"), what: "your ssh directory", coversBelow: true),
      Protected(
        path: home.appending(".local/bin"), what: "your own programs", coversBelow: true),
      Protected(
        path: home.appending(".config/systemd"), what: "your systemd units",
        coversBelow: true),
      Protected(
        path: home.appending(".config/autostart"), what: "programs started at login",
        coversBelow: true),
      Protected(
        path: home.appending(".config/fish"), what: "your shell's start-up files",
        coversBelow: true),
      Protected(
        path: home.appending(".local/share/containers"), what: "podman's storage",
        coversBelow: true),
    ]
    places += Self.startUpFiles.map {
      Protected(
        path: home.appending($0), what: "your shell's start-up files", coversBelow: true)
    }
    places += containerStorage.map {
      Protected(path: $0, what: "podman's storage", coversBelow: true)
    }
    if let runtime = host.absolutePath("XDG_RUNTIME_DIR") {
      places.append(
        Protected(path: runtime, what: "your session's runtime directory", coversBelow: true))
    }
    places += Self.engineSockets.map {
      Protected(
        path: $0, what: "a container engine's socket", coversBelow: true, evenReadOnly: true)
    }
    places += [
      (host.configurationDirectory, "ags' configuration"),
      (sandbox.stateDirectory, "ags' state"),
      (sandbox.cacheDirectory, "ags' cache"),
      (host.runtimeDirectory, "ags' runtime directory"),
    ].map { Protected(path: $0.0, what: $0.1, coversBelow: true, isOwn: true) }
    // A protected place may itself be reached through a link.
    self.places = places.flatMap { place in
      var real = place
      real.path = ResolvedPath.ofMissing(place.path)
      return real.path == place.path ? [place] : [place, real]
    }
    self.allowed = allowed.map { ResolvedPath.ofMissing($0) }
  }

  private static let startUpFiles = [
    ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".profile", ".zshrc",
    ".zshenv", ".zprofile", ".zlogin",
  ]
  private static let engineSockets: [FilePath] = [
    "/run/podman", "/var/run/docker.sock", "/run/docker.sock", "/run/containerd",
  ]

  /// Throws when `path`, links resolved, may not be mounted; the error names the
  /// protected place and the flag that allows it, where one does.
  public func check(
    _ path: FilePath, mode: MountMode, origin: MountOrigin
  ) throws(MountError) {
    for place in places where mode == .readWrite || place.evenReadOnly {
      let above = place.path.starts(with: path)
      guard above || (place.coversBelow && path.starts(with: place.path)) else { continue }
      let relation = path == place.path ? "is" : above ? "contains" : "is inside"
      if place.isOwn {
        throw MountError(
          "\(origin): \(path) \(relation) \(place.what) (\(place.path)), never mounted",
          hint: "move your files elsewhere; no flag allows this one")
      }
      if allowed.contains(path) { continue }
      throw MountError(
        "\(origin): \(path) \(relation) \(place.what) (\(place.path))",
        hint: "if you really mean it: --allow-path \(path)")
    }
  }
}
