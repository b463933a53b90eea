/// A question in the words a dialog shows. Everything in it is inert, and it is never larger
/// than a small screen.
struct ApprovalPrompt: Sendable, Equatable {
  /// Characters of one line.
  static let width = 76
  static let longestSubject = 600
  static let longestName = 200
  static let mostNotes = 4

  var title: String
  /// Each of at most `width` characters and the indentation of quoted ones.
  var lines: [String]
  /// The button for `ApprovalChoice.allow`.
  var allowLabel: String
  var choices: Set<ApprovalChoice>

  var text: String { lines.joined(separator: "\n") }

  init(_ question: ApprovalQuestion, of session: ApprovalSession) {
    choices = question.choices
    let request: String
    switch question.kind {
    case .open:
      title = "ags: open a page?"
      allowLabel = "Open"
      request = "It asks to open this page in your browser:"
    case .clipboardRead:
      title = "ags: let the sandbox read your clipboard?"
      allowLabel = "Allow"
      request = "It asks to read your clipboard:"
    case .clipboardWrite:
      title = "ags: let the sandbox change your clipboard?"
      allowLabel = "Allow"
      request = "It asks to change your clipboard:"
    }
    // The host's own lines start at the edge, quoted ones never do.
    lines = ["The sandbox of session \(InertText.shortened(session.id, to: 32))"]
    lines += Self.field("agent", InertText.shortened(session.agent, to: Self.longestName))
    lines += Self.field("workspace", InertText.shortened(session.workspace, to: Self.longestName))
    lines += ["", request, ""]
    if let host = question.host {
      lines += Self.field("host", InertText.escaped(host))
    }
    lines += Self.quoted(InertText.shortened(question.subject, to: Self.longestSubject))
    if !question.notes.isEmpty { lines.append("") }
    for note in question.notes.prefix(Self.mostNotes) {
      let parts = InertText.wrapped(
        InertText.shortened(note, to: Self.longestName), width: Self.width)
      lines += [parts[0]] + parts.dropFirst().map { "    \($0)" }
    }
  }

  private static func field(_ name: String, _ value: String) -> [String] {
    let lines = InertText.wrapped(value, width: width - name.count - 2)
    return ["\(name): \(lines[0])"] + lines.dropFirst().map { "    \($0)" }
  }

  private static func quoted(_ value: String) -> [String] {
    InertText.wrapped(value, width: width).map { "    \($0)" }
  }
}
