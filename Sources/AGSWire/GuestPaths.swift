/// Fixed paths inside the container, agreed between host and shim (3-run "Mounts").
public enum GuestPath {
  /// The agent's home directory.
  public static let home = "/home/dev"
  /// The shim under its applet names, read-only.
  public static let bin = "/opt/ags/bin"
  /// guard.ts, the plugin directory, tmux.conf, read-only.
  public static let share = "/opt/ags/share"
  /// What tells Claude Code's model about the guard, below `share`.
  public static let claudePlugin = "/opt/ags/share/claude-plugin"
  /// pi's extension that asks the guard, below `share`.
  public static let guardExtension = "/opt/ags/share/guard.ts"
  /// Claude Code's managed settings, read-only.
  public static let claudeSettings = "/etc/claude-code"
  /// Codex's managed requirements, read-only.
  public static let codexSettings = "/etc/codex"
  /// The agents' installations, read-only in runs.
  public static let agents = "/opt/ags/agents"
  /// The objects of the workspace's repositories, read-only.
  public static let gitObjects = "/run/ags-objects"
  /// The session's sockets, read-only: connectable, not replaceable.
  public static let run = "/run/ags"
  /// Where pages are asked for, and refusals of the guard reported.
  public static let openSocket = "/run/ags/open.sock"
  /// Where ports cross: relayed apps, callbacks, forwards.
  public static let relaySocket = "/run/ags/relay.sock"
  /// What shows a page to the user: `$BROWSER`.
  public static let browser = "/opt/ags/bin/ags-open"
  /// What gives a port of the sandbox a URL on the host.
  public static let webviewURL = "/opt/ags/bin/ags-webview-url"
  /// The ssh agent, as far as it is let in.
  public static let sshAgentSocket = "/run/ags/ssh.sock"
  /// Whose signatures git believes: the session's own signing key.
  public static let allowedSigners = "/run/ags/allowed-signers"
  /// The public halves of the keys.
  public static let sshDirectory = "/home/dev/.ssh"
  /// What GIT_CONFIG_GLOBAL names.
  public static let gitConfiguration = "/home/dev/.config/ags/gitconfig"
  /// The container's command.
  public static let shim = "/opt/ags/bin/ags-shim"
}
