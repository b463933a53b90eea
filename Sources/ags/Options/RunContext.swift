import AGSLib
import SystemPackage

/// What every run and plan starts from: the host, the configuration and the launcher.
struct RunContext {
  var launcher: Launcher
  var warnings: [String] = []

  init(_ options: RunOptions) throws {
    let host = try Host.current()
    launcher = try Launcher(host: host, configuration: Configuration(home: host.home))
  }
}
