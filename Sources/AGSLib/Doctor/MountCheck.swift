internal import SystemPackage

/// What the configuration wants mounted, one finding for each, and whether the workspace
/// itself may be (3-run "Mounts").
struct MountCheck {
  var configuration: Configuration
  var policy: MountPolicy
  var workspace: Workspace?

  var findings: [Finding] {
    workspaceRefusal
      + configuration.agentMounts.map { mount in
        finding(
          Wish(
            host: mount.host, container: mount.container, mode: .readWrite, kind: mount.kind,
            origin: .agentMount(mount.origin), isMade: true))
      }
      + configuration.mounts.map { finding(wish($0, .configured(label: $0.label, $0.origin))) }
      + configuration.tools.flatMap(findings)
  }

  /// One host path that is wanted inside.
  private struct Wish {
    var host: FilePath
    var container: ContainerPath
    var mode: MountMode
    var kind: MountKind?
    var origin: MountOrigin
    /// Missing, it is made by the run.
    var isMade = false
    /// Missing, it is left out.
    var isOptional = false
    /// Only looked for in some runs.
    var isForBrowser = false
    var prefix = "mount"
  }

  /// A warning only: it says where the user stands, and not that anything is broken.
  private var workspaceRefusal: [Finding] {
    guard let workspace else { return [] }
    let paths = [workspace.root] + [workspace.repository?.commonDirectory].compactMap(\.self)
    for path in paths {
      do {
        try policy.check(path, mode: .readWrite, origin: .workspace)
      } catch {
        return [
          .warn(
            "workspace.policy", "a run here is refused: \(error.summary)",
            hint: "cd to a project's directory before ags")
        ]
      }
    }
    return []
  }

  private func findings(of tool: Tool) -> [Finding] {
    let origin = MountOrigin.tool(tool.name, tool.origin)
    let program = finding(
      Wish(
        host: tool.path, container: tool.containerPath, mode: tool.mode, kind: nil,
        origin: origin, isOptional: tool.optional, isForBrowser: tool.when == .browser,
        prefix: "tool"))
    // Without the tool its directories are left out too.
    guard ResolvedPath(tool.path) != nil else { return [program] }
    return [program]
      + tool.directories.map { directory in
        var wanted = wish(directory, origin)
        wanted.isForBrowser = wanted.isForBrowser || tool.when == .browser
        return finding(wanted)
      }
  }

  private func finding(_ wish: Wish) -> Finding {
    let id = "\(wish.prefix):\(wish.container)"
    let found = ResolvedPath(wish.host)
    let source = found?.path ?? ResolvedPath.ofMissing(wish.host)
    do {
      try policy.check(source, mode: wish.mode, origin: wish.origin)
      var table = MountTable()
      try table.add(
        Mount(source: source, target: wish.container, mode: wish.mode, origin: wish.origin))
    } catch {
      return .fail(id, error)
    }
    guard let found else { return missing(wish, id) }
    if let kind = wish.kind, found.kind != kind {
      let name = kind == .directory ? "directory" : "file"
      return .fail(
        id, "\(wish.origin): \(source) is not a \(name)",
        hint: "set kind = \"\(found.kind == .directory ? "dir" : "file")\", or correct the path")
    }
    return .ok(id, "\(wish.origin): \(source) is there")
  }

  private func missing(_ wish: Wish, _ id: String) -> Finding {
    if wish.isMade { return .ok(id, "\(wish.origin): the first run makes \(wish.host)") }
    if wish.isOptional {
      return .warn(
        id, "\(wish.origin): \(wish.host) is missing and left out",
        hint: "make it, or remove the section if you do not need it")
    }
    let way =
      wish.prefix == "tool"
      ? "install it, or set optional = true"
      : "create it, or set create = true or optional = true"
    if wish.isForBrowser {
      return .warn(
        id, "\(wish.origin): \(wish.host) is missing, which runs with --browser need", hint: way)
    }
    return .fail(id, "\(wish.origin): \(wish.host) is missing, so no run starts", hint: way)
  }

  private func wish(_ mount: ConfiguredMount, _ origin: MountOrigin) -> Wish {
    Wish(
      host: mount.host, container: mount.container, mode: mount.mode, kind: mount.kind,
      origin: origin, isMade: mount.create, isOptional: mount.optional,
      isForBrowser: mount.when == .browser)
  }
}
