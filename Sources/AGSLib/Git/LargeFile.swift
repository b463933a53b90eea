internal import CGLib
internal import CPosix
internal import Glibc
internal import SystemPackage

/// A file of git-lfs on the host.
enum LargeFile {
  /// The SHA-256 of a file as it is now; nil when it is none, or too large.
  static func digest(
    of name: FilePath.Component, in directory: DataDirectory
  ) throws(GitDataError) -> String? {
    let file = try directory.openFile(name)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_size <= limit
    else { return nil }
    let checksum = g_checksum_new(G_CHECKSUM_SHA256)
    defer { g_checksum_free(checksum) }
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    var size: Int64 = 0
    while size <= limit {
      let count = read(file, &chunk, chunk.count)
      if count == 0 { return String(cString: g_checksum_get_string(checksum)) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure(directory.path.appending(name), "read") }
      g_checksum_update(checksum, chunk, gssize(count))
      size += Int64(count)
    }
    return nil
  }

  /// Bytes one may have.
  static let limit: Int64 = 64 << 30

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

  private static func failure(_ path: FilePath, _ what: String = "write") -> GitDataError {
    GitDataError("cannot \(what) \(path)", cause: String(cString: strerror(errno)))
  }
}
