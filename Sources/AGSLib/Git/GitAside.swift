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
    /// Of what is in its place now.
    var written: String?
  }

  let directory: FilePath
  let session: String
  /// Also of moves that came to nothing.
  private(set) var entries: [Entry] = []
  /// The journal has a line that was not written to its end: of a move that never began.
  private var isTorn = false
  private var size = 0

  /// One entry a line.
  static let journalName = "journal.jsonl"
  private static let journalLimit = 256 << 20

  /// - Parameter directory: made at the first move.
  init(_ directory: FilePath, session: String) throws {
    self.directory = directory
    self.session = session
    let journal = directory.appending(Self.journalName)
    guard
      let bytes = try RegularFile.read(journal, limit: Self.journalLimit, links: .refused)
    else { return }
    size = bytes.count
    let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    isTorn = end != bytes.count
    let decoder = JSONDecoder()
    entries = try bytes[..<end].split(separator: UInt8(ascii: "\n")).map {
      try decoder.decode(Entry.self, from: Data($0))
    }
  }

  /// Moves `name` of `parent` away.
  mutating func move(_ name: FilePath.Component, of parent: DataDirectory) throws {
    try take(.moved, name, of: parent, written: nil) { target in
      try Self.rename(name, of: parent, to: target)
    }
  }

  /// Keeps the regular file `name` here and puts `bytes` in its place at once, so that it is
  /// never missing.
  mutating func replace(
    _ name: FilePath.Component, of parent: DataDirectory, with bytes: [UInt8]
  ) throws {
    try take(.replaced, name, of: parent, written: Digest.sha256(bytes)) { target in
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
    for entry in aside.entries.reversed() where GitMarker(at: entry.to) != nil {
      if try !aside.putBack(entry) { left.append(entry) }
    }
    aside.entries = left.reversed()
    try aside.writeJournal()
    return left.map(\.from)
  }

  private func putBack(_ entry: Entry) throws -> Bool {
    let parent: DataDirectory?
    do {
      parent = try DataDirectory.open(entry.from.removingLastComponent())
    } catch {
      // There is a link on the way, or one may not enter: the others are put back.
      return false
    }
    guard let parent, let name = entry.from.lastComponent else { return false }
    if GitMarker(at: entry.from) != nil {
      guard entry.kind == .replaced, let present = Self.content(name, of: parent) else {
        return false
      }
      if present == Self.content(of: entry.to) {
        // It was never replaced, or is the same again.
        return entry.to.withPlatformString { unlink($0) } == 0
      }
      // What somebody wrote there since then is not lost.
      guard Digest.sha256(present) == entry.written else { return false }
    }
    return Self.moveBack(entry.to, to: name, of: parent)
  }

  private static func content(of path: FilePath) -> [UInt8]? {
    do {
      return try RegularFile.read(path, limit: 16 << 20, links: .refused)
    } catch {
      // Nothing that ags replaced.
      return nil
    }
  }

  private static func content(_ name: FilePath.Component, of parent: DataDirectory) -> [UInt8]? {
    do {
      return try parent.read(name, limit: 16 << 20)
    } catch {
      // Nothing that ags wrote.
      return nil
    }
  }

  private mutating func take(
    _ kind: Entry.Kind, _ name: FilePath.Component, of parent: DataDirectory, written: String?,
    _ body: (FilePath) throws -> Void
  ) throws {
    try PrivateDirectory.makeAll(directory)
    let label = String(name.string.unicodeScalars.prefix(64).filter { $0.isASCII && $0 != "/" })
    var entry = Entry(
      kind: kind, from: parent.path.appending(name),
      to: directory.appending("\(entries.count + 1)-\(label)"), written: written)
    // First, so that nothing is ever here without being known.
    try remember(entry)
    do {
      try body(entry.to)
    } catch let error as GitDataError where error == Self.otherFileSystem {
      // Then beside where it was, under a name that means nothing to git and that nobody
      // could take before.
      let unique = String(UInt64.random(in: .min ... .max), radix: 36)
      entry.to = parent.path.appending("\(Self.besidePrefix)\(session)-\(unique)-\(label)")
      try remember(entry)
      try body(entry.to)
    }
  }

  /// Of what is aside where it was.
  static let besidePrefix = "ags-aside-"

  private mutating func remember(_ entry: Entry) throws {
    let journal = directory.appending(Self.journalName)
    if isTorn || GitMarker(at: journal) == nil {
      entries.append(entry)
      return try writeJournal()
    }
    let line = try Self.line(entry)
    guard size + line.count <= Self.journalLimit else {
      throw GitDataError("too much was moved to \(directory) already")
    }
    let file = journal.withPlatformString {
      cposix_open($0, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0)
    }
    guard file >= 0 else { throw Self.journalFailure(journal) }
    defer { close(file) }
    guard line.withUnsafeBytes({ Glibc.write(file, $0.baseAddress, $0.count) }) == line.count,
      fdatasync(file) == 0
    else {
      isTorn = true
      throw Self.journalFailure(journal)
    }
    size += line.count
    entries.append(entry)
  }

  private mutating func writeJournal() throws {
    let bytes = try entries.flatMap { try Self.line($0) }
    guard bytes.count <= Self.journalLimit else {
      throw GitDataError("too much was moved to \(directory) already")
    }
    try RegularFile.write(bytes, to: directory.appending(Self.journalName), existing: .replaced)
    size = bytes.count
    isTorn = false
  }

  private static func line(_ entry: Entry) throws -> [UInt8] {
    Array(try JSONEncoder().encode(entry)) + [UInt8(ascii: "\n")]
  }

  private static func journalFailure(_ journal: FilePath) -> GitDataError {
    GitDataError("cannot write \(journal)", cause: String(cString: strerror(errno)))
  }

  static let otherFileSystem = GitDataError("it is on another file system")
}
