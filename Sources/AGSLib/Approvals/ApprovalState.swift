/// Everything a session's `approvals.sock` tells about its questions.
public struct ApprovalState: Sendable, Equatable {
  public var session: ApprovalSession
  /// Whether the host's side can show dialogs and open pages.
  public var hasDisplay: Bool
  /// The oldest first.
  public var pending: [PendingApproval]
  /// The last ones that were decided, the oldest first.
  public var settled: [SettledApproval]
}

/// A question that waits for the user.
public struct PendingApproval: Sendable, Equatable {
  /// `<session>-<number>`, never used again.
  public var id: String
  public var question: ApprovalQuestion
  /// Whole seconds until it is denied.
  public var secondsLeft: Int

  /// The question in the words of a dialog, inert.
  public func lines(of session: ApprovalSession) -> [String] {
    ApprovalPrompt(question, of: session).lines
  }
}

/// A question that was decided, or withdrawn.
public struct SettledApproval: Sendable, Equatable {
  public var id: String
  public var decision: ApprovalDecision
  /// The dialog program, `command`, or nobody.
  public var answeredBy: String?

  public init(id: String, decision: ApprovalDecision, answeredBy: String? = nil) {
    self.id = id
    self.decision = decision
    self.answeredBy = answeredBy
  }

  /// In words: "allowed (zenity)".
  public var outcome: String {
    let by = answeredBy.map { " (\($0))" } ?? ""
    return switch decision {
    case .allow: "allowed\(by)"
    case .proxy: "opened through the proxy\(by)"
    case .deny(.user): "denied\(by)"
    case .deny(let reason): "denied: \(reason.explanation)"
    }
  }
}

/// A line for the user: a page that was opened, a port that was taken.
public struct ApprovalNotice: Sendable, Equatable {
  /// Grows by one with each of a session.
  public var number: Int
  public var text: String
}

/// An answer that was not taken.
public enum AnswerRefusal: Error, Sendable, Equatable {
  /// There never was such a question.
  case unknown
  /// Somebody was faster, or it was withdrawn: how it ended, in words.
  case settled(String)
  /// The question does not offer this.
  case notOffered
}
