internal import FoundationEssentials
internal import Glibc
internal import SystemPackage

/// The directory one build works in: the context podman sees, the id it writes, a base
/// image on its way. Only this user can write it; it may be passed through by others,
/// because mmdebstrap unpacks below it with the user's subordinate ids.
struct BuildDirectory: Sendable {
  let path: FilePath

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
    let parent = host.absolutePath("TMPDIR") ?? "/var/tmp"
    var template = Array(parent.appending("ags-image-XXXXXX").string.utf8CString)
    let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
    guard made else {
      throw .noWorkDirectory(parent, reason: String(cString: strerror(errno)))
    }
    let name = template.withUnsafeBytes { String(decoding: $0.dropLast(), as: UTF8.self) }
    path = FilePath(name)
    guard chmod(name, 0o711) == 0, mkdir(context.string, 0o700) == 0,
      mkdir(marker.string, 0o755) == 0
    else {
      let reason = String(cString: strerror(errno))
      // Empty but for what was just made; the error above is the one to tell.
      _ = TreeRemoval.remove(path.lastComponent?.string ?? "", in: path.removingLastComponent())
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
    guard let name = path.lastComponent?.string else { return false }
    return TreeRemoval.remove(name, in: path.removingLastComponent())
  }
}
