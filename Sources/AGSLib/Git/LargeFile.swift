internal import Glibc
internal import SystemPackage

/// A file of git-lfs on the host.
enum LargeFile {
  /// Moves or copies `source` to `directory/name`, whole or not at all.
  static func install(
    _ source: FilePath, as name: FilePath.Component, in directory: FilePath
  ) throws {
    try PrivateDirectory.makeAll(directory)
    let target = directory.appending(name)
    let isMoved = source.withPlatformString { from in
      target.withPlatformString { rename(from, $0) } == 0
    }
    if isMoved { return }
    guard errno == EXDEV else { throw failure(target) }
    // Beside it first: the two are on different file systems.
    let temporary = directory.appending("ags-new-\(UInt64.random(in: .min ... .max))")
    guard let parent = try DataDirectory.open(source.removingLastComponent()),
      let own = source.lastComponent
    else { throw failure(target) }
    var copy = DataCopy(fileLimit: .max)
    try copy.copyFile(own, of: parent, to: temporary)
    let isInstalled = temporary.withPlatformString { from in
      target.withPlatformString { rename(from, $0) } == 0
    }
    guard isInstalled else {
      temporary.withPlatformString { _ = unlink($0) }
      throw failure(target)
    }
  }

  private static func failure(_ path: FilePath) -> GitDataError {
    GitDataError("cannot write \(path)", cause: String(cString: strerror(errno)))
  }
}
