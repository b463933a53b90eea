internal import SystemPackage

/// One file of what is mounted at `/opt/ags` (3-run "Mounts" 8).
struct SharedFile: Sendable, Equatable {
  /// Below the installation's directory.
  var path: FilePath
  var size: Int
  var mode: UInt32
  /// Nil for the shim, which is read when it is installed.
  var bytes: [UInt8]?

  /// The shim.
  init(_ path: FilePath, size: Int) {
    self.path = path
    self.size = size
    mode = 0o755
  }

  private init(_ path: FilePath, _ bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
    size = bytes.count
    mode = 0o644
  }

  /// What goes to `/opt/ags/share`.
  static let shared = [SharedFile("share/tmux.conf", PackageResources.tmux_conf)]
}
