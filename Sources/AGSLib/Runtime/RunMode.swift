/// A way of running that is switched on by one flag (3-run "Flags"). The raw value is
/// the flag.
public enum RunMode: String, Sendable, CaseIterable {
  case browser = "--browser"
  case browserUnconfined = "--browser-unconfined"
  case tmux = "--tmux"
  case stopWhenDone = "--stop-when-done"
  case psp = "--psp"
  case pspKeep = "--psp-keep"
  case yolo = "--yolo"
  case root = "--root"
  case lockdown = "--lockdown"
  case noLogin = "--no-login"
  case wayland = "--wayland-compositor-passthrough"
  case defaults = "--defaults"
  case here = "--here"
  case requireTrust = "--require-trust"
  case timing = "--timing"

  /// The mode without which this one means nothing.
  var needs: RunMode? {
    switch self {
    case .stopWhenDone: .tmux
    case .pspKeep: .psp
    case .noLogin: .lockdown
    case .browserUnconfined: .browser
    default: nil
    }
  }

  /// What `--lockdown` refuses by name.
  static let refusedInLockdown: [RunMode] = [.browser, .psp, .pspKeep, .root, .wayland]

  /// What this version can do. The rest is refused by name instead of being ignored.
  static let available: Set<RunMode> = [
    .tmux, .stopWhenDone, .yolo, .root, .lockdown, .noLogin, .wayland, .defaults, .here,
    .requireTrust, .timing,
  ]
}
