import AGSLib
import ArgumentParser
import Glibc

/// `ags approvals` (4-channels "Approvals").
struct ApprovalsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approvals",
    abstract: "See and answer what sandboxes ask for, from any terminal.",
    discussion: "Example: ags approvals allow 0123abcd-1",
    subcommands: [List.self, Watch.self, Allow.self, Deny.self, Callback.self],
    defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the requests that wait.", discussion: "Example: ags approvals list --json")
    @OptionGroup var options: ApprovalsOptions

    func run() async throws {
      let client = try options.client()
      let listing = try await interruptible { try await client.list() }
      for session in listing.silent { ErrorOutput.warning("session \(session) does not answer") }
      if options.json { return print(try ReadableJSON.text(ApprovalsText.items(listing.states))) }
      let lines = ApprovalsText.table(listing.states, isTerminal: isatty(STDOUT_FILENO) == 1)
      if lines.isEmpty { return ErrorOutput.note("no request waits for an answer") }
      print(lines.joined(separator: "\n"))
    }
  }

  struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show requests as they come, until interrupted.",
      discussion: "Example: ags approvals watch")
    @OptionGroup var options: ApprovalsOptions

    func run() async throws {
      let client = try options.client()
      let json = options.json
      if !json { ErrorOutput.note("waiting for requests; ctrl-C ends this") }
      try await interruptible {
        for await event in client.watch() {
          print(json ? try ApprovalsText.jsonLine(event) : ApprovalsText.text(event))
          // Somebody reads along, also through a pipe.
          fflush(nil)
        }
      }
      throw ExitCode(ExitStatus.interrupted.rawValue)
    }
  }

  struct Allow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say yes to a request.",
      discussion: """
        Where the session's host has no display, this prints the address to open elsewhere.

        Example: ags approvals allow 0123abcd-1
        """)
    @Argument(help: "The request, or the end of its name: 1.")
    var id: String
    @Flag(help: "Open the sandbox's own app through the relay.")
    var proxy = false
    @OptionGroup var options: ApprovalsOptions

    func run() async throws { try await options.answer(id, proxy ? .proxy : .allow) }
  }

  struct Deny: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say no to a request.", discussion: "Example: ags approvals deny 0123abcd-1")
    @Argument(help: "The request, or the end of its name: 1.")
    var id: String
    @OptionGroup var options: ApprovalsOptions

    func run() async throws { try await options.answer(id, .deny(.user)) }
  }

  struct Callback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Finish a login whose browser runs on another machine.",
      discussion: """
        The browser there ends at an address of localhost that it cannot reach: copy it.

        Example: ags approvals callback 'http://localhost:1455/auth/callback?code=x&state=y'
        """)
    @Argument(help: "The address, quoted.")
    var url: String
    @OptionGroup var options: ApprovalsOptions

    func run() async throws {
      let (client, url) = (try options.client(), url)
      let text = try await interruptible { try await client.callback(url) }
      print(options.json ? try ReadableJSON.text(["answer": text]) : InertText.escaped(text))
    }
  }
}
