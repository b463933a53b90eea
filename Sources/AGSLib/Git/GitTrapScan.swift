internal import CPosix
internal import Glibc
internal import SystemPackage

/// Walks everything below a directory, ignored, hidden and unreadable places included, and
/// finds what git could take for a repository. One directory is open at a time, no link is
/// followed, and it costs what listing the directories costs.
struct GitTrapScan {
  private(set) var found: [String: GitTraps] = [:]
  /// What could not be looked into.
  var unreadable: [FilePath] = []

  /// Places not to enter: the repositories that were quarantined.
  private let skipped: Set<[UInt8]>
  private let skippedNames: Set<[UInt8]>
  private let root: FilePath
  private var pending: [Pending] = []
  /// The path below the root of the directory that is being looked at. What waits has
  /// only the length of its part of it: the last one that waits is always the next.
  private(set) var way: [UInt8] = []
  /// Digests of the files of each part that is a whole directory.
  private var wholes: [String: [String: [String]]] = [:]
  /// Bytes of what may still be remembered.
  private var budget: Int
  let closed = ScannedDirectory.Closed()

  /// Bytes of a file that are compared.
  private static let contentLimit = 16 << 20
  /// Directories inside each other, and the bytes of a path.
  private static let depthLimit = 4000
  private static let pathLimit = 64 << 10
  /// Bytes of a path in a git directory: git takes no longer one.
  private static let innerLimit = 4096

  struct Pending {
    /// What is open above it.
    var base: ScannedDirectory
    /// How much of `way` leads to what it is in.
    var parent: Int
    var name: [UInt8]
    var depth: Int
    /// The git directory around it.
    var owner: Owner?
    /// Called `.git`, so a git directory whatever is in it.
    var isNamed = false
  }

  /// A git directory, and those around it: one in another's `hooks` takes nothing from that.
  final class Owner {
    let key: String
    /// How much of `way` leads to it.
    let length: Int
    let isNamed: Bool
    /// Called `.git` and nothing like it.
    let isExact: Bool
    let outer: Owner?
    let depth: Int

    static let depthLimit = 32

    init(_ way: [UInt8], isNamed: Bool, isExact: Bool, outer: Owner?) {
      key = GitTrapScan.text(way)
      length = way.count
      self.isNamed = isNamed
      self.isExact = isExact
      self.outer = outer
      depth = (outer?.depth ?? 0) + 1
    }

    /// From the outermost.
    var start: Int { outer?.start ?? length }
  }

  /// - Parameter budget: bytes of what is remembered; above that the root counts as unreadable.
  /// - Throws: when `root` itself cannot be opened.
  static func scan(
    _ root: FilePath, skipping skipped: Set<FilePath>, budget: Int = 64 << 20
  ) throws(GitDataError) -> GitTrapScan {
    var scan = GitTrapScan(root, skipped, budget)
    guard let directory = try DataDirectory.open(root) else { return scan }
    let descriptor = cposix_dup_high(directory.descriptor)
    guard descriptor >= 0 else {
      throw GitDataError("cannot read \(root)", cause: String(cString: strerror(errno)))
    }
    scan.pending = [
      Pending(
        base: ScannedDirectory(descriptor, at: 0), parent: 0, name: [], depth: 0,
        isNamed: Self.isGitName(scan.rootName))
    ]
    while scan.budget > 0, let next = scan.pending.popLast() { scan.visit(next) }
    scan.finish()
    return scan
  }

  private init(_ root: FilePath, _ skipped: Set<FilePath>, _ budget: Int) {
    self.root = root
    self.budget = budget
    self.skipped = Set(skipped.compactMap { Self.place($0, below: root) })
    skippedNames = Set(
      self.skipped.map { Array($0.split(separator: UInt8(ascii: "/")).last ?? []) })
  }

  private var rootName: [UInt8] { root.lastComponent.map { Array($0.string.utf8) } ?? [] }

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
    way.removeSubrange(directory.parent...)
    Self.append(directory.name, to: &way)
    guard let here = open(directory) else { return }
    defer { withExtendedLifetime(here) {} }
    guard
      let listing = DirectoryListing(
        here.descriptor, isInGit: directory.owner != nil || directory.isNamed)
    else { return cannotRead(way) }
    var owner = directory.owner
    if directory.isNamed || listing.isGitDirectory {
      guard (owner?.depth ?? 0) < Owner.depthLimit else { return cannotRead(way) }
      let name = directory.name.isEmpty ? rootName : directory.name
      let own = Owner(
        way, isNamed: directory.isNamed, isExact: name == Array(".git".utf8), outer: owner)
      remember(GitTraps(kind: .directory), at: own.key)
      owner = own
    }
    // A long way is walked on from here: the system takes no path above 4096 bytes.
    let isBase = way.count - directory.base.length > 1024 || here.mode != nil
    let base = isBase ? here : directory.base
    for name in listing.directories {
      let isNamed = Self.isGitName(name)
      if skippedNames.contains(name), skipped.contains(place(of: name)) { continue }
      if let owner, isObjectDirectory(name, owner) { continue }
      let length = way.count + 1 + name.count
      guard directory.depth < Self.depthLimit, length <= Self.pathLimit,
        length - (owner?.start ?? length) <= Self.innerLimit
      else {
        cannotRead(place(of: name))
        continue
      }
      pending.append(
        Pending(
          base: base, parent: way.count, name: name, depth: directory.depth + 1, owner: owner,
          isNamed: isNamed))
    }
    for name in listing.odd { addOdd(name, in: here.descriptor, owner) }
    let owners = around(owner).filter { GitTraps.canHold($0.path) }
    for name in listing.files { addFile(name, in: here.descriptor, owners) }
  }

  /// A directory of loose objects: git only reads what is in there. Only in a `.git`: in what
  /// merely looks like a git directory it may be anything.
  private func isObjectDirectory(_ name: [UInt8], _ owner: Owner) -> Bool {
    guard name.count == 2, name.allSatisfy({ Self.hexDigits.contains($0) }) else { return false }
    var next: Owner? = owner
    while let owner = next {
      if owner.isExact, inner(owner.length).elementsEqual("objects".utf8) { return true }
      next = owner.outer
    }
    return false
  }

  private static let hexDigits = Array("0123456789abcdef".utf8)

  private static func append(_ name: [UInt8], to way: inout [UInt8]) {
    if !way.isEmpty, !name.isEmpty { way.append(UInt8(ascii: "/")) }
    way += name
  }

  private func place(of name: [UInt8]) -> [UInt8] {
    var place = way
    Self.append(name, to: &place)
    return place
  }

  /// The end of `way`, below its first `length` bytes.
  func inner(_ length: Int) -> ArraySlice<UInt8> {
    way[min(length == 0 ? 0 : length + 1, way.count)...]
  }

  /// The git directories around what is being looked at, the innermost first, and where in
  /// each it is.
  private func around(_ owner: Owner?) -> [(owner: Owner, path: String)] {
    var all: [(Owner, String)] = []
    var next = owner
    while let owner = next {
      all.append((owner, Self.text(Array(inner(owner.length)))))
      next = owner.outer
    }
    return all
  }

  private static func join(_ path: String, _ name: [UInt8]) -> String {
    path.isEmpty ? text(name) : path + "/" + text(name)
  }

  mutating func cannotRead(_ place: [UInt8]) {
    guard spend(place.count) else { return }
    unreadable.append(Self.path(place, below: root))
  }

  private mutating func remember(_ traps: GitTraps, at key: String) {
    guard spend(key.utf8.count) else { return }
    found[key] = traps
  }

  private mutating func remember(_ part: String, _ digest: String, of owner: Owner) {
    guard spend(part.utf8.count) else { return }
    found[owner.key]?.parts[part] = digest
  }

  /// What an agent makes must not fill the memory, nor the record that is kept of it.
  private mutating func spend(_ bytes: Int) -> Bool {
    guard budget > 0 else { return false }
    budget -= bytes + 100
    guard budget <= 0 else { return true }
    unreadable.append(root)
    return false
  }

  private mutating func addOdd(_ name: [UInt8], in directory: CInt, _ owner: Owner?) {
    let isNamed = Self.isGitName(name)
    guard isNamed || owner != nil else { return }
    let target = Self.target(of: name, in: directory)
    let digest = target.map { "link \(Digest.sha256($0))" } ?? "other"
    if isNamed {
      let traps = GitTraps(kind: target == nil ? .other : .link, parts: ["": digest])
      return remember(traps, at: Self.text(place(of: name)))
    }
    var isTaken = false
    for (owner, path) in around(owner) where !isTaken || GitTraps.canHold(path) {
      let part = Self.join(path, name)
      // A directory that only looks like a repository keeps the links that are not git's.
      guard owner.isNamed || GitTraps.isLayout(part) else { continue }
      remember(part, digest, of: owner)
      isTaken = true
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
    _ name: [UInt8], in directory: CInt, _ owners: [(owner: Owner, path: String)]
  ) {
    if Self.isGitName(name) {
      let traps = GitTraps(kind: .file, parts: ["": content(name, in: directory)])
      return remember(traps, at: Self.text(place(of: name)))
    }
    var digest: String?
    for (owner, path) in owners {
      let path = Self.join(path, name)
      guard let part = GitTraps.part(of: path) else { continue }
      let known = digest ?? content(name, in: directory)
      digest = known
      if part == path {
        remember(part, known, of: owner)
      } else if spend(path.utf8.count) {
        wholes[owner.key, default: [:]][part, default: []].append("\(path) \(known)")
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
