internal import SystemPackage

/// The configuration as a run here would find it, without asking or writing anything,
/// and where "here" is.
struct ConfigurationCheck {
  /// The effective configuration; the built-in one when it does not load.
  var configuration: Configuration
  var workspace: Workspace?
  var findings: [Finding]

  init(host: Host, baseOverride: FilePath?) {
    configuration = Configuration(home: host.home)
    findings = []
    let loader = ConfigurationLoader(host: host)
    configuration.baseFile = loader.path(of: baseOverride)
    var base: LoadedConfiguration?
    do {
      let loaded = try loader.loadBase(baseOverride: baseOverride, missing: .defaults)
      base = loaded
      configuration = loaded.configuration
      findings.append(Self.loaded(loader: loader, baseOverride: baseOverride))
    } catch {
      findings.append(.fail("configuration", error))
    }
    do {
      let found = try Workspace.find(
        from: host.currentDirectory, here: false, userID: host.userID)
      workspace = found
      findings.append(Self.described(found))
      if let base, let root = found.repository?.root {
        findings.append(try review(root, base, loader))
      }
    } catch {
      findings.append(.fail(workspace == nil ? "workspace" : "trust", error))
    }
  }

  private static func loaded(loader: ConfigurationLoader, baseOverride: FilePath?) -> Finding {
    if let baseOverride { return .ok("configuration", "\(baseOverride) is right") }
    guard ResolvedPath(loader.basePath) == nil else {
      return .ok("configuration", "\(loader.basePath) is right")
    }
    return .ok("configuration", "the first run writes \(loader.basePath)")
  }

  private static func described(_ workspace: Workspace) -> Finding {
    let kind =
      switch workspace.repository?.kind {
      case .plain: "a git repository"
      case .linkedWorktree: "a linked git worktree"
      case .submodule: "a git submodule"
      case .bare: "a bare git repository"
      case nil: "outside a git repository"
      }
    return .ok("workspace", "the workspace here is \(workspace.root), \(kind)")
  }

  /// Trust is looked up, not asked for.
  private mutating func review(
    _ root: FilePath, _ base: LoadedConfiguration, _ loader: ConfigurationLoader
  ) throws -> Finding {
    var loaded = base
    try loader.overlayReview(root, base.configuration).apply(to: &loaded, TrustPolicy())
    configuration = loaded.configuration
    switch loaded.overlay {
    case .absent: return .ok("trust", "the workspace brings no configuration of its own")
    case .applied(let file): return .ok("trust", "\(file) is trusted and used")
    case .denied(let file): return .ok("trust", "\(file) was denied and is not used")
    case .skipped(let file):
      return .warn(
        "trust", "\(file) is not trusted and not used",
        hint: "ags trust, in a terminal, shows it and asks")
    }
  }
}
