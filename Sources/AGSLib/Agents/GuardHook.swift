internal import AGSWire

/// How an agent is made to ask the guard before it uses a tool (4-channels "Guard").
///
/// What Claude Code and Codex read below `/etc` is mounted in every run, whatever its agent
/// is: each of them can be started from a shell. So this says only what an agent is told
/// besides on its command line.
public enum GuardHook: Sendable, Equatable {
  /// Nothing asks.
  case none
  /// Claude Code's managed settings ask. A plugin explains refusals to the agent.
  case claude
  /// Codex's managed requirements ask.
  case codex
  /// An extension asks, which pi loads by a flag.
  case pi

  /// What comes first on the agent's command line.
  ///
  /// A stranger's repository may name servers and helpers that Claude Code starts before it
  /// asks anybody: lockdown reads no settings but the user's.
  func arguments(isLockdown: Bool) -> [String] {
    switch self {
    case .none, .codex: []
    case .claude:
      ["--plugin-dir", GuestPath.claudePlugin]
        + (isLockdown ? ["--setting-sources", "user", "--strict-mcp-config"] : [])
    case .pi: ["-e", GuestPath.guardExtension]
    }
  }
}
