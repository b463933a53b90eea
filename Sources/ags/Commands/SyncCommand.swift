import AGSLib
import ArgumentParser
import SystemPackage

/// `ags sync` (5-commands, 11-git).
struct SyncCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync",
    abstract: "Take over what a running session's agent has done in git until now.",
    discussion: """
      Without a name: the session that runs in the repository around here.

      Example: ags sync
      """)

  @Argument(help: "The session, as ags quarantine list shows it.")
  var session: String?

  @OptionGroup var options: GitReportOptions

  func run() async throws {
    let (quarantines, host) = try options.quarantines()
    try options.show(
      await interruptible { try await quarantines.sync(session, around: host.currentDirectory) })
  }
}
