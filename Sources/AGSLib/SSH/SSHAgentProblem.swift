/// Why an ssh agent gave no answer that can be used.
public enum SSHAgentProblem: DescribedError, Equatable {
  /// No socket, or one that nobody listens on any more.
  case absent
  case unreachable(String)
  /// Not everything came within the limit.
  case slow(Duration)
  case closedEarly
  /// Longer than any agent answers, in bytes.
  case tooLong(Int)
  /// What of the answer contradicts the protocol.
  case garbled(String)
  /// The agent says that it did not do it.
  case refused

  public var summary: String { "the ssh agent of ags \(what)" }

  private var what: String {
    switch self {
    case .absent: "does not run"
    case .unreachable: "cannot be reached"
    case .slow(let limit): "did not answer within \(limit.inSeconds)"
    case .closedEarly: "closed the connection in the middle of an answer"
    case .tooLong(let count): "announced an answer of \(count) bytes"
    case .garbled(let what): "gave an answer that is none: \(what)"
    case .refused: "refused"
    }
  }

  public var cause: String? {
    if case .unreachable(let reason) = self { reason } else { nil }
  }

  public var hint: String? {
    "end the ssh-agent whose id is in cache_dir/ssh-agent/pid; the next run starts another"
  }

  public var exitStatus: ExitStatus { .failure }
}
