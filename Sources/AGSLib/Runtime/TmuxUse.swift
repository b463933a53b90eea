internal import AGSWire

/// Whether the agent runs inside a tmux session, and what that session lasts for (3-run
/// "Flags"). The raw value is what `ags plan --format json` says.
public enum TmuxUse: String, Sendable, Equatable {
  /// The agent has the container's own streams.
  case absent
  /// `--tmux`: after the agent a shell takes its place; the run lasts as long as the
  /// session.
  case outlivesAgent
  /// `--stop-when-done`: the agent's end is the end of the run.
  case endsWithAgent

  /// The session's name, on the default socket of the container's user.
  public static let session = GuestTmux.session

  init(_ modes: Set<RunMode>) {
    guard modes.contains(.tmux) else {
      self = .absent
      return
    }
    self = modes.contains(.stopWhenDone) ? .endsWithAgent : .outlivesAgent
  }

  var inDocument: LaunchDocument.Tmux {
    switch self {
    case .absent: .absent
    case .outlivesAgent: .outlivesAgent
    case .endsWithAgent: .endsWithAgent
    }
  }
}
