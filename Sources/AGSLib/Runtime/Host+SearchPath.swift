internal import SystemPackage

extension Host {
  /// This host with a `PATH` from which programs are taken safely: without relative entries
  /// and without those that lie where an agent can write, in the workspace (a virtual
  /// environment or direnv puts such there) or in a writable mount. podman looks its own
  /// helpers up in it, and a secret's command what it calls; an agent that plants
  /// `newuidmap` there would run on the host at the next start (6-security 11).
  ///
  /// Standing in the home directory or above it leaves the workspace out of account: a run
  /// is refused there.
  public func withTrustedSearchPath(_ configuration: Configuration) -> Host {
    var roots = configuration.writableHostPaths
    // One that cannot be used is refused by the plan, with its reason.
    let workspace = (try? Repository.find(from: currentDirectory, userID: userID))?.root
    let around = workspace ?? currentDirectory
    if !home.starts(with: around) { roots.append(around) }
    let writable = WritableRoots(roots)
    var trusted = self
    trusted.environment["PATH"] = searchPath.filter { writable.decides($0) == nil }
      .map(\.string).joined(separator: ":")
    return trusted
  }

  /// The absolute entries of `PATH`.
  var searchPath: [FilePath] {
    (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
      .map { FilePath(String($0)) }
  }
}

extension Configuration {
  /// What configured mounts let an agent write, the caches and homes of `ags` included.
  var writableHostPaths: [FilePath] {
    var paths = [
      sandbox.cacheDirectory.appending("caches"), sandbox.stateDirectory.appending("homes"),
    ]
    paths += agentMounts.map(\.host)
    paths += mounts.filter { $0.mode == .readWrite }.map(\.host)
    for tool in tools {
      if tool.mode == .readWrite { paths.append(tool.path) }
      paths += tool.directories.filter { $0.mode == .readWrite }.map(\.host)
    }
    return paths
  }
}
