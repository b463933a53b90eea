internal import CPosix
internal import Glibc
internal import SystemPackage

/// How things are moved, also where an agent took the right to do so from their owner.
extension GitAside {
  static func rename(
    _ name: FilePath.Component, of parent: DataDirectory, to target: FilePath
  ) throws(GitDataError) {
    let status = withWritable(parent, moving: (parent.descriptor, name.withPlatformString(bytes))) {
      name.withPlatformString { name in
        target.withPlatformString { renameat(parent.descriptor, name, AT_FDCWD, $0) }
      }
    }
    if status == 0 { return }
    if errno == EXDEV { throw otherFileSystem }
    throw GitDataError(
      "cannot move \(parent.path.appending(name)) away", cause: String(cString: strerror(errno)))
  }

  static func moveBack(
    _ source: FilePath, to name: FilePath.Component, of parent: DataDirectory
  ) -> Bool {
    withWritable(parent, moving: (AT_FDCWD, source.withPlatformString(bytes))) {
      source.withPlatformString { source in
        name.withPlatformString { renameat(AT_FDCWD, source, parent.descriptor, $0) }
      }
    } == 0
  }

  static func write(
    _ bytes: [UInt8], as name: FilePath.Component, in parent: DataDirectory
  ) throws(GitDataError) {
    let temporary = "ags-new-\(UInt64.random(in: .min ... .max))"
    let status: CInt = withWritable(parent) {
      let file = cposix_create_at(parent.descriptor, temporary, 0o600)
      guard file >= 0 else { return -1 }
      defer { close(file) }
      guard bytes.withUnsafeBytes({ Glibc.write(file, $0.baseAddress, $0.count) }) == bytes.count
      else {
        unlinkat(parent.descriptor, temporary, 0)
        return -1
      }
      fchmod(file, 0o644)
      return name.withPlatformString {
        renameat(parent.descriptor, temporary, parent.descriptor, $0)
      }
    }
    guard status == 0 else {
      throw GitDataError(
        "cannot write \(parent.path.appending(name))", cause: String(cString: strerror(errno)))
    }
  }

  private static func bytes(_ text: UnsafePointer<CChar>) -> [CChar] {
    Array(UnsafeBufferPointer(start: text, count: strlen(text) + 1))
  }

  /// Runs `body` again where it lacked a right that the owner can give. A directory that is
  /// moved to another one must be writable itself.
  private static func withWritable(
    _ directory: DataDirectory, moving: (parent: CInt, name: [CChar])? = nil,
    _ body: () -> CInt
  ) -> CInt {
    var status = body()
    guard status != 0, errno == EACCES else { return status }
    let moved = moving.map { cposix_enter_at($0.parent, $0.name) } ?? -1
    let places =
      ["/proc/self/fd/\(directory.descriptor)"] + (moved >= 0 ? ["/proc/self/fd/\(moved)"] : [])
    var modes: [(place: String, mode: mode_t)] = []
    for place in places {
      var facts = stat()
      guard stat(place, &facts) == 0, facts.st_mode & 0o700 != 0o700,
        chmod(place, 0o700) == 0
      else { continue }
      modes.append((place, facts.st_mode & 0o7777))
    }
    status = body()
    let reason = errno
    for entry in modes.reversed() { chmod(entry.place, entry.mode) }
    if moved >= 0 { close(moved) }
    errno = reason
    return status
  }
}
