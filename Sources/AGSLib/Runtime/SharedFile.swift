internal import AGSWire
internal import SystemPackage

/// One file of what is mounted at `/opt/ags` and for the guard (3-run "Mounts" 8).
struct SharedFile: Sendable, Equatable {
  /// Below the installation's directory.
  var path: FilePath
  var size: Int
  var mode: UInt32
  /// Nil for the shim, which is read when it is installed, and for a link.
  var bytes: [UInt8]?
  /// What a symbolic link beside it leads to: a name, so that it leads there wherever the
  /// directory is mounted.
  var target: String?

  /// The shim.
  init(_ path: FilePath, size: Int) {
    self.path = path
    self.size = size
    mode = 0o755
  }

  private init(_ path: FilePath, linkTo target: String) {
    self.path = path
    self.target = target
    size = target.utf8.count
    mode = 0o777
  }

  private init(_ path: FilePath, _ bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
    size = bytes.count
    mode = 0o644
  }

  /// The shim under its other names. Symbolic links, because a state directory may lie on a
  /// file system without hard ones, and a copy of it stays one program.
  static let applets = GuestApplet.names.map {
    SharedFile(FilePath("bin").appending($0), linkTo: "ags-shim")
  }

  /// `share` goes to `/opt/ags/share`, the directories of `etc`, or of `etc-lockdown`, to `/etc`.
  static let shared = [
    SharedFile("share/tmux.conf", PackageResources.tmux_conf),
    SharedFile("share/guard.ts", PackageResources.guard_ts),
    SharedFile(
      "share/claude-plugin/.claude-plugin/plugin.json", PackageResources.claude_plugin_json),
    SharedFile("share/claude-plugin/skills/guard/SKILL.md", PackageResources.guard_skill_md),
    SharedFile("etc/claude-code/managed-settings.json", PackageResources.managed_settings_json),
    SharedFile("etc/codex/requirements.toml", PackageResources.requirements_toml),
    SharedFile(
      "etc-lockdown/claude-code/managed-settings.json",
      PackageResources.managed_settings_lockdown_json),
    SharedFile(
      "etc-lockdown/codex/requirements.toml", PackageResources.requirements_lockdown_toml),
    SharedFile("empty", []),
  ]
}
