internal import CPosix
internal import FoundationEssentials
internal import Glibc
internal import SystemPackage

/// The directory one build works in: the context podman sees, the id it writes, a base
/// image on its way. Only this user can write it; it may be passed through by others,
/// because mmdebstrap unpacks below it with the user's subordinate ids.
struct BuildDirectory: Sendable {
  let path: FilePath
  /// Holds the directory's lock: as long as it is locked, nobody sweeps it.
  private let lock: FileDescriptor

  private static let prefix = "ags-image-"

  /// What podman takes as context: private, and nothing but what the Containerfile needs.
  var context: FilePath { path.appending("context") }
  var containerfile: FilePath { path.appending("Containerfile") }
  /// An empty directory that every build step has mounted: `BuildInterruption` finds the
  /// build's processes by it. Its name is as unique as the directory's own.
  var marker: FilePath { path.appending("marker") }
  var baseArchive: FilePath { path.appending("base.tar") }

  /// Makes the directory in `TMPDIR`, else `/var/tmp`, where podman puts its own
  /// temporary files: a base image is 80 MB, and `/tmp` may be memory.
  init(host: Host) throws(ImageError) {
    let parent = Self.parent(host)
    var template = Array(parent.appending("\(Self.prefix)XXXXXX").string.utf8CString)
    let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
    guard made else {
      throw .noWorkDirectory(parent, reason: String(cString: strerror(errno)))
    }
    let name = template.withUnsafeBytes { String(decoding: $0.dropLast(), as: UTF8.self) }
    path = FilePath(name)
    do {
      lock = try Self.open(path)
    } catch {
      rmdir(name)
      throw .noWorkDirectory(parent, reason: "\(error)")
    }
    guard flock(lock.rawValue, LOCK_EX | LOCK_NB) == 0, chmod(name, 0o711) == 0,
      mkdir(context.string, 0o700) == 0, mkdir(marker.string, 0o755) == 0
    else {
      let reason = String(cString: strerror(errno))
      // Empty but for what was just made; the error above is the one to tell.
      _ = remove()
      throw .noWorkDirectory(parent, reason: reason)
    }
  }

  /// Writes what the Containerfile may copy or mount.
  func write(_ files: ImageFiles, certificates: FilePath?) throws(ImageError) {
    do {
      try write(files.containerfile, to: containerfile)
      try write(files.tmuxConfiguration, to: context.appending("tmux.conf"))
      try write(files.installScript, to: context.appending("install-release.sh"))
      if let certificates {
        try write(ImageFiles.read(certificates), to: context.appending("ca.crt"))
      }
    } catch {
      throw .noWorkDirectory(path, reason: "\(error)")
    }
  }

  private func write(_ bytes: [UInt8], to file: FilePath) throws {
    let descriptor = try FileDescriptor.open(
      file, .writeOnly, options: [.create, .exclusiveCreate],
      permissions: [.ownerReadWrite, .groupRead, .otherRead])
    try descriptor.closeAfter { _ = try descriptor.writeAll(bytes) }
  }

  /// The id podman wrote, without `sha256:`; `nil` if there is none.
  func readID(_ name: String) -> String? {
    // No file: the build did not get that far, which its status tells.
    guard let bytes = try? ImageFiles.read(path.appending(name)) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    let id = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
    let trimmed = String(id.prefix { $0.isHexDigit })
    return trimmed.count == 64 ? trimmed : nil
  }

  /// - Returns: false if something is left: files of subordinate ids.
  func remove() -> Bool {
    // Only the lock matters, and closing gives it up whatever it answers.
    try? lock.close()
    return Self.removeTree(path)
  }

  /// Removes the directories of builds that were killed.
  /// - Returns: those of which something is left.
  static func sweep(host: Host) -> [FilePath] {
    let parent = parent(host)
    // An unreadable parent is an error when a directory is made in it, not here.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.string)) ?? []
    return names.filter { $0.hasPrefix(prefix) }.map { parent.appending($0) }
      .filter { isAbandoned($0, userID: host.userID) && !removeTree($0) }
  }

  /// A directory of ours that nobody holds the lock of. One that is younger than a
  /// minute may be about to be locked.
  private static func isAbandoned(_ path: FilePath, userID: UInt32) -> Bool {
    // A link, a file, another user's, or gone meanwhile: not ours to remove.
    guard let descriptor = try? open(path) else { return false }
    defer { try? descriptor.close() }
    var facts = stat()
    guard fstat(descriptor.rawValue, &facts) == 0, facts.st_uid == userID,
      time(nil) - facts.st_mtim.tv_sec > 60
    else { return false }
    return flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0
  }

  private static func open(_ path: FilePath) throws -> FileDescriptor {
    try FileDescriptor.open(path, .readOnly, options: [.directory, .noFollow, .closeOnExec])
  }

  private static func removeTree(_ path: FilePath) -> Bool {
    guard let name = path.lastComponent?.string else { return false }
    return TreeRemoval.remove(name, in: path.removingLastComponent())
  }

  private static func parent(_ host: Host) -> FilePath {
    host.absolutePath("TMPDIR") ?? "/var/tmp"
  }
}
