/// What somebody inside wants and the user decides (4-channels "Approvals"). Two that are
/// equal are one question.
public struct ApprovalQuestion: Sendable, Equatable {
  /// The raw value is the `kind` on the wire.
  public enum Kind: String, Sendable {
    /// A page in the user's browser.
    case open
    case clipboardRead = "clipboard-read"
    case clipboardWrite = "clipboard-write"
  }

  public var kind: Kind
  /// The exact value that is decided on and then used, such as the URL.
  public var subject: String
  /// Shown whole, never shortened: ASCII, an internationalised name as punycode.
  public var host: String?
  /// Lines the host adds: "listens on 127.0.0.1:1455 for the login's answer".
  public var notes: [String]
  /// What the user may say besides no.
  public var choices: Set<ApprovalChoice>

  public init(
    kind: Kind, subject: String, host: String? = nil, notes: [String] = [],
    choices: Set<ApprovalChoice> = [.allow]
  ) {
    self.kind = kind
    self.subject = subject
    self.host = host
    self.notes = notes
    self.choices = choices
  }

  /// The longest host name that DNS knows, in bytes.
  static let longestHost = 253

  /// Whether a dialog can say what is asked: a host name that is too long to be shown whole,
  /// or is not plain ASCII, is nobody's.
  var isShowable: Bool {
    guard let host else { return true }
    return (1...Self.longestHost).contains(host.utf8.count)
      && host.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "-._:[]".utf8.contains(byte)
        }
      }
  }
}

/// One way of saying yes. The raw value is the one on the wire.
public enum ApprovalChoice: String, Sendable, CaseIterable {
  case allow
  /// Opens the sandbox's own app through the relay.
  case proxy
}

/// What became of a question.
public enum ApprovalDecision: Sendable, Equatable {
  case allow
  case proxy
  case deny(DenialReason)
}

/// Why the answer is no. The raw value is the one on the wire.
public enum DenialReason: String, Sendable {
  case user
  case timeout
  /// Too many questions wait already.
  case tooMany = "too_many"
  /// So much was denied that for a while everything is.
  case flooding
  /// Whoever asked has gone, or the session ends.
  case gone
  /// A host name that no dialog can show.
  case unshowable

  /// One line for whoever asked.
  public var explanation: String {
    switch self {
    case .user: "the user said no"
    case .timeout: "nobody answered within 120 s"
    case .tooMany: "too many requests wait for an answer already"
    case .flooding: "after too many denials within a minute everything is denied for five minutes"
    case .gone: "it was withdrawn"
    case .unshowable: "its host name cannot be shown"
    }
  }
}

/// Asks the user.
public protocol ApprovalAsking: Sendable {
  /// Returns when it is decided. Cancelling the task withdraws the question, if nobody else
  /// waits for the same.
  /// - Parameter waiting: called once if the user is really asked.
  func ask(
    _ question: ApprovalQuestion, waiting: @escaping @Sendable () -> Void
  ) async -> ApprovalDecision
}
