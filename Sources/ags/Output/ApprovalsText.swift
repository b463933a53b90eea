import AGSLib
import FoundationEssentials

/// What `ags approvals` shows, for people and for programs.
enum ApprovalsText {
  /// One request for a program.
  struct Item: Encodable {
    var id: String
    var session: String
    var agent: String
    var workspace: String
    var kind: String
    var subject: String
    var host: String?
    var notes: [String]
    var choices: [String]
    var secondsLeft: Int

    init(_ pending: PendingApproval, _ session: ApprovalSession) {
      id = pending.id
      self.session = session.id
      agent = session.agent
      workspace = session.workspace
      kind = pending.question.kind.rawValue
      subject = pending.question.subject
      host = pending.question.host
      notes = pending.question.notes
      choices = pending.question.choices.map(\.rawValue).sorted()
      secondsLeft = pending.secondsLeft
    }
  }

  struct AnswerItem: Encodable {
    var id: String
    var outcome: String
    var url: String?

    init(_ answer: ApprovalClient.Answer) {
      id = answer.id
      outcome = SettledApproval(id: answer.id, decision: answer.decision).outcome
      url = answer.url
    }
  }

  private struct EventItem: Encodable {
    var event: String
    var request: Item?
    var id: String?
    var session: String?
    var text: String?
  }

  static func items(_ states: [ApprovalState]) -> [Item] {
    states.flatMap { state in state.pending.map { Item($0, state.session) } }
  }

  /// Aligned columns, on a terminal with a heading and shortened; no lines when nothing waits.
  static func table(_ states: [ApprovalState], isTerminal: Bool) -> [String] {
    let items = items(states)
    guard !items.isEmpty else { return [] }
    let limit = isTerminal ? 60 : Int.max
    let rows = items.map { item in
      [
        item.id, "\(item.secondsLeft) s", InertText.shortened(item.agent, to: limit),
        InertText.shortened(item.workspace, to: limit), item.kind,
        InertText.shortened(item.subject, to: limit),
      ]
    }
    let heading = ["ID", "LEFT", "AGENT", "WORKSPACE", "ASKS FOR", ""]
    let table = (isTerminal ? [heading] : []) + rows
    let widths = table[0].indices.map { column in
      table.map { $0[column].count }.max() ?? 0
    }
    return table.map { row in
      let cells = zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }
      var line = cells.joined(separator: "  ")[...]
      while line.last == " " { line.removeLast() }
      return String(line)
    }
  }

  static func text(_ event: ApprovalEvent) -> String {
    switch event {
    case .asked(let pending, let session):
      var lines = [InertText.escaped(pending.id)]
      lines += pending.lines(of: session).map { $0.isEmpty ? "" : "  \($0)" }
      lines += ["", "  ags approvals allow \(InertText.escaped(pending.id))"]
      if pending.question.choices.contains(.proxy) {
        lines.append("  ags approvals allow \(InertText.escaped(pending.id)) --proxy")
      }
      lines += ["  ags approvals deny \(InertText.escaped(pending.id))", ""]
      return lines.joined(separator: "\n")
    case .settled(let settled):
      return InertText.escaped("\(settled.id) \(settled.outcome)")
    case .notice(let text, let session):
      return copyable("\(session.id): \(text)")
    }
  }

  static func jsonLine(_ event: ApprovalEvent) throws -> String {
    let item =
      switch event {
      case .asked(let pending, let session):
        EventItem(event: "asked", request: Item(pending, session))
      case .settled(let settled):
        EventItem(event: "settled", id: settled.id, text: settled.outcome)
      case .notice(let text, let session):
        EventItem(event: "notice", session: session.id, text: text)
      }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(item), as: UTF8.self)
  }

  /// An address to be copied is never shortened, and as it is: a checked one is plain ASCII,
  /// which is inert already.
  static func copyable(_ url: String) -> String { InertText.escaped(url) }
}
