internal import CPosix
internal import Glibc
internal import SystemPackage

/// What is at the end of a path, every link on the way followed once and then never
/// again.
struct ResolvedPath {
  var path: FilePath
  var kind: MountKind?
  var owner: UInt32
  var group: UInt32
  var mode: UInt32

  /// Nil when nothing is there, or it may not be looked at.
  init?(_ path: FilePath) {
    // By bytes: as a `String` a name that is not UTF-8 would be another one.
    guard let resolved = path.withPlatformString({ realpath($0, nil) }) else { return nil }
    defer { free(resolved) }
    self.path = FilePath(platformString: resolved)
    var facts = stat()
    guard lstat(resolved, &facts) == 0 else { return nil }
    switch facts.st_mode & S_IFMT {
    case S_IFDIR: kind = .directory
    case S_IFREG, S_IFSOCK: kind = .file
    default: kind = nil
    }
    owner = facts.st_uid
    group = facts.st_gid
    mode = facts.st_mode & 0o7777
  }

  /// `path` with the links of its longest existing part resolved: where it would be
  /// made.
  static func ofMissing(_ path: FilePath) -> FilePath {
    if let existing = ResolvedPath(path) { return existing.path }
    // What is missing has no links: ".." after it is taken out, or what is checked were
    // another place than what is made.
    var existing = path.lexicallyNormalized()
    var missing: [FilePath.Component] = []
    while let last = existing.lastComponent {
      existing.removeLastComponent()
      missing.append(last)
      if let found = ResolvedPath(existing) { return found.path.appending(missing.reversed()) }
    }
    return path
  }
}

/// A source as it was opened, without following links anywhere on the way: what init must
/// find mounted. A plan's sources are resolved, so a link there was put in since then.
struct SourceIdentity: Equatable {
  var device: UInt64
  var inode: UInt64
  var isDirectory: Bool

  init(_ path: FilePath, kind: MountKind) throws(MountError) {
    guard let facts = try Self.facts(of: path) else {
      throw MountError("the mount source \(path) is gone")
    }
    guard facts.st_mode & S_IFMT != S_IFLNK else {
      throw MountError(
        "the mount source \(path) is a symbolic link, which is not followed",
        hint: "look at it: an agent can put one there; remove it")
    }
    isDirectory = facts.st_mode & S_IFMT == S_IFDIR
    guard isDirectory == (kind == .directory) else {
      throw MountError(
        "the mount source \(path) is not a \(kind == .directory ? "directory" : "file")",
        hint: "set kind = \"\(kind == .directory ? "file" : "dir")\" if that is what it is")
    }
    device = UInt64(facts.st_dev)
    inode = UInt64(facts.st_ino)
  }

  /// What is at a resolved path, nil when nothing is.
  static func kind(of path: FilePath) throws(MountError) -> MountKind? {
    guard let facts = try facts(of: path) else { return nil }
    switch facts.st_mode & S_IFMT {
    case S_IFDIR: return .directory
    case S_IFREG, S_IFSOCK: return .file
    default: throw MountError("\(path) is neither a directory nor a file")
    }
  }

  private static func facts(of path: FilePath) throws(MountError) -> stat? {
    let descriptor = cposix_open_without_links(path.string)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      let reason = errno
      throw MountError(
        reason == ELOOP
          ? "a link was put on the way to the mount source \(path)"
          : "cannot look at the mount source \(path)",
        cause: reason == ELOOP ? nil : String(cString: strerror(reason)),
        hint: reason == ELOOP ? "look at it: an agent can put one there; remove it" : nil)
    }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else {
      throw MountError("cannot look at the mount source \(path)")
    }
    return facts
  }
}
