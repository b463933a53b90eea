internal import CPosix
internal import Glibc
internal import SystemPackage

/// Copies files and directories out of a directory nobody vouches for into one of ags' own:
/// no link is followed, nothing but files and directories is taken, sizes have a limit.
struct DataCopy {
  /// Whose the copies are, when `ags` runs as root.
  var owner: (uid: UInt32, gid: UInt32)?
  /// Writes nothing: for who only wants to know what there would be.
  var isRehearsal = false
  /// Bytes one file may have.
  var fileLimit: Int64 = 1 << 30
  /// Bytes all calls together may copy.
  var totalLimit: Int64 = .max
  /// Passes over files that are mostly holes: a copy of them would fill the disk.
  var refusesHoles = false
  /// Files all calls together may copy.
  var countLimit = 500_000
  /// What was there and could not be taken.
  private(set) var skipped: [FilePath] = []
  private(set) var bytes: Int64 = 0
  private var count = 0

  /// Directories inside each other.
  private static let depthLimit = 64

  init(owner: (uid: UInt32, gid: UInt32)? = nil, fileLimit: Int64 = 1 << 30) {
    self.owner = owner
    self.fileLimit = fileLimit
  }

  /// Copies `name` of `directory` to `target`, which must not be there yet, with all below
  /// it. Nothing happens when it is missing; what is no file or directory is skipped.
  mutating func copy(
    _ name: FilePath.Component, of directory: DataDirectory, to target: FilePath
  ) throws(GitDataError) {
    guard !isRehearsal, let facts = try directory.facts(name) else { return }
    switch facts.st_mode & S_IFMT {
    case S_IFREG: try copyFile(name, of: directory, to: target)
    case S_IFDIR:
      if let child = try directory.directory(name) {
        try copyDirectory(child, to: target, depth: 0)
      }
    default: skipped.append(directory.path.appending(name))
    }
  }

  /// Makes the directory `path`, mode 0700, if it is missing; its parent must be there.
  func makeDirectory(_ path: FilePath) throws(GitDataError) {
    if isRehearsal { return }
    if path.withPlatformString({ mkdir($0, 0o700) }) == 0 {
      try give(path)
    } else if errno != EEXIST {
      throw Self.failure(path, errno)
    }
  }

  /// Writes a new file.
  func write(_ bytes: [UInt8], to path: FilePath) throws(GitDataError) {
    if isRehearsal { return }
    let file = try create(path, executable: false)
    defer { close(file) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure(path, errno) }
      rest = rest.dropFirst(count)
    }
  }

  /// Copies one regular file; false when it was skipped.
  @discardableResult
  mutating func copyFile(
    _ name: FilePath.Component, of directory: DataDirectory, to target: FilePath
  ) throws(GitDataError) -> Bool {
    let source = try directory.openFile(name)
    guard source >= 0 else {
      skipped.append(directory.path.appending(name))
      return false
    }
    defer { close(source) }
    var facts = stat()
    guard fstat(source, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG,
      facts.st_size <= min(fileLimit, totalLimit - bytes), !isHollow(source, facts)
    else {
      skipped.append(directory.path.appending(name))
      return false
    }
    count += 1
    guard count <= countLimit else {
      throw GitDataError("\(directory.path) has more than \(countLimit) files")
    }
    let file = try create(target, executable: facts.st_mode & 0o100 != 0)
    defer { close(file) }
    // It may still grow while it is copied.
    let copied = cposix_copy_file(source, file, min(fileLimit, totalLimit - bytes))
    guard copied >= 0 else {
      let reason = errno
      target.withPlatformString { _ = unlink($0) }
      guard reason == EFBIG else { throw Self.failure(target, reason) }
      skipped.append(directory.path.appending(name))
      return false
    }
    bytes += copied
    return true
  }

  private func isHollow(_ file: CInt, _ facts: stat) -> Bool {
    guard refusesHoles, facts.st_size > 1 << 20 else { return false }
    if facts.st_blocks * 512 >= facts.st_size / 2 { return false }
    // Some file systems count blocks only once they are written.
    var settled = stat()
    return fsync(file) != 0 || fstat(file, &settled) != 0
      || settled.st_blocks * 512 < settled.st_size / 2
  }

  private mutating func copyDirectory(
    _ directory: DataDirectory, to target: FilePath, depth: Int
  ) throws(GitDataError) {
    guard depth < Self.depthLimit else {
      skipped.append(directory.path)
      return
    }
    try makeDirectory(target)
    for entry in try directory.entries(limit: countLimit) {
      let path = target.appending(entry.name)
      switch entry.kind {
      case .file: try copyFile(entry.name, of: directory, to: path)
      case .directory:
        guard let child = try directory.directory(entry.name) else { continue }
        try copyDirectory(child, to: path, depth: depth + 1)
      case .link, .other: skipped.append(directory.path.appending(entry.name))
      }
    }
  }

  private func create(_ path: FilePath, executable: Bool) throws(GitDataError) -> CInt {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let file = path.withPlatformString { cposix_open($0, flags, executable ? 0o700 : 0o600) }
    guard file >= 0 else { throw Self.failure(path, errno) }
    if let owner { fchown(file, owner.uid, owner.gid) }
    return file
  }

  private func give(_ path: FilePath) throws(GitDataError) {
    guard let owner else { return }
    guard path.withPlatformString({ lchown($0, owner.uid, owner.gid) }) == 0 else {
      throw Self.failure(path, errno)
    }
  }

  private static func failure(_ path: FilePath, _ reason: CInt) -> GitDataError {
    GitDataError("cannot write \(path)", cause: String(cString: strerror(reason)))
  }
}
