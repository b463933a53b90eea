internal import CPosix
internal import Glibc
internal import SystemPackage

/// Walks everything below a directory, ignored, hidden and unreadable places included, and
/// finds what git could take for a repository. One directory is open at a time, no link is
/// followed, and it costs what listing the directories costs.
struct GitTrapScan {
  private(set) var found: [String: GitTraps] = [:]
  /// What could not be looked into.
  private(set) var unreadable: [FilePath] = []

  /// Places not to enter: the repositories that were quarantined.
  private let skipped: Set<[UInt8]>
  private let root: FilePath
  private var pending: [Pending] = []
  /// Digests of the files of each part that is a whole directory.
  private var wholes: [String: [String: [String]]] = [:]

  /// Bytes of a file that are compared.
  private static let contentLimit = 16 << 20

  private struct Pending {
    /// What `path` is below.
    var base: Base
    /// Below `base`; empty for that itself.
    var path: [UInt8]
    /// Below the root, for reports.
    var place: [UInt8]
    /// The git directory around it, and where in that it is.
    var owner: (key: String, path: String)?
    /// Called `.git`, so a git directory whatever is in it.
    var isNamed = false
  }

  private final class Base {
    let descriptor: CInt
    /// What a directory that was closed had. It gets that back when all below it was seen:
    /// nobody could enter what is in it before.
    let mode: mode_t?
    init(_ descriptor: CInt, restoring mode: mode_t? = nil) {
      self.descriptor = descriptor
      self.mode = mode
    }
    deinit {
      if let mode { fchmod(descriptor, mode) }
      close(descriptor)
    }
  }

  /// - Throws: when `root` itself cannot be opened.
  static func scan(
    _ root: FilePath, skipping skipped: Set<FilePath>
  ) throws(GitDataError) -> GitTrapScan {
    guard let directory = try DataDirectory.open(root) else { return GitTrapScan(root, skipped) }
    let descriptor = cposix_dup_high(directory.descriptor)
    guard descriptor >= 0 else {
      throw GitDataError("cannot read \(root)", cause: String(cString: strerror(errno)))
    }
    var scan = GitTrapScan(root, skipped)
    scan.pending = [
      Pending(
        base: Base(descriptor), path: [], place: [],
        isNamed: Self.isGitName(root.lastComponent.map { Array($0.string.utf8) } ?? []))
    ]
    while let next = scan.pending.popLast() { scan.visit(next) }
    scan.finish()
    return scan
  }

  private init(_ root: FilePath, _ skipped: Set<FilePath>) {
    self.root = root
    self.skipped = Set(skipped.compactMap { Self.place($0, below: root) })
  }

  /// The text of a path, in ASCII only: two names that are composed differently are equal as
  /// `String`s, and one that is not UTF-8 would be another one.
  static func text(_ bytes: [UInt8]) -> String {
    let isPlain = bytes.allSatisfy { $0 < 0x80 && $0 != UInt8(ascii: "%") }
    if isPlain { return String(decoding: bytes, as: UTF8.self) }
    let digits = Array("0123456789ABCDEF".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      if byte < 0x80, byte != UInt8(ascii: "%") {
        text.append(byte)
      } else {
        text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The way back.
  static func bytes(_ text: String) -> [UInt8] {
    let text = Array(text.utf8)
    var bytes: [UInt8] = []
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: "%"), index + 2 < text.count,
        let byte = UInt8(String(decoding: text[index + 1...index + 2], as: UTF8.self), radix: 16)
      {
        bytes.append(byte)
        index += 3
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
    return bytes
  }

  /// `root` with a path below it, as `text` writes that.
  static func path(_ text: String, below root: FilePath) -> FilePath {
    path(bytes(text), below: root)
  }

  private static func path(_ bytes: [UInt8], below root: FilePath) -> FilePath {
    guard !bytes.isEmpty else { return root }
    return (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
      root.appending(FilePath(platformString: $0.baseAddress!).components)
    }
  }

  private static func place(_ path: FilePath, below root: FilePath) -> [UInt8]? {
    var rest = path
    guard rest.removePrefix(root) else { return nil }
    return rest.withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
  }

  static func isGitName(_ name: some Collection<UInt8>) -> Bool {
    name.count == 4 && name.map { $0 | 0x20 } == Array(".git".utf8)
      && name.first == UInt8(ascii: ".")
  }

  private mutating func visit(_ directory: Pending) {
    guard let here = open(directory) else { return }
    let descriptor = here.descriptor
    defer { withExtendedLifetime(here) {} }
    guard
      let listing = DirectoryListing(
        descriptor, isInGit: directory.owner != nil || directory.isNamed)
    else {
      unreadable.append(path(directory.place))
      return
    }
    var owner = directory.owner
    if directory.isNamed || listing.isGitDirectory {
      let key = Self.text(directory.place)
      found[key] = GitTraps(kind: .directory)
      owner = (key, "")
    }
    // A long way is walked on from here: the system takes no path above 4096 bytes.
    var base = directory.base
    var prefix = directory.path
    if prefix.count > 2048 || here.mode != nil {
      base = here
      prefix = []
    }
    for name in listing.directories {
      let place = directory.place.isEmpty ? name : directory.place + [UInt8(ascii: "/")] + name
      if skipped.contains(place) { continue }
      let inside = owner.map { ($0.key, Self.join($0.path, name)) }
      if let inside, Self.isObjectDirectory(inside.1) { continue }
      pending.append(
        Pending(
          base: base, path: prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name,
          place: place, owner: inside, isNamed: Self.isGitName(name)))
    }
    for name in listing.odd { addOdd(name, in: descriptor, directory.place, owner) }
    for name in listing.files { addFile(name, in: descriptor, directory.place, owner) }
  }

  /// A directory of loose objects: git only reads what is in there.
  private static func isObjectDirectory(_ path: String) -> Bool {
    path.utf8.count == 10 && path.hasPrefix("objects/")
  }

  private static func join(_ path: String, _ name: [UInt8]) -> String {
    path.isEmpty ? text(name) : path + "/" + text(name)
  }

  private func path(_ place: [UInt8]) -> FilePath { Self.path(place, below: root) }

  /// A directory its owner may not read or enter is opened for as long as anything in it is
  /// waiting.
  private mutating func open(_ directory: Pending) -> Base? {
    let name = directory.path.isEmpty ? [UInt8(ascii: ".")] : directory.path
    func enter(_ flags: CInt) -> CInt {
      (name + [0]).withUnsafeBufferPointer { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          cposix_open_beneath(directory.base.descriptor, $0.baseAddress!, flags | O_DIRECTORY)
        }
      }
    }
    let descriptor = enter(O_RDONLY)
    if descriptor >= 0 {
      // Whoever may list it may still not be let in.
      var facts = stat()
      let isOpen = fstat(descriptor, &facts) != 0 || facts.st_mode & S_IXUSR != 0
      guard !isOpen, fchmod(descriptor, 0o700) == 0 else { return Base(descriptor) }
      return Base(descriptor, restoring: facts.st_mode & 0o7777)
    }
    // Gone, or something else by now: whoever works there meanwhile.
    if [ENOENT, ENOTDIR, ELOOP].contains(errno) { return nil }
    let place = errno == EACCES ? enter(CPOSIX_O_PATH) : -1
    guard place >= 0 else {
      unreadable.append(path(directory.place))
      return nil
    }
    defer { close(place) }
    var facts = stat()
    guard fstat(place, &facts) == 0, chmod("/proc/self/fd/\(place)", 0o700) == 0 else {
      unreadable.append(path(directory.place))
      return nil
    }
    let opened = cposix_openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0 else {
      unreadable.append(path(directory.place))
      return nil
    }
    return Base(opened, restoring: facts.st_mode & 0o7777)
  }

  private mutating func addOdd(
    _ name: [UInt8], in directory: CInt, _ place: [UInt8], _ owner: (key: String, path: String)?
  ) {
    let target = Self.target(of: name, in: directory)
    let digest = target.map { "link \(Digest.sha256($0))" } ?? "other"
    if Self.isGitName(name) {
      let key = Self.text(place.isEmpty ? name : place + [UInt8(ascii: "/")] + name)
      found[key] = GitTraps(kind: target == nil ? .other : .link, parts: ["": digest])
    } else if let owner {
      let part = Self.join(owner.path, name)
      // A directory that only looks like a repository keeps the links that are not git's.
      guard Self.isGitName(Self.bytes(owner.key).suffix(4)) || GitTraps.isLayout(part) else {
        return
      }
      found[owner.key]?.parts[part] = digest
    }
  }

  private static func target(of name: [UInt8], in directory: CInt) -> [UInt8]? {
    var target = [UInt8](repeating: 0, count: 4096)
    let length = (name + [0]).withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { name in
        target.withUnsafeMutableBytes {
          readlinkat(
            directory, name.baseAddress!, $0.baseAddress!.assumingMemoryBound(to: CChar.self),
            $0.count)
        }
      }
    }
    return length >= 0 ? Array(target[..<length]) : nil
  }

  private mutating func addFile(
    _ name: [UInt8], in directory: CInt, _ place: [UInt8], _ owner: (key: String, path: String)?
  ) {
    let isNamed = Self.isGitName(name)
    let path = owner.map { Self.join($0.path, name) }
    let part = path.flatMap { GitTraps.part(of: $0) }
    guard isNamed || part != nil else { return }
    let digest = content(name, in: directory)
    if isNamed {
      let key = Self.text(place.isEmpty ? name : place + [UInt8(ascii: "/")] + name)
      found[key] = GitTraps(kind: .file, parts: ["": digest])
    } else if let owner, let part, let path {
      if part == path {
        found[owner.key]?.parts[part] = digest
      } else {
        wholes[owner.key, default: [:]][part, default: []].append("\(path) \(digest)")
      }
    }
  }

  private func content(_ name: [UInt8], in directory: CInt) -> String {
    let component = (name.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
      FilePath.Component(platformString: $0.baseAddress!)
    }
    let copy = cposix_dup_high(directory)
    guard let component, copy >= 0 else { return "unreadable" }
    do {
      let bytes = try DataDirectory(copy, root).read(component, limit: Self.contentLimit)
      return bytes.map { "file \(Digest.sha256($0))" } ?? "gone"
    } catch {
      // Whatever it was before, it counts as changed.
      return "unreadable \(UInt64.random(in: .min ... .max))"
    }
  }

  private mutating func finish() {
    for (key, parts) in wholes {
      for (part, digests) in parts {
        let list = digests.sorted().joined(separator: "\n")
        found[key]?.parts[part] = "directory \(Digest.sha256(Array(list.utf8)))"
      }
    }
    wholes = [:]
  }
}
