import AGSLib
import ArgumentParser
import SystemPackage

/// `ags quarantine` (5-commands, 11-git).
struct QuarantineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quarantine",
    abstract: "Private git directories of sessions: those that a crash left, above all.",
    discussion: "Example: ags quarantine list",
    subcommands: [List.self, Import.self, Drop.self, Restore.self],
    defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show them.", discussion: "Example: ags quarantine list --json")
    @OptionGroup var options: GitReportOptions

    func run() throws {
      let found = try options.quarantines().0.list()
      if options.json { return print(try ReadableJSON.text(found)) }
      for status in found {
        let kind = status.isDiscarded ? "lockdown, " : ""
        print("\(status.session)  \(kind)\(words(status.state))  \(status.workspace ?? "")")
      }
    }

    private func words(_ state: GitQuarantineStatus.State) -> String {
      switch state {
      case .running: "running"
      case .left: "not taken over"
      case .kept: "kept, not all could be taken over"
      case .aside: "only what was moved aside"
      case .damaged: "damaged"
      }
    }
  }

  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take over the work of a session that crashed.",
      discussion: "Example: ags quarantine import 0123abcd")
    @Argument(help: "The session.")
    var session: String
    @OptionGroup var options: GitReportOptions

    func run() async throws {
      let quarantines = try options.quarantines().0
      try options.show(await quarantines.importSession(session))
    }
  }

  struct Drop: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove one with the work that is in it.",
      discussion: "Example: ags quarantine drop 0123abcd")
    @Argument(help: "The session.")
    var session: String
    @OptionGroup var options: GitReportOptions

    func run() throws {
      try options.quarantines().0.drop(session)
      if options.json { print(try ReadableJSON.text(["dropped": session])) }
    }
  }

  struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put back what was moved aside after a session.",
      discussion: """
        It was moved because git would run something of it: look at it first.

        Example: ags quarantine restore 0123abcd
        """)
    @Argument(help: "The session.")
    var session: String
    @OptionGroup var options: GitReportOptions

    func run() throws {
      let left = try options.quarantines().0.restore(session)
      if options.json { return print(try ReadableJSON.text(left.map(\.string))) }
      for path in left {
        ErrorOutput.warning("\(path) stays aside: something else is in its place")
      }
    }
  }
}
