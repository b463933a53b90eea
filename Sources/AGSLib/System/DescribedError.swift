/// What `ags` ends with (3-run "Exit status").
public enum ExitStatus: Int32, Sendable {
  /// Wrong usage or configuration.
  case usage = 2
  /// A check found a failure (`ags doctor`), or something went wrong at run time.
  case failure = 1
  /// Podman itself failed.
  case podman = 125
  /// Interrupted before the agent started.
  case interrupted = 130
}

/// An error a person can act on. The library throws values of such types and never
/// prints; the one place that renders them is the program (5-commands: one line, the
/// cause, then a `hint:` line).
public protocol DescribedError: Error, Sendable {
  /// One line without a trailing full stop: what went wrong, with file, line and
  /// column first where there are any.
  var summary: String { get }
  /// What lay behind it, if that adds anything.
  var cause: String? { get }
  /// What to type or change next.
  var hint: String? { get }
  /// What the program ends with.
  var exitStatus: ExitStatus { get }
}

extension DescribedError {
  public var cause: String? { nil }
  public var hint: String? { nil }
  public var exitStatus: ExitStatus { .usage }
}
