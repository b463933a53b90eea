/// Fixed paths inside the container, agreed between host and shim (3-run "Mounts").
public enum GuestPath {
  /// The agent's home directory.
  public static let home = "/home/dev"
  /// The shim under its applet names, read-only.
  public static let bin = "/opt/ags/bin"
  /// guard.ts, the plugin directory, tmux.conf, read-only.
  public static let share = "/opt/ags/share"
  /// The agents' installations, read-only in runs.
  public static let agents = "/opt/ags/agents"
  /// The session's sockets, read-only: connectable, not replaceable.
  public static let run = "/run/ags"
  /// The container's command.
  public static let shim = "/opt/ags/bin/ags-shim"
}
