/// What an agent says about a tool call before it makes it: the part of a `PreToolUse`
/// document that the guard needs (4-channels "Guard"). Contents of files are not kept.
public struct HookDocument: Equatable, Sendable {
  /// One value of `tool_input`, at any depth.
  public struct Field: Equatable, Sendable {
    /// The member's name in lower case without `_` and `-`; an array's elements have
    /// the array's.
    public var name: [UInt8]
    /// nil when the value is neither a string nor null.
    public var text: [UInt8]?
  }

  /// Never empty.
  public var toolName: [UInt8]
  /// The agent's working directory, when it says so.
  public var workingDirectory: [UInt8]?
  /// The values whose names stand for paths, commands or searches, in their order.
  public var fields: [Field] = []

  /// The longest document, in bytes.
  public static var maximumSize: Int { 32 << 20 }
  /// Arrays and objects inside each other.
  public static var maximumDepth: Int { 64 }
  /// The most values that are kept.
  public static var maximumFields: Int { 10_000 }

  /// Reads one document piece by piece. Throws for anything but one complete, strictly
  /// written document with a `tool_name`.
  public static func read<Source: ByteSource>(
    _ source: inout Source
  ) throws(HookError) -> HookDocument {
    var reader = HookReader(source: source)
    defer { source = reader.source }
    do throws(HookError) {
      return try reader.document()
    } catch {
      if reader.sourceFailed { throw .unreadable }
      if reader.isTooLarge {
        throw .malformed(JSONError(.tooLarge, offset: HookDocument.maximumSize))
      }
      throw error
    }
  }
}

/// Where bytes come from, a piece at a time.
public protocol ByteSource {
  /// Puts bytes at the beginning of `buffer` and returns how many: 0 at the end, less
  /// when it cannot be read.
  mutating func read(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int
}

/// Why a hook document was refused. Holds nothing of its content.
public enum HookError: Error, Equatable, Sendable {
  case unreadable
  case malformed(JSONError)
  /// A member that is missing.
  case missing(String)
  /// A member of the wrong type, twice there, or with a NUL in it.
  case invalid(String)
  /// More values than are kept.
  case tooManyValues

  /// A few words for an error line.
  public var message: String {
    switch self {
    case .unreadable: return "the hook document cannot be read"
    case .malformed(let error): return "the hook document is malformed: \(error.message)"
    case .missing(let name): return "the hook document has no \(name)"
    case .invalid(let name): return "the hook document has an invalid \(name)"
    case .tooManyValues: return "the hook document has too many values"
    }
  }
}
