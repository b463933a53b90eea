internal import AGSWire
internal import CPosix
internal import Glibc
internal import SystemPackage

/// The host's Wayland socket (3-run "--wayland-compositor-passthrough").
extension LaunchPlanner {
  /// A directory of the session's own, so that other programs can put sockets there too.
  private static let runtimeDirectory = "\(GuestPath.home)/.cache/xdg-runtime"
  private static let display = "wayland-0"

  static let waylandEnvironment: [LaunchPlan.Variable] = [
    .init("WAYLAND_DISPLAY", display), .init("XDG_RUNTIME_DIR", runtimeDirectory),
  ]

  func wantsWayland(_ request: LaunchRequest) -> Bool {
    request.modes.contains(.wayland)
      || (configuration.desktopPassthrough.wayland && !request.modes.contains(.lockdown))
  }

  func addWayland(_ request: LaunchRequest, to layout: inout Layout) throws {
    guard wantsWayland(request) else { return }
    let socket = try waylandSocket()
    // One can connect through a read-only mount, and not put another socket in its place.
    try layout.table.add(
      Mount(
        source: socket,
        target: try ContainerPath("\(Self.runtimeDirectory)/\(Self.display)"),
        mode: .readOnly, kind: .file, origin: .waylandSocket))
  }

  private func waylandSocket() throws(LaunchError) -> FilePath {
    let hint =
      "run ags in a Wayland session, or leave --wayland-compositor-passthrough and "
      + "[desktop_passthrough] wayland out"
    guard let name = host.environment["WAYLAND_DISPLAY"], !name.isEmpty else {
      throw LaunchError("there is no Wayland session: WAYLAND_DISPLAY is not set", hint: hint)
    }
    var path = FilePath(name)
    if path.isRelative {
      guard let runtime = host.absolutePath("XDG_RUNTIME_DIR") else {
        throw LaunchError(
          "there is no Wayland session: XDG_RUNTIME_DIR is not set", hint: hint)
      }
      path = runtime.pushing(path).lexicallyNormalized()
    }
    var facts = stat()
    guard stat(path.string, &facts) == 0 else {
      throw LaunchError(
        "the Wayland socket \(path) cannot be found", cause: String(cString: strerror(errno)),
        hint: hint)
    }
    guard facts.st_mode & S_IFMT == S_IFSOCK, facts.st_uid == host.userID else {
      throw LaunchError("\(path) is not a socket of yours", hint: hint)
    }
    guard let resolved = ResolvedPath(path) else {
      throw LaunchError("the Wayland socket \(path) cannot be found", hint: hint)
    }
    return resolved.path
  }
}
