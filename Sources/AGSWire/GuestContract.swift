/// Descriptors the container's PID 1 is started with (3-run "Into the container").
public enum GuestDescriptor {
  /// Read end of the pipe with the launch document.
  public static let launch: Int32 = 3
  /// Read end of the lifeline: it closes when `ags` ends, in whatever way.
  public static let lifeline: Int32 = 4
  /// How many descriptors podman hands on (`--preserve-fds`).
  public static let count = 2
}

/// The tmux session an agent runs in with `--tmux` (3-run "Flags").
public enum GuestTmux {
  /// Its name, on the default socket of the container's user.
  public static let session = "ags"
}

/// What the container's PID 1 ends with when it is not the agent's own status.
public enum GuestExitStatus {
  /// A shim was called in a way it does not understand.
  public static let usage: Int32 = 2
  /// Nothing was started: the reason is on standard error.
  public static let refused: Int32 = 125
  /// The agent's program is in the image but cannot be executed.
  public static let notExecutable: Int32 = 126
  /// The agent's program is not in the image.
  public static let notFound: Int32 = 127
  /// Plus a signal's number: that signal ended it.
  public static let signalBase: Int32 = 128
  /// The lifeline closed.
  public static let lifelineClosed: Int32 = 137
}
