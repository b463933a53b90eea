internal import CPosix
internal import Glibc
internal import SystemPackage

/// Gets to a place below directories from which an agent took the right to enter, as their
/// owner can, and gives them back the modes they had.
enum ClosedDirectories {
  /// Runs `body` in the directory `path`, at or below `root`; no link is followed.
  /// - Returns: nil when it is not there.
  static func with<Result>(
    _ path: FilePath, below root: FilePath, _ body: (DataDirectory) throws -> Result?
  ) throws -> Result? {
    guard var directory = try DataDirectory.open(root) else { return nil }
    var opened: [(directory: DataDirectory, mode: mode_t)] = []
    defer { for entry in opened.reversed() { fchmod(entry.directory.descriptor, entry.mode) } }
    for component in path.components.dropFirst(root.components.count) {
      let next = directory.path.appending(component)
      let place = component.withPlatformString { cposix_enter_at(directory.descriptor, $0) }
      guard place >= 0 else {
        if [ENOENT, ENOTDIR, ELOOP].contains(errno) { return nil }
        throw GitDataError("cannot enter \(next)", cause: String(cString: strerror(errno)))
      }
      defer { close(place) }
      var facts = stat()
      guard fstat(place, &facts) == 0 else { return nil }
      let isClosed = facts.st_mode & 0o500 != 0o500
      if isClosed, chmod("/proc/self/fd/\(place)", 0o700) != 0 {
        throw GitDataError("cannot open \(next)", cause: String(cString: strerror(errno)))
      }
      let descriptor = cposix_openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw GitDataError("cannot read \(next)", cause: String(cString: strerror(errno)))
      }
      directory = DataDirectory(descriptor, next)
      if isClosed { opened.append((directory, facts.st_mode & 0o7777)) }
    }
    return try body(directory)
  }
}
