internal import CPosix
internal import Dispatch
internal import FoundationEssentials
internal import Glibc
internal import Synchronization
public import SystemPackage

/// The events of all sessions of one user, a JSON object a line, in
/// `state_dir/audit/events.jsonl`; what is older is in `events.1.jsonl` and so on.
public final class AuditLog: AuditRecording {
  /// Above this many bytes a file becomes the newest of the old ones.
  static let fileSize = 4 << 20
  /// How many old files are kept.
  static let oldFiles = 4
  /// What one value may hold, in characters.
  static let valueLength = 2048

  private struct Line: Encodable {
    var time: String
    var session: String
    var event: String
    var fields: [String: String]
    var lost: Int?
  }

  private let directory: FilePath
  private let session: String
  private let queue = DispatchQueue(label: "audit")
  /// Events not kept since the last one that was.
  private let lost = Mutex(0)

  /// - Parameter directory: made, 0700, with the first event.
  public init(directory: FilePath, session: String) {
    self.directory = directory
    self.session = session
  }

  /// `state_dir/audit`.
  public static func directory(in stateDirectory: FilePath) -> FilePath {
    stateDirectory.appending("audit")
  }

  public func record(_ event: AuditEvent) {
    let time = Date().formatted(.iso8601)
    queue.async { self.write(event, time: time) }
  }

  /// Waits until what was recorded is written.
  public func flush() { queue.sync {} }

  private func write(_ event: AuditEvent, time: String) {
    let fields = event.fields.mapValues { TerminalText.escaped($0.prefix(Self.valueLength)) }
    let missing = lost.withLock { $0 }
    let line = Line(
      time: time, session: session, event: event.name, fields: fields,
      lost: missing == 0 ? nil : missing)
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      try append(Array(encoder.encode(line)) + [0x0A])
      lost.withLock { $0 = 0 }
    } catch {
      // A full disk must not keep anybody from working; the next line says that it happened.
      lost.withLock { $0 += 1 }
    }
  }

  private func append(_ line: [UInt8]) throws {
    try PrivateDirectory.makeAll(directory)
    let lock = try FileLock(directory.appending(".lock"))
    defer { withExtendedLifetime(lock) {} }
    let file = directory.appending("events.jsonl")
    var facts = stat()
    if lstat(file.string, &facts) == 0, Int(facts.st_size) + line.count > Self.fileSize {
      try rotate()
    }
    let descriptor = cposix_open(
      file.string, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw FileError(
        summary: "cannot write \(file)", cause: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    let written = line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    guard written == line.count else {
      // Half a line would spoil the next one as well.
      if written > 0, fstat(descriptor, &facts) == 0 {
        ftruncate(descriptor, facts.st_size - written)
      }
      throw FileError(summary: "cannot write \(file)")
    }
  }

  private func rotate() throws {
    for number in stride(from: Self.oldFiles, through: 1, by: -1) {
      let older = directory.appending("events.\(number).jsonl")
      let newer =
        number == 1
        ? directory.appending("events.jsonl")
        : directory.appending("events.\(number - 1).jsonl")
      guard rename(newer.string, older.string) == 0 || errno == ENOENT else {
        throw FileError(
          summary: "cannot rename \(newer)", cause: String(cString: strerror(errno)))
      }
    }
  }
}
