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
  ///   - baseFile: the configuration that was loaded (`Configuration.baseFile`).
  ///   - containerStorage: podman's graph and run roots, as it reported them.
  ///   - allowed: the paths of `--allow-path`.
  public init(
    host: Host, sandbox: SandboxSection, baseFile: FilePath?, containerStorage: [FilePath],
    allowed: [FilePath]
  ) {
    let home = host.home
    var places = [Protected(path: "/", what: "the whole file system", coversBelow: false)]
    places += Self.places(
      of: home, settings: [host.absolutePath("XDG_CONFIG_HOME")].compactMap(\.self), "your")
    for home in host.otherHomes {
      places += Self.places(of: home, settings: [], "a user's")
      // Only what is there: such a "home" may be any directory of a service.
      places += [".config/ags", ".local/state/ags", ".cache/ags"].map { home.pushing($0) }
        .filter { ResolvedPath($0) != nil }
        .map { Protected(path: $0, what: "a user's ags", coversBelow: true, isOwn: true) }
    }
    places += containerStorage.map {
      Protected(path: $0, what: "podman's storage", coversBelow: true)
    }
    // Docker Desktop's, only where they are: a home directory may be mounted read-only.
    var sockets: [FilePath] = Self.engineSockets
    sockets.append(FilePath("/run/user/\(host.userID)/podman"))
    sockets += [".docker/run", ".docker/desktop"].map { home.appending($0) }
      .filter { ResolvedPath($0) != nil }
    // Sockets of every kind: the session bus starts programs of the host.
    var runtimes = [FilePath(host.isRoot ? "/run/user" : "/run/user/\(host.userID)")]
    if let runtime = host.absolutePath("XDG_RUNTIME_DIR") {
      runtimes.insert(runtime, at: 0)
      sockets += ["podman", "docker.sock", "docker"].map { runtime.appending($0) }
    }
    places += runtimes.map {
      Protected(
        path: $0, what: "your session's runtime directory", coversBelow: true,
        evenReadOnly: true)
    }
    places += sockets.map {
      Protected(
        path: $0, what: "a container engine's socket", coversBelow: true, evenReadOnly: true)
    }
    if let agent = host.absolutePath("SSH_AUTH_SOCK") {
      places.append(
        Protected(
          path: agent, what: "your ssh agent's socket", coversBelow: true, evenReadOnly: true))
    }
    places += [
      (host.configurationDirectory, "ags' configuration"),
      (sandbox.stateDirectory, "ags' state"),
      (sandbox.cacheDirectory, "ags' cache"),
      (host.runtimeDirectory, "ags' runtime directory"),
    ].map { Protected(path: $0.0, what: $0.1, coversBelow: true, isOwn: true) }
    places += Self.files(of: sandbox, baseFile: baseFile, home: home)
    // A protected place may itself be reached through links: who may write where one of
    // them stands could turn it elsewhere.
    self.places = places.flatMap { place in
      var paths = [place.path]
      for path in [ResolvedPath.ofMissing(place.path)] + ResolvedPath.links(to: place.path)
      where !paths.contains(path) {
        paths.append(path)
      }
      return paths.map { path in
        var protected = place
        protected.path = path
        return protected
      }
    }
    self.allowed = allowed.map { ResolvedPath.ofMissing($0) }
  }

  /// What programs of the host are run from in a home directory.
  private static func places(
    of home: FilePath, settings: [FilePath], _ whose: String
  ) -> [Protected] {
    var places = [Protected(path: home, what: "\(whose) home directory", coversBelow: false)]
    places += [
      (".ssh", "\(whose) ssh directory"), (".local/bin", "\(whose) own programs"),
      (".local/share/containers", "podman's storage"),
    ].map { Protected(path: home.appending($0.0), what: $0.1, coversBelow: true) }
    for directory in [home.appending(".config")] + settings {
      places += [
        ("systemd", "\(whose) systemd units"), ("autostart", "programs started at login"),
        ("fish", "\(whose) shell's start-up files"),
        ("environment.d", "the environment of \(whose) login"),
      ].map { Protected(path: directory.appending($0.0), what: $0.1, coversBelow: true) }
    }
    return places
      + startUpFiles.map {
        Protected(
          path: home.appending($0), what: "\(whose) shell's start-up files", coversBelow: true)
      }
  }

  /// The files `ags` itself goes by, wherever the configuration puts them: through them an
  /// agent would decide what the next start does.
  private static func files(
    of sandbox: SandboxSection, baseFile: FilePath?, home: FilePath
  ) -> [Protected] {
    var files: [(FilePath, String)] = [
      (sandbox.containerfile, "the Containerfile ags builds"),
      (sandbox.gitConfigPath, "the agents' git configuration"),
      (sandbox.authKey, "the agents' ssh key"), (sandbox.signKey, "the agents' signing key"),
    ]
    if let baseFile { files.insert((baseFile, "ags' configuration"), at: 0) }
    return files.map { path, what in
      // Your ssh directory has its own rule, which a flag opens.
      let isOwn = !path.starts(with: home.appending(".ssh"))
      return Protected(path: path, what: what, coversBelow: true, isOwn: isOwn)
    }
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
