internal import CPosix
internal import Glibc
internal import SystemPackage

/// What `.git` is, without following it.
struct GitMarker: Sendable, Equatable, Codable {
  var path: FilePath
  var device: UInt64
  var inode: UInt64
  /// The file type's bits of its mode.
  var type: UInt32

  /// What is at `path` itself; nil when nothing is.
  init?(at path: FilePath) {
    var facts = stat()
    guard path.withPlatformString({ lstat($0, &facts) }) == 0 else { return nil }
    self.path = path
    device = UInt64(facts.st_dev)
    inode = UInt64(facts.st_ino)
    type = facts.st_mode & S_IFMT
  }

  var isDirectory: Bool { type == S_IFDIR }
  var isFile: Bool { type == S_IFREG }

  /// Whether the very same thing is there still.
  var isUnchanged: Bool { GitMarker(at: path) == self }
}
