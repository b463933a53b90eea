import AGSLib
import Glibc

/// Runs its arguments as a shell command in a sandbox around the current directory, with
/// the built-in configuration. `ags-shim` is looked for beside this program.
@main
struct EmbeddedRun {
  static func main() async throws {
    let host = try Host.current()
    let launcher = try Launcher(host: host, configuration: Configuration(home: host.home))
    let command = CommandLine.arguments.dropFirst().joined(separator: " ")
    let plan = try await launcher.plan(
      LaunchRequest(agent: "shell", agentArguments: ["-c", command]))
    let ending = try await launcher.run(plan)
    exit(ending.exitStatus)
  }
}
