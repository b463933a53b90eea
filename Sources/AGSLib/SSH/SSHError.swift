/// A key that cannot be used, or an agent that cannot be made ready.
public struct SSHError: DescribedError, Equatable {
  public var summary: String
  public var cause: String?
  public var hint: String?
  public var exitStatus: ExitStatus

  init(
    _ summary: String, cause: String? = nil, hint: String? = nil,
    exitStatus: ExitStatus = .failure
  ) {
    self.summary = summary
    self.cause = cause
    self.hint = hint
    self.exitStatus = exitStatus
  }

  /// A signal came while the user was asked or another start waited for.
  static let interrupted = SSHError(
    "interrupted while the ssh keys were loaded", hint: "start again",
    exitStatus: .interrupted)
}
