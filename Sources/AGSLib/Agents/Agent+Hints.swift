/// What an agent is told about where it runs.
extension Agent {
  /// Said to every agent, and on a terminal to the user.
  static let hostHint =
    "localhost is this container; services of the host are at host.containers.internal."
  /// Said to an agent that is root inside.
  static let rootHint =
    "You are root in this container and may install packages with apt-get; "
    + "what you install is gone when the session ends."
}

extension PromptStyle {
  func arguments(saying text: String) -> [String] {
    switch self {
    case .flag(let flag): return [flag, text]
    case .setting(let key):
      // Our own sentences hold nothing that a TOML string would have to escape.
      return ["-c", "\(key)=\"\(text)\""]
    }
  }
}
