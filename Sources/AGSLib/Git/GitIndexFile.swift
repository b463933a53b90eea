internal import Glibc

/// The entries of a git index, read as data (gitformat-index(5)): versions 2 to 4. A split
/// index is refused, since half of it is elsewhere.
struct GitIndexFile: Sendable, Equatable {
  struct Entry: Sendable, Equatable {
    var path: [UInt8]
    var mode: UInt32
    /// The object's name, 20 or 32 bytes.
    var object: [UInt8]
    /// Above 0 in a conflict.
    var stage: Int
    var isSkipped = false
    var isIntentToAdd = false

    /// In hexadecimal digits.
    var objectText: String {
      var text: [UInt8] = []
      let digits = Array("0123456789abcdef".utf8)
      for byte in object { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
      return String(decoding: text, as: UTF8.self)
    }

    /// Which commit of another repository is here, not what is in it.
    var isGitlink: Bool { mode == 0o160000 }
  }

  var entries: [Entry] = []

  /// Those the work tree need not have, each with a zero behind it.
  var skippedPaths: [UInt8] {
    var paths: [UInt8] = []
    for entry in entries where entry.isSkipped { paths += entry.path + [0] }
    return paths
  }

  /// The largest index that is read, in bytes.
  static let limit = 256 << 20

  /// - Throws: for what git would refuse as well, and for a split index.
  init(_ bytes: [UInt8], format: GitObjectFormat) throws(GitDataError) {
    // Not there yet: nothing is tracked.
    if bytes.isEmpty { return }
    var entries: [Entry] = []
    let isSound = bytes.withUnsafeBytes { buffer in
      var reader = IndexReader(buffer, format: format)
      return reader.read { entries.append($0) }
    }
    guard isSound else { throw Self.damaged }
    self.entries = entries
  }

  /// The paths at which commits of other repositories are, without reading all the rest.
  static func gitlinks(
    _ bytes: [UInt8], format: GitObjectFormat
  ) throws(GitDataError) -> [[UInt8]] {
    if bytes.isEmpty { return [] }
    var paths: [[UInt8]] = []
    let isSound = bytes.withUnsafeBytes { buffer in
      var reader = IndexReader(buffer, format: format)
      reader.onlyMode = 0o160000
      return reader.read { paths.append($0.path) }
    }
    guard isSound else { throw damaged }
    return paths
  }

  private static let damaged = GitDataError("the index is damaged, or a split one")

  var isConflicted: Bool { entries.contains { $0.stage > 0 } }
}

extension GitIndexFile.Entry {
  /// A line of `git ls-tree -r`, of a directory that is not checked out; nil for what is none.
  init?(treeLine line: ArraySlice<UInt8>, below directory: [UInt8]) {
    let parts = line.split(separator: UInt8(ascii: "\t"), maxSplits: 1)
    guard parts.count == 2 else { return nil }
    let words = String(decoding: parts[0], as: UTF8.self).split(separator: " ")
    guard words.count == 3, let mode = UInt32(words[0], radix: 8), let id = GitObjectID(words[2])
    else { return nil }
    let digits = Array(id.text.utf8)
    let object = stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
    }
    self.init(path: directory + parts[1], mode: mode, object: object, stage: 0, isSkipped: true)
  }
}

/// How object names are made.
enum GitObjectFormat: String, Sendable, Codable {
  case sha1
  case sha256

  /// Of a name in bytes.
  var size: Int { self == .sha1 ? 20 : 32 }

  /// The name that stands for none.
  var zero: String { String(repeating: "0", count: size * 2) }

  /// Nil for one that ags does not know.
  init?(_ settings: [GitSetting]) {
    let named = settings.last { $0.key == "extensions.objectformat" }
    self.init(rawValue: named?.text.lowercased() ?? "sha1")
  }
}

private struct IndexReader {
  private let buffer: UnsafeRawBufferPointer
  private let format: GitObjectFormat
  private var position = 12
  private var path: [UInt8] = []
  /// Bytes of all paths: in version 4 each entry of a few bytes may have a long one.
  private var pathBytes = 0
  /// Entries of other modes are passed over.
  var onlyMode: UInt32?

  init(_ buffer: UnsafeRawBufferPointer, format: GitObjectFormat) {
    self.buffer = buffer
    self.format = format
  }

  /// False when it is damaged.
  mutating func read(_ take: (GitIndexFile.Entry) -> Void) -> Bool {
    guard buffer.count >= 12 + format.size, buffer.starts(with: "DIRC".utf8),
      let version = integer(4), (2...4).contains(version), let count = integer(8)
    else { return false }
    for _ in 0..<count {
      guard entry(version, take) else { return false }
    }
    return extensionsAreKnown()
  }

  private mutating func entry(
    _ version: UInt32, _ take: (GitIndexFile.Entry) -> Void
  ) -> Bool {
    let start = position
    let object = start + 40
    guard let mode = integer(start + 24), let flags = short(object + format.size) else {
      return false
    }
    position = object + format.size + 2
    var extended: UInt16 = 0
    if flags & 0x4000 != 0 {
      guard version >= 3, let more = short(position) else { return false }
      extended = more
      position += 2
    }
    if version == 4 {
      guard let dropped = offset(), dropped <= path.count else { return false }
      path.removeLast(dropped)
    } else {
      path.removeAll(keepingCapacity: true)
    }
    guard let length = length() else { return false }
    let isWanted = onlyMode == nil || onlyMode == mode
    if isWanted || version == 4 { path += buffer[position..<(position + length)] }
    // At least one zero, in the older versions up to a multiple of eight.
    position += version == 4 ? length + 1 : length + 8 - (position + length - start) % 8
    // In version 4 a path builds on the one before: without a limit they could grow for ever.
    guard length > 0 || version == 4, path.count <= 4096, position <= buffer.count - format.size
    else { return false }
    guard isWanted else { return true }
    pathBytes += path.count
    guard pathBytes <= GitIndexFile.limit else { return false }
    take(
      GitIndexFile.Entry(
        path: path, mode: mode, object: Array(buffer[object..<(object + format.size)]),
        stage: Int(flags >> 12 & 3), isSkipped: extended & 0x4000 != 0,
        isIntentToAdd: extended & 0x2000 != 0))
    return true
  }

  /// Of the name at the position, up to its zero.
  private func length() -> Int? {
    guard position < buffer.count else { return nil }
    let start = buffer.baseAddress! + position
    return memchr(start, 0, buffer.count - position).map { UnsafeRawPointer($0) - start }
  }

  /// Those whose name begins in lower case must be understood: `sdir` says no more than
  /// that directories may be entries, `link` is the split index.
  private mutating func extensionsAreKnown() -> Bool {
    let end = buffer.count - format.size
    while position < end {
      guard position + 8 <= end, let size = integer(position + 4) else { return false }
      let name = buffer[position..<(position + 4)]
      let isOptional = name[position] < UInt8(ascii: "a")
      guard isOptional || name.elementsEqual("sdir".utf8) else { return false }
      position += 8 + Int(size)
    }
    return position == end
  }

  private func integer(_ at: Int) -> UInt32? {
    guard at >= 0, at + 4 <= buffer.count else { return nil }
    return UInt32(bigEndian: buffer.loadUnaligned(fromByteOffset: at, as: UInt32.self))
  }

  private func short(_ at: Int) -> UInt16? {
    guard at >= 0, at + 2 <= buffer.count else { return nil }
    return UInt16(bigEndian: buffer.loadUnaligned(fromByteOffset: at, as: UInt16.self))
  }

  /// A number as in a pack's offsets.
  private mutating func offset() -> Int? {
    var value = 0
    for step in 0..<5 {
      guard position < buffer.count else { return nil }
      let byte = buffer[position]
      position += 1
      value = (step == 0 ? 0 : (value + 1) << 7) | Int(byte & 0x7F)
      if byte & 0x80 == 0 { return value }
    }
    return nil
  }
}
