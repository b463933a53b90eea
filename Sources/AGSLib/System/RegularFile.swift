internal import CPosix
internal import Glibc
public import SystemPackage

/// A file that could not be read or written.
public struct FileError: DescribedError, Equatable {
  public var summary: String
  public var cause: String?
  public var hint: String?
  public var exitStatus: ExitStatus { .failure }
}

/// Reading and writing small files whole, without trusting what is in their place.
public enum RegularFile {
  /// Whether symbolic links may be followed: for the user's own files, never for files a
  /// repository or an agent can put there.
  public enum Links: Sendable { case followed, refused }

  /// The bytes of `path`, or nil when nothing is there. It must be a regular file of at
  /// most `limit` bytes; it is opened once, without blocking on a pipe.
  public static func read(
    _ path: FilePath, limit: Int, links: Links
  ) throws(FileError) -> [UInt8]? {
    let flags = links == .refused ? O_NOFOLLOW : 0
    return try read(
      cposix_open(path.string, O_RDONLY | O_NONBLOCK | O_CLOEXEC | flags, 0), path, limit)
  }

  /// The same for `directory/name` below `root`, where neither of the two may be a
  /// symbolic link; nil when either is missing.
  public static func read(
    name: String, in directory: String, below root: FilePath, limit: Int
  ) throws(FileError) -> [UInt8]? {
    let path = root.appending(directory).appending(name)
    let top = cposix_open(root.string, O_PATH | O_DIRECTORY | O_CLOEXEC, 0)
    guard top >= 0 else { return try failedToOpen(root, errno) }
    defer { close(top) }
    let middle = cposix_openat(top, directory, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard middle >= 0 else {
      // What is no directory has nothing in it, unless it is a link to one.
      var facts = stat()
      let isLink =
        fstatat(top, directory, &facts, AT_SYMLINK_NOFOLLOW) == 0
        && facts.st_mode & S_IFMT == S_IFLNK
      guard isLink else { return nil }
      return try failedToOpen(root.appending(directory), ELOOP)
    }
    defer { close(middle) }
    return try read(
      cposix_openat(middle, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), path, limit)
  }

  private static func failedToOpen(
    _ path: FilePath, _ code: Int32
  ) throws(FileError) -> [UInt8]? {
    if code == ENOENT { return nil }
    throw FileError(
      summary: code == ELOOP
        ? "\(path) is a symbolic link, which is not followed here" : "cannot open \(path)",
      cause: code == ELOOP ? nil : String(cString: strerror(code)),
      hint: code == ELOOP ? "put a regular file in its place" : nil)
  }

  private static func read(
    _ descriptor: Int32, _ path: FilePath, _ limit: Int
  ) throws(FileError) -> [UInt8]? {
    guard descriptor >= 0 else { return try failedToOpen(path, errno) }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      throw FileError(summary: "\(path) is not a regular file")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw FileError(
          summary: "cannot read \(path)", cause: String(cString: strerror(errno)))
      }
      bytes += chunk[..<count]
      guard bytes.count <= limit else {
        throw FileError(summary: "\(path) is larger than \(limit) bytes")
      }
    }
  }

  /// What `write` does when the path already exists.
  public enum Existing: Sendable { case replaced, kept }

  /// Writes `bytes` to a temporary file beside `path`, flushes it and moves it into place,
  /// so that `path` is never half written. The directory must exist.
  /// - Parameters:
  ///   - mode: whatever the umask says.
  ///   - isDurable: false for what a crash of the machine may take: no flush then.
  /// - Returns: false when `existing` is `kept` and something was there.
  @discardableResult
  public static func write(
    _ bytes: [UInt8], to path: FilePath, mode: UInt32 = 0o600, existing: Existing,
    isDurable: Bool = true
  ) throws(FileError) -> Bool {
    let unique = String(UInt64.random(in: .min ... .max), radix: 36)
    let temporary = "\(path.string).new-\(unique)"
    let descriptor = cposix_open(
      temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failedToWrite(path, errno) }
    defer { unlink(temporary) }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failedToWrite(path, errno) }
      rest = rest.dropFirst(count)
    }
    guard fchmod(descriptor, mode) == 0, !isDurable || fsync(descriptor) == 0 else {
      throw failedToWrite(path, errno)
    }
    switch existing {
    case .replaced:
      guard rename(temporary, path.string) == 0 else { throw failedToWrite(path, errno) }
      return true
    case .kept:
      if link(temporary, path.string) == 0 { return true }
      guard errno == EEXIST else { throw failedToWrite(path, errno) }
      return false
    }
  }

  private static func failedToWrite(_ path: FilePath, _ code: Int32) -> FileError {
    FileError(
      summary: "cannot write \(path)", cause: String(cString: strerror(code)),
      hint: "check that \(path.removingLastComponent()) is yours and the disk is not full")
  }
}
