import AGSLib
import AGSWire
import ArgumentParser

@main
struct AGS: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ags",
    abstract: "Run AI coding agents in a rootless Podman sandbox.",
    discussion: """
      Example: ags --agent shell -- -c 'id; git log -1 --oneline'
      """,
    version: AGSVersion.current,
    subcommands: [
      RunCommand.self, PlanCommand.self, DoctorCommand.self, UpdateImageCommand.self,
      UpdateCommand.self, UpdateAgentsCommand.self, TrustCommand.self, SyncCommand.self,
      QuarantineCommand.self, ApprovalsCommand.self,
    ],
    defaultSubcommand: RunCommand.self)

  /// The one place where an error becomes text and an exit status (5-commands).
  static func main() async {
    StartingState.prepare()
    do {
      try UnreadableArgument.check()
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      ErrorOutput.end(with: error)
    }
  }
}
