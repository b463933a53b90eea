import AGSLib
import ArgumentParser
import SystemPackage

/// The flags of a run (3-run "Flags"); `ags plan` takes the same.
struct RunOptions: ParsableArguments {
  @Option(help: "The agent to run.")
  var agent: String?

  @Argument(help: "The agent to run, as with --agent.")
  var name: String?

  @Option(help: "Read this file instead of ~/.config/ags/config.toml.")
  var config: String?

  @Option(
    name: [.customShort("d"), .long],
    help: "Mount this directory too, at the same path, read-write. Repeatable.")
  var addDir: [String] = []

  @Option(help: "Let the mount policy pass this path. Repeatable.")
  var allowPath: [String] = []

  // Known, refused by name (`RunMode.available`), and shown in the help once they work.
  @Option(name: [.customShort("1"), .long], help: .hidden)
  var opSecretSet: [String] = []

  @Flag(help: .hidden)
  var browser = false
  @Flag(help: .hidden)
  var browserUnconfined = false
  @Flag(help: "Run the agent in tmux session ags inside; a shell stays after it.")
  var tmux = false
  @Flag(help: "With --tmux: end with the agent, with its status.")
  var stopWhenDone = false
  @Flag(help: .hidden)
  var psp = false
  @Flag(help: .hidden)
  var pspKeep = false
  @Flag(help: "The guard allows every tool call.")
  var yolo = false
  @Flag(help: "The agent is root inside and may install packages.")
  var root = false
  @Flag(help: "For a stranger's repository: no secrets, keys, mounts or home of yours.")
  var lockdown = false
  @Flag(help: "With --lockdown: without the agent's login, too.")
  var noLogin = false
  @Option(help: "With --lockdown: keep the agent's commits as patches in this directory.")
  var keepPatches: String?
  @Option(help: "Write what came of the agent's work in git to this file, as JSON.")
  var gitReport: String?
  @Flag(help: "Hand the agent your Wayland session: windows, clipboard, input.")
  var waylandCompositorPassthrough = false
  @Flag(name: [.customShort("D"), .long], help: "Put the agent's usual flags first.")
  var defaults = false
  @Flag(help: "Mount only the current directory, without git.")
  var here = false
  @Flag(help: "Fail instead of skipping a repository configuration that is not trusted.")
  var requireTrust = false
  @Flag(help: "Print where the time went.")
  var timing = false

  @Argument(parsing: .postTerminator, help: "After --: handed to the agent unchanged.")
  var agentArguments: [String] = []

  mutating func validate() throws {
    guard let agent = agent ?? name else {
      throw ValidationError("Name an agent: ags --agent shell")
    }
    if let name, let option = self.agent, name != option {
      throw ValidationError("Two agents are named: '\(agent)' and '\(name)'")
    }
  }

  private var modes: Set<RunMode> {
    let flags: [(RunMode, Bool)] = [
      (.browser, browser), (.browserUnconfined, browserUnconfined), (.tmux, tmux),
      (.stopWhenDone, stopWhenDone), (.psp, psp), (.pspKeep, pspKeep), (.yolo, yolo),
      (.root, root), (.lockdown, lockdown), (.noLogin, noLogin),
      (.wayland, waylandCompositorPassthrough), (.defaults, defaults), (.here, here),
      (.requireTrust, requireTrust), (.timing, timing),
    ]
    return Set(flags.filter(\.1).map(\.0))
  }

  var request: LaunchRequest {
    LaunchRequest(
      agent: agent ?? name ?? "", agentArguments: agentArguments, modes: modes,
      addedDirectories: addDir.map { FilePath($0) },
      allowedPaths: allowPath.map { FilePath($0) },
      patchesDirectory: keepPatches.map { FilePath($0) },
      gitReportFile: gitReport.map { FilePath($0) }, onePasswordItems: opSecretSet)
  }
}
