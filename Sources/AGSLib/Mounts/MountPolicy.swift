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
        path: home.appending(".local/share/containers"), what: "podman's storage",
        coversBelow: true),
    ]
    let settings = [home.appending(".config"), host.absolutePath("XDG_CONFIG_HOME")]
    for directory in settings.compactMap({ $0 }) {
      places += [
        ("systemd", "your systemd units"), ("autostart", "programs started at login"),
        ("fish", "your shell's start-up files"),
        ("environment.d", "the environment of your login"),
      ].map {
        Protected(path: directory.appending($0.0), what: $0.1, coversBelow: true)
      }
    }
    places += Self.startUpFiles.map {
      Protected(
        path: home.appending($0), what: "your shell's start-up files", coversBelow: true)
    }
    places += containerStorage.map {
      Protected(path: $0, what: "podman's storage", coversBelow: true)
    }
    // Docker Desktop's, only where they are: a home directory may be mounted read-only.
    var sockets: [FilePath] = Self.engineSockets
    sockets.append(FilePath("/run/user/\(host.userID)/podman"))
    sockets += [".docker/run", ".docker/desktop"].map { home.appending($0) }
      .filter { ResolvedPath($0) != nil }
    if let runtime = host.absolutePath("XDG_RUNTIME_DIR") {
      places.append(
        Protected(path: runtime, what: "your session's runtime directory", coversBelow: true))
      sockets += ["podman", "docker.sock", "docker"].map { runtime.appending($0) }
    }
    places += sockets.map {
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
    ".bashrc", ".bash_aliases", ".bash_profile", ".bash_login", ".bash_logout", ".profile",
    ".zshrc", ".zshenv", ".zprofile", ".zlogin", ".zlogout",
  ]
  private static let engineSockets: [FilePath] = [
    "/run/podman", "/var/run/docker.sock", "/run/docker.sock", "/run/containerd",
  ]

  /// Throws when `path`, links resolved, may not be mounted; the error names the
  /// protected place and the flag that allows it, where one does.
  public func check(
    _ path: FilePath, mode: MountMode, origin: MountOrigin
  ) throws(MountError) {
    let touched = places.filter { place in
      (mode == .readWrite || place.evenReadOnly)
        && (place.path.starts(with: path)
          || (place.coversBelow && path.starts(with: place.path)))
    }
    // A flag is named only where it would help.
    if let own = touched.first(where: \.isOwn) {
      let place = touched.first { !$0.isOwn } ?? own
      let reason = own.path == place.path ? "this one" : "it, because of \(own.what) (\(own.path))"
      throw MountError(
        "\(origin): \(path) \(relation(path, place)), never mounted",
        hint: (origin == .workspace
          ? "cd to the directory of your project, or add --here" : "choose another directory")
          + "; no flag allows \(reason)")
    }
    guard let place = touched.first, !allowed.contains(path) else { return }
    throw MountError(
      "\(origin): \(path) \(relation(path, place))",
      hint: "if you really mean it: --allow-path \(path)")
  }

  private func relation(_ path: FilePath, _ place: Protected) -> String {
    let relation =
      path == place.path ? "is" : place.path.starts(with: path) ? "contains" : "is inside"
    return "\(relation) \(place.what) (\(place.path))"
  }
}
