import AGSLib
import ArgumentParser
import SystemPackage

/// What the commands about approvals have in common.
struct ApprovalsOptions: ParsableArguments {
  @Flag(help: "Print the result as JSON.")
  var json = false

  @Option(help: "Read this file instead of ~/.config/ags/config.toml.")
  var config: String?

  func client() throws -> ApprovalClient {
    let host = try Host.current()
    let configuration = try ConfigurationLoader(host: host).loadBase(
      baseOverride: config.map { FilePath($0) }, missing: .defaults
    ).configuration
    return ApprovalClient(host: host, configuration: configuration)
  }

  func answer(_ id: String, _ decision: ApprovalDecision) async throws {
    let client = try client()
    let answer = try await interruptible { try await client.answer(id, decision) }
    if json { return print(try ReadableJSON.text(ApprovalsText.AnswerItem(answer))) }
    ErrorOutput.note(
      "\(answer.id): \(SettledApproval(id: answer.id, decision: answer.decision).outcome)")
    guard let url = answer.url else { return }
    ErrorOutput.note("no display here: open this address in a browser elsewhere")
    print(ApprovalsText.copyable(url))
  }
}
