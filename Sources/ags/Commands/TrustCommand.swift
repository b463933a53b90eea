import AGSLib
import ArgumentParser
import FoundationEssentials
import SystemPackage

/// `ags trust` (2-config "Trust of an overlay").
struct TrustCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trust",
    abstract: "Decide whether a repository's .ags/config.toml is used.",
    discussion: """
      Shows the file and what it asks from this machine, and asks. The answer holds for \
      exactly this content.

      Example: ags trust ~/src/project
      """)

  @Argument(help: "A directory in the repository; by default the current one.")
  var path: String?

  @Flag(help: "List what was decided.")
  var list = false

  @Flag(help: "Forget every decision about the repository.")
  var revoke = false

  @Flag(help: "Leave the file out as it is now, without asking.")
  var deny = false

  @Flag(help: "With --list: print JSON.")
  var json = false

  @Option(help: "Read this file instead of ~/.config/ags/config.toml.")
  var config: String?

  func validate() throws {
    guard [list, revoke, deny].count(where: { $0 }) <= 1 else {
      throw ValidationError("--list, --revoke and --deny exclude each other")
    }
    guard !json || list else { throw ValidationError("--json needs --list") }
    guard !list || path == nil else { throw ValidationError("--list takes no PATH") }
  }

  func run() throws {
    let host = try Host.current()
    let loader = ConfigurationLoader(host: host)
    let loaded = try loader.loadBase(baseOverride: config.map { FilePath($0) })
    if let written = loaded.wroteDefault { ErrorOutput.note("wrote \(written)") }
    let store = loader.trustStore(loaded.configuration)
    if list { return try show(try store.records()) }
    let directory = host.currentDirectory.pushing(FilePath(path ?? ".")).lexicallyNormalized()
    let root = try Repository.find(from: directory, userID: host.userID)?.root ?? directory
    if revoke {
      let count = try store.revoke(root: root.string)
      return ErrorOutput.note("forgot \(count) decision\(count == 1 ? "" : "s") about \(root)")
    }
    if deny {
      try loader.denyTrust(workspaceRoot: root, base: loaded.configuration)
      return ErrorOutput.note("the configuration of \(root) is not used as it is now")
    }
    guard let prompt = TerminalTrustPrompt(host: host) else { throw NobodyToAsk() }
    switch try loader.askForTrust(
      workspaceRoot: root, base: loaded.configuration, prompt: prompt)
    {
    case .allow: ErrorOutput.note("trusted")
    case .deny: ErrorOutput.note("not trusted: this content is not used")
    case .undecided: throw ExitCode(ExitStatus.interrupted.rawValue)
    }
  }

  private struct NobodyToAsk: DescribedError {
    var summary: String { "there is no terminal to ask on" }
    var hint: String? { "run `ags trust` in a terminal" }
  }

  private struct Row: Encodable {
    var decision: String
    var root: String
    var file: String
    var digest: String
  }

  private func show(_ records: [TrustRecord]) throws {
    let rows = records.map {
      Row(decision: $0.decision.rawValue, root: $0.root, file: $0.name, digest: $0.digest)
    }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return print(String(decoding: try encoder.encode(rows), as: UTF8.self))
    }
    for row in rows {
      print(TerminalText.escaped("\(row.decision)  \(row.digest.prefix(12))  \(row.root)"))
    }
  }
}
