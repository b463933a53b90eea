internal import CPosix
internal import FoundationEssentials
internal import Glibc
internal import SystemPackage

/// Where what an agent planted is moved to, with a journal to put it back. Kept when the
/// session's other files go.
struct GitAside {
  /// One thing that was moved or replaced.
  struct Entry: Sendable, Equatable, Codable {
    enum Kind: String, Sendable, Codable {
      case moved
      /// Something else is in its place now.
      case replaced
    }

    var kind: Kind
    var from: FilePath
    var to: FilePath
  }

  let directory: FilePath
  let session: String
  private(set) var entries: [Entry]

  static let journalName = "journal.json"

  /// - Parameter directory: made at the first move.
  init(_ directory: FilePath, session: String) throws {
    self.directory = directory
    self.session = session
    let journal = directory.appending(Self.journalName)
    guard let bytes = try RegularFile.read(journal, limit: 64 << 20, links: .refused) else {
      entries = []
      return
    }
    entries = try JSONDecoder().decode([Entry].self, from: Data(bytes))
  }

  /// Moves `name` of `parent` away.
  mutating func move(_ name: FilePath.Component, of parent: DataDirectory) throws {
    try take(.moved, name, of: parent) { target in
      try Self.rename(name, of: parent, to: target)
    }
  }

  /// Keeps the regular file `name` here and puts `bytes` in its place at once, so that it is
  /// never missing.
  mutating func replace(
    _ name: FilePath.Component, of parent: DataDirectory, with bytes: [UInt8]
  ) throws {
    try take(.replaced, name, of: parent) { target in
      let copy = DataCopy()
      let old = try parent.read(name, limit: 16 << 20) ?? []
      // Another one is left by a run that was killed.
      target.withPlatformString { _ = unlink($0) }
      try copy.write(old, to: target)
      try Self.write(bytes, as: name, in: parent)
    }
  }

  /// Puts everything back that is still here, the last first, where its place is free or
  /// holds what ags put there.
  /// - Returns: what could not be put back.
  static func restore(_ directory: FilePath, session: String) throws -> [FilePath] {
    var aside = try GitAside(directory, session: session)
    var left: [Entry] = []
    for entry in aside.entries.reversed() {
      guard GitMarker(at: entry.to) != nil else { continue }
      let isFree = GitMarker(at: entry.from) == nil || entry.kind == .replaced
      let parent = try DataDirectory.open(entry.from.removingLastComponent())
      guard isFree, let parent, let name = entry.from.lastComponent,
        Self.moveBack(entry.to, to: name, of: parent)
      else {
        left.append(entry)
        continue
      }
    }
    aside.entries = left.reversed()
    try aside.writeJournal()
    return left.map(\.from)
  }

  private mutating func take(
    _ kind: Entry.Kind, _ name: FilePath.Component, of parent: DataDirectory,
    _ body: (FilePath) throws -> Void
  ) throws {
    try PrivateDirectory.makeAll(directory)
    let label = String(name.string.prefix(64).filter { $0.isASCII && $0 != "/" })
    var entry = Entry(
      kind: kind, from: parent.path.appending(name),
      to: directory.appending("\(entries.count + 1)-\(label)"))
    entries.append(entry)
    // First, so that nothing is ever here without being known.
    try writeJournal()
    do {
      try body(entry.to)
    } catch let error as GitDataError where error == Self.otherFileSystem {
      // Then beside where it was, under a name that means nothing to git.
      entry.to = parent.path.appending("\(name.string).ags-aside-\(session)")
      entries[entries.count - 1] = entry
      try writeJournal()
      try body(entry.to)
    } catch {
      entries.removeLast()
      try writeJournal()
      throw error
    }
  }

  private func writeJournal() throws {
    try RegularFile.write(
      Array(JSONEncoder().encode(entries)), to: directory.appending(Self.journalName),
      existing: .replaced)
  }

  private static let otherFileSystem = GitDataError("it is on another file system")

  private static func rename(
    _ name: FilePath.Component, of parent: DataDirectory, to target: FilePath
  ) throws(GitDataError) {
    let status = withWritable(parent) {
      name.withPlatformString { name in
        target.withPlatformString { renameat(parent.descriptor, name, AT_FDCWD, $0) }
      }
    }
    if status == 0 { return }
    if errno == EXDEV { throw otherFileSystem }
    throw GitDataError(
      "cannot move \(parent.path.appending(name)) away", cause: String(cString: strerror(errno)))
  }

  private static func moveBack(
    _ source: FilePath, to name: FilePath.Component, of parent: DataDirectory
  ) -> Bool {
    withWritable(parent) {
      source.withPlatformString { source in
        name.withPlatformString { renameat(AT_FDCWD, source, parent.descriptor, $0) }
      }
    } == 0
  }

  private static func write(
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

  /// An agent may have taken the right to write from a directory's owner.
  private static func withWritable(_ directory: DataDirectory, _ body: () -> CInt) -> CInt {
    let status = body()
    var facts = stat()
    guard status != 0, errno == EACCES, fstat(directory.descriptor, &facts) == 0,
      fchmod(directory.descriptor, 0o700) == 0
    else { return status }
    defer { fchmod(directory.descriptor, facts.st_mode & 0o7777) }
    return body()
  }
}
