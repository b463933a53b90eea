internal import SystemPackage

/// What `HEAD` says.
enum GitHead: Sendable, Equatable, Codable {
  /// On a branch, which need not exist yet.
  case symbolic(GitReferenceName)
  case detached(GitObjectID)
}

/// The references of a git directory in the files format, read as data and never by
/// running git in it (11-git "After" 3).
struct GitReferences: Sendable, Equatable {
  /// By name, without the symbolic ones.
  var objects: [GitReferenceName: GitObjectID] = [:]
  /// References to others, such as `refs/remotes/origin/HEAD`.
  var symbolic: [GitReferenceName: GitReferenceName] = [:]
  /// Nil when it is missing or says nothing git would take.
  var head: GitHead?
  /// Names and contents that git would not take, or that are no files: how many.
  var oddities = 0

  /// Far above what repositories have; an agent's one with more is not read.
  static let limit = 200_000
  /// The longest `packed-refs`, in bytes.
  static let packedLimit = 64 << 20

  /// Reads `common`, a repository's directory, with the `HEAD` of `own`: another one for a
  /// linked worktree.
  /// - Throws: beyond the limits, or when a file cannot be read.
  static func read(
    _ common: DataDirectory, headOf own: DataDirectory? = nil
  ) throws(GitDataError) -> GitReferences {
    var references = GitReferences()
    if let packed = try common.read("packed-refs", limit: packedLimit) {
      try references.addPacked(packed)
    }
    if let refs = try common.directory("refs") {
      try references.addLoose(refs, prefix: "refs", depth: 0)
    }
    references.head = try head(of: own ?? common)
    return references
  }

  /// What `HEAD` of a git directory or worktree says.
  static func head(of directory: DataDirectory) throws(GitDataError) -> GitHead? {
    try directory.read("HEAD", limit: 4096).flatMap { head($0) }
  }

  mutating func addPacked(_ bytes: [UInt8]) throws(GitDataError) {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      // Comments, and what an annotated tag points to.
      if line.first == UInt8(ascii: "#") || line.first == UInt8(ascii: "^") { continue }
      guard let space = line.firstIndex(of: UInt8(ascii: " ")),
        let object = Self.object(line[..<space]),
        let text = String(validating: line[line.index(after: space)...], as: UTF8.self),
        let name = GitReferenceName(text)
      else {
        oddities += 1
        continue
      }
      try add(name, object)
    }
  }

  /// Loose ones win over packed ones.
  private mutating func addLoose(
    _ directory: DataDirectory, prefix: String, depth: Int
  ) throws(GitDataError) {
    guard depth <= 32 else {
      oddities += 1
      return
    }
    for entry in try directory.entries(limit: Self.limit) {
      guard let part = String(validating: entry.name) else {
        oddities += 1
        continue
      }
      let text = "\(prefix)/\(part)"
      switch entry.kind {
      case .directory:
        guard let child = try directory.directory(entry.name) else { continue }
        try addLoose(child, prefix: text, depth: depth + 1)
      case .file:
        // What git is writing, or left when it was killed.
        if part.hasSuffix(".lock") { continue }
        let content = try directory.read(entry.name, limit: 4096) ?? []
        switch (GitReferenceName(text), Self.head(content)) {
        case (let name?, .detached(let object)): try add(name, object)
        case (let name?, .symbolic(let target)): symbolic[name] = target
        default: oddities += 1
        }
      case .link, .other: oddities += 1
      }
    }
  }

  private mutating func add(
    _ name: GitReferenceName, _ object: GitObjectID
  ) throws(GitDataError) {
    objects[name] = object
    guard objects.count <= Self.limit else {
      throw GitDataError("more than \(Self.limit) references")
    }
  }

  private static func head(_ bytes: [UInt8]) -> GitHead? {
    let line = line(bytes)
    if line.starts(with: "ref:".utf8) {
      let name = line.dropFirst(4).drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      return String(validating: name, as: UTF8.self).flatMap { GitReferenceName($0) }
        .map { .symbolic($0) }
    }
    return object(line).map { .detached($0) }
  }

  private static func line(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
  }

  private static func object(_ bytes: ArraySlice<UInt8>) -> GitObjectID? {
    String(validating: bytes, as: UTF8.self).flatMap { GitObjectID($0) }
  }
}
