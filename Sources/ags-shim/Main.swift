import CPosix

/// The shim's applets by name. Installed under an applet's name, or called with it as
/// the first argument, the one binary is that program (3-run, 4-channels).
@c(ags_shim_main)
func runShim(
  _ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
  var words: [String] = []
  for index in 0..<Int(count) {
    guard let word = arguments[index] else { break }
    words.append(String(cString: word))
  }
  var arguments = words.dropFirst()
  var name = baseName(words.first ?? "")
  if name == "ags-shim" || name == "" {
    guard let applet = arguments.popFirst() else {
      complain("which applet? Usage: ags-shim \(usage)")
      return GuestExitStatus.usage
    }
    name = applet
  }
  switch name {
  case "init": return runInit()
  case "guard": return runGuard()
  case "relay": return runRelay(Array(arguments))
  case GuestApplet.webviewURL: return runWebviewURL(Array(arguments))
  // Only what TmuxSession starts is this, so it has no name of its own in /opt/ags/bin.
  case TmuxPane.applet: return runTmuxPane(words.last ?? "")
  case "--version":
    write("ags-shim \(AGSVersion.current)\n", to: 1)
    return 0
  case "--help", "-h":
    write("Usage: ags-shim \(usage)\n", to: 1)
    return 0
  default:
    if GuestApplet.isOpener(name) { return runOpen(Array(arguments), as: name) }
    complain("\(name): no such applet in version \(AGSVersion.current)")
    return GuestExitStatus.notFound
  }
}

private var usage: String {
  "init | guard | relay SOCKET -- PROGRAM… | ags-open URL | ags-webview-url PORT [BASE_PATH]"
}

private func baseName(_ path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
  return String(path[path.utf8.index(after: slash)...])
}
