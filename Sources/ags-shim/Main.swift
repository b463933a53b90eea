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
  var name = baseName(words.first ?? "")
  if name == "ags-shim" || name == "" {
    guard words.count > 1 else {
      complain("which applet? Usage: ags-shim init | guard")
      return GuestExitStatus.usage
    }
    name = words[1]
  }
  switch name {
  case "init": return runInit()
  case "guard": return runGuard()
  // Only what TmuxSession starts is this, so it has no name of its own in /opt/ags/bin.
  case TmuxPane.applet: return runTmuxPane(words.last ?? "")
  case "--version":
    write("ags-shim \(AGSVersion.current)\n", to: 1)
    return 0
  default:
    complain("\(name): no such applet in version \(AGSVersion.current)")
    return GuestExitStatus.notFound
  }
}

private func baseName(_ path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
  return String(path[path.utf8.index(after: slash)...])
}
