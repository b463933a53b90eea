internal import AGSWire
internal import CPosix
internal import Glibc
public import SystemPackage

/// Content of a repository that is trusted or not: what it is, where, byte by byte.
public struct TrustSubject: Sendable, Equatable {
  /// The repository's root, links resolved.
  public var root: FilePath
  /// Which file of it: `.ags/config.toml`.
  public var name: String
  public var content: [UInt8]

  public init(root: FilePath, name: String, content: [UInt8]) {
    self.root = root
    self.name = name
    self.content = content
  }

  /// SHA-256 over root, name and content, each preceded by its length, so that no two
  /// subjects share their bytes.
  public var digest: String {
    func length(_ count: Int) -> [UInt8] { Array("\(count):".utf8) }
    let path = root.withPlatformString { pointer in
      Array(UnsafeRawBufferPointer(start: pointer, count: strlen(pointer)))
    }
    let name = Array(name.utf8)
    return Digest.sha256(
      Array("ags-trust-1 ".utf8), length(path.count), path, length(name.count), name,
      length(content.count), content)
  }
}

public enum TrustDecision: String, Sendable {
  case allowed
  case denied
}

/// What was decided about one content.
public struct TrustRecord: Sendable, Equatable {
  public var digest: String
  public var decision: TrustDecision
  public var root: String
  public var name: String
  /// What it asked from the host when it was allowed. When the same content asks for
  /// more later (a link was turned elsewhere), that is asked again.
  public var requests: [String]
  public var content: [UInt8]
}

/// The decisions of the user, one file each (mode 0600) in `state_dir/trust`
/// (2-config "Trust of an overlay").
public struct TrustStore: Sendable {
  public let directory: FilePath
  private let userID: UInt32

  /// The largest content that can be trusted, in bytes.
  public static let contentLimit = 1 << 20
  /// Header and content of one file.
  private static let recordLimit = contentLimit * 3

  public init(directory: FilePath, userID: UInt32) {
    self.directory = directory
    self.userID = userID
  }

  /// What was decided about exactly this content; nil when nothing was.
  public func record(of subject: TrustSubject) throws -> TrustRecord? {
    guard let record = try read(subject.digest) else { return nil }
    guard record.content == subject.content else { throw damaged(subject.digest) }
    return record
  }

  /// Keeps a decision, in place of an earlier one about the same content.
  public func decide(
    _ decision: TrustDecision, on subject: TrustSubject, requests: [String]
  ) throws {
    try PrivateDirectory.makeAll(directory.removingLastComponent())
    try PrivateDirectory.ensure(directory, userID: userID)
    let header = JSONValue.object([
      JSONMember("version", .integer(1)),
      JSONMember("decision", .string(decision.rawValue)),
      JSONMember("root", .string(subject.root.string)),
      JSONMember("name", .string(subject.name)),
      JSONMember("requests", .array(requests.map(JSONValue.string))),
    ])
    try RegularFile.write(
      header.encoded() + [UInt8(ascii: "\n")] + subject.content, to: path(subject.digest),
      existing: .replaced)
  }

  /// Every decision, oldest first.
  public func records() throws -> [TrustRecord] {
    guard let stream = opendir(directory.string) else {
      if errno == ENOENT { return [] }
      throw FileError(
        summary: "cannot read \(directory)", cause: String(cString: strerror(errno)))
    }
    defer { closedir(stream) }
    var found: [(time: timespec, record: TrustRecord)] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.count == 64, name.allSatisfy(\.isHexDigit) else { continue }
      var facts = stat()
      guard lstat(path(name).string, &facts) == 0, let record = try read(name) else { continue }
      found.append((facts.st_mtim, record))
    }
    return found.sorted {
      ($0.time.tv_sec, $0.time.tv_nsec, $0.record.digest)
        < ($1.time.tv_sec, $1.time.tv_nsec, $1.record.digest)
    }.map(\.record)
  }

  /// The content of that file that was allowed last, to show what changed since.
  public func lastAllowed(root: FilePath, name: String) throws -> [UInt8]? {
    try records().last {
      $0.decision == .allowed && $0.root == root.string && $0.name == name
    }?.content
  }

  /// Forgets every decision about `root`, a root as `records` shows it.
  /// - Returns: how many there were.
  public func revoke(root: String) throws -> Int {
    let matching = try records().filter { $0.root == root }
    for record in matching {
      guard unlink(path(record.digest).string) == 0 || errno == ENOENT else {
        throw FileError(
          summary: "cannot remove \(path(record.digest))",
          cause: String(cString: strerror(errno)))
      }
    }
    return matching.count
  }

  private func path(_ digest: String) -> FilePath { directory.appending(digest) }

  private func read(_ digest: String) throws -> TrustRecord? {
    let file = path(digest)
    var facts = stat()
    guard lstat(file.string, &facts) == 0 else { return nil }
    guard facts.st_uid == userID, facts.st_mode & 0o077 == 0 else {
      throw FileError(
        summary: "\(file) is not yours alone, so it decides nothing", hint: "remove it")
    }
    guard
      let bytes = try RegularFile.read(file, limit: Self.recordLimit, links: .refused)
    else { return nil }
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { throw damaged(digest) }
    let header: JSONValue
    do {
      header = try JSONReader.read(
        Array(bytes[..<end]), limits: JSONReader.Limits(size: Self.recordLimit, depth: 4))
    } catch {
      throw damaged(digest)
    }
    guard header["version"]?.integer == 1,
      let decision = header["decision"]?.string.flatMap(TrustDecision.init),
      let root = header["root"]?.string, let name = header["name"]?.string,
      let requests = header["requests"]?.array
    else { throw damaged(digest) }
    return TrustRecord(
      digest: digest, decision: decision, root: root, name: name,
      requests: requests.compactMap(\.string), content: Array(bytes[(end + 1)...]))
  }

  private func damaged(_ digest: String) -> FileError {
    FileError(summary: "the trust record \(path(digest)) is damaged", hint: "remove it")
  }
}
