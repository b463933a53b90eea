internal import CPosix
internal import Glibc
internal import SystemPackage

/// A git directory that is not what it has to be, or a limit it breaks.
struct GitDataError: DescribedError, Equatable {
  var summary: String
  var cause: String?
  var hint: String?
  var exitStatus: ExitStatus { .failure }

  init(_ summary: String, cause: String? = nil, hint: String? = nil) {
    self.summary = summary
    self.cause = cause
    self.hint = hint
  }
}

/// A directory an agent may have written, read as data (11-git): below one descriptor, no
/// link is followed, files are regular ones, and what is read has a limit.
final class DataDirectory: Sendable {
  enum Kind: Sendable, Equatable {
    case directory
    case file
    case link
    /// A pipe, a socket, a device.
    case other
  }

  struct Entry: Sendable {
    var name: FilePath.Component
    var kind: Kind
  }

  /// Where it was opened, for messages only.
  let path: FilePath
  let descriptor: CInt

  /// Takes over an open descriptor of the directory `path`.
  init(_ descriptor: CInt, _ path: FilePath) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  /// Opens `path`, with no link anywhere on the way; nil when nothing is there.
  static func open(_ path: FilePath) throws(GitDataError) -> DataDirectory? {
    // By bytes: as a `String` a name that is not UTF-8 would be another one.
    let place = path.withPlatformString { cposix_open_without_links($0) }
    guard place >= 0 else { return try missing(path, errno) }
    defer { close(place) }
    let descriptor = cposix_openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return try missing(path, errno) }
    return DataDirectory(descriptor, path)
  }

  /// The directory `name` in this one; nil when nothing is there, or no directory.
  func directory(_ name: FilePath.Component) throws(GitDataError) -> DataDirectory? {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let child = name.withPlatformString { cposix_openat(descriptor, $0, flags) }
    guard child >= 0 else {
      let reason = errno
      if [ENOENT, ENOTDIR, ELOOP].contains(reason) { return nil }
      throw Self.failure(path.appending(name), reason)
    }
    return DataDirectory(child, path.appending(name))
  }

  /// Everything in it but `.` and `..`, in no order.
  /// - Throws: above `limit` entries.
  func entries(limit: Int = 1_000_000) throws(GitDataError) -> [Entry] {
    let copy = cposix_dup_high(descriptor)
    guard copy >= 0, let stream = fdopendir(copy) else { throw Self.failure(path, errno) }
    defer { closedir(stream) }
    rewinddir(stream)
    var entries: [Entry] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) {
          FilePath.Component(platformString: $0)
        }
      }
      if let name, name.kind == .regular {
        entries.append(Entry(name: name, kind: try kind(name, entry.pointee.d_type)))
        guard entries.count <= limit else {
          throw GitDataError("\(path) has more than \(limit) entries")
        }
      }
      errno = 0
    }
    guard errno == 0 else { throw Self.failure(path, errno) }
    return entries
  }

  /// What `name` is itself, links not followed; nil when it is not there.
  func facts(_ name: FilePath.Component) throws(GitDataError) -> stat? {
    var facts = stat()
    let status = name.withPlatformString {
      fstatat(descriptor, $0, &facts, AT_SYMLINK_NOFOLLOW)
    }
    if status == 0 { return facts }
    guard errno == ENOENT else { throw Self.failure(path.appending(name), errno) }
    return nil
  }

  /// The bytes of the regular file `name`; nil when nothing is there, or something else.
  /// - Throws: when it has more than `limit` bytes.
  func read(_ name: FilePath.Component, limit: Int) throws(GitDataError) -> [UInt8]? {
    let file = try openFile(name)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(Int(facts.st_size), limit) + 1)
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(file, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure(path.appending(name), errno) }
      bytes += chunk[..<count]
      guard bytes.count <= limit else {
        throw GitDataError("\(path.appending(name)) is larger than \(limit) bytes")
      }
    }
  }

  /// A descriptor of the regular file `name` for reading, which the caller closes; -1 when
  /// nothing is there, or something that is no file.
  func openFile(_ name: FilePath.Component) throws(GitDataError) -> CInt {
    // Without blocking on a pipe.
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let file = name.withPlatformString { cposix_openat(descriptor, $0, flags) }
    if file >= 0 { return file }
    guard [ENOENT, ENOTDIR, ELOOP, ENXIO].contains(errno) else {
      throw Self.failure(path.appending(name), errno)
    }
    return -1
  }

  private func kind(
    _ name: FilePath.Component, _ type: UInt8
  ) throws(GitDataError) -> Kind {
    switch Int(type) {
    case Int(DT_DIR): return .directory
    case Int(DT_REG): return .file
    case Int(DT_LNK): return .link
    case Int(DT_UNKNOWN): break
    default: return .other
    }
    switch (try facts(name)?.st_mode ?? 0) & S_IFMT {
    case S_IFDIR: return .directory
    case S_IFREG: return .file
    case S_IFLNK: return .link
    default: return .other
    }
  }

  private static func missing(
    _ path: FilePath, _ reason: CInt
  ) throws(GitDataError) -> DataDirectory? {
    if reason == ENOENT { return nil }
    throw failure(path, reason)
  }

  private static func failure(_ path: FilePath, _ reason: CInt) -> GitDataError {
    if reason == ELOOP || reason == ENOTDIR {
      return GitDataError("\(path) is a symbolic link or no directory; it is not followed")
    }
    return GitDataError("cannot read \(path)", cause: String(cString: strerror(reason)))
  }
}
