/// One line of `ags doctor` (5-commands): what was looked at, how it is, and for anything
/// but `ok` what to type next.
public struct Finding: Sendable, Equatable {
  public enum Status: String, Sendable, Encodable {
    case ok
    /// Something works less well than it could, or not at all in some runs.
    case warn
    /// A run would not start.
    case fail
  }

  /// Stable, for programs: `podman`, `storage.driver`, `mount:/home/dev/x`.
  public let id: String
  public let status: Status
  /// One line whatever it is made from.
  public let summary: String
  /// One line too; nil only for `ok`.
  public let hint: String?

  private init(_ id: String, _ status: Status, _ summary: String, _ hint: String?) {
    self.id = id
    self.status = status
    self.summary = Self.oneLine(summary)
    self.hint = hint.map(Self.oneLine)
  }

  static func ok(_ id: String, _ summary: String) -> Finding { Finding(id, .ok, summary, nil) }

  static func warn(_ id: String, _ summary: String, hint: String) -> Finding {
    Finding(id, .warn, summary, hint)
  }

  static func fail(_ id: String, _ summary: String, hint: String) -> Finding {
    Finding(id, .fail, summary, hint)
  }

  /// What stopped a check, or what it found.
  static func fail(_ id: String, _ error: any Error) -> Finding {
    guard let error = error as? any DescribedError else {
      return fail(
        id, "this check could not be made: \(error)",
        hint: "report it together with what ags doctor --json prints")
    }
    return fail(
      id, error.summary + (error.cause.map { ": \($0)" } ?? ""),
      hint: error.hint ?? "ags doctor --json shows this as a program reads it")
  }

  /// Paths, labels and other programs' messages may hold anything.
  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).map { TerminalText.escaped($0) }
      .joined(separator: "; ")
  }
}

extension Finding: Encodable {
  enum CodingKeys: CodingKey {
    case id, status, summary, hint
  }

  /// All four keys, whatever they hold.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(status, forKey: .status)
    try container.encode(summary, forKey: .summary)
    try container.encode(hint, forKey: .hint)
  }

  /// The array that `ags doctor --json` prints.
  public static func json(_ findings: [Finding]) throws -> String {
    try ReadableJSON.text(findings)
  }
}
