/// A strict reader of one JSON document (RFC 8259), for bytes nobody vouches for: it
/// never traps, whatever they are. Refused beyond the grammar: names given twice,
/// half surrogates, nesting and size over the limits.
public struct JSONReader {
  /// What a document may cost.
  public struct Limits: Sendable {
    /// Bytes of the whole document.
    public var size: Int
    /// Arrays and objects inside each other.
    public var depth: Int

    public init(size: Int, depth: Int) {
      self.size = size
      self.depth = depth
    }

    /// One line of a channel (4-channels): 1 MiB, 64 levels.
    public static var frame: Limits { Limits(size: 1 << 20, depth: 64) }
  }

  /// Reads the one value that `bytes` hold, white space around it allowed.
  public static func read(
    _ bytes: UnsafeBufferPointer<UInt8>, limits: Limits = .frame
  ) throws(JSONError) -> JSONValue {
    guard bytes.count <= limits.size else { throw JSONError(.tooLarge, offset: limits.size) }
    var reader = JSONReader(bytes: bytes, depth: limits.depth)
    let value = try reader.value()
    reader.skipSpace()
    guard reader.position == bytes.count else { throw reader.error(.trailingBytes) }
    return value
  }

  /// The same for bytes in an array.
  public static func read(
    _ bytes: [UInt8], limits: Limits = .frame
  ) throws(JSONError) -> JSONValue {
    let result: Result<JSONValue, JSONError> = bytes.withUnsafeBufferPointer { pointer in
      do throws(JSONError) {
        return .success(try read(pointer, limits: limits))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  let bytes: UnsafeBufferPointer<UInt8>
  var position = 0
  var remainingDepth: Int

  private init(bytes: UnsafeBufferPointer<UInt8>, depth: Int) {
    self.bytes = bytes
    remainingDepth = depth
  }

  /// The byte at the position, nil at the end: the one place that touches the input.
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  func error(_ reason: JSONError.Reason) -> JSONError { JSONError(reason, offset: position) }

  /// What to say about a byte that does not fit here, or about its absence.
  var unexpected: JSONError { error(next == nil ? .unexpectedEnd : .unexpectedByte) }

  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return .object(try object())
    case UInt8(ascii: "["): return .array(try array())
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(
    _ text: StaticString, _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    for index in 0..<text.utf8CodeUnitCount {
      guard next == text.utf8Start[index] else { throw unexpected }
      position += 1
    }
    return value
  }

  private mutating func enter() throws(JSONError) {
    guard remainingDepth > 0 else { throw error(.tooDeep) }
    remainingDepth -= 1
    position += 1
    skipSpace()
  }

  /// After an element: true for another one, false at the closing byte.
  private mutating func continues(until close: UInt8) throws(JSONError) -> Bool {
    skipSpace()
    switch next {
    case UInt8(ascii: ","):
      position += 1
      return true
    case close:
      position += 1
      remainingDepth += 1
      return false
    default:
      throw unexpected
    }
  }

  private mutating func array() throws(JSONError) -> [JSONValue] {
    try enter()
    var values: [JSONValue] = []
    if next == UInt8(ascii: "]") {
      position += 1
      remainingDepth += 1
      return values
    }
    repeat { values.append(try value()) } while try continues(until: UInt8(ascii: "]"))
    return values
  }

  private mutating func object() throws(JSONError) -> [JSONMember] {
    try enter()
    var members: [JSONMember] = []
    if next == UInt8(ascii: "}") {
      position += 1
      remainingDepth += 1
      return members
    }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw unexpected }
      let name = try string()
      skipSpace()
      guard next == UInt8(ascii: ":") else { throw unexpected }
      position += 1
      members.append(JSONMember(name, try value()))
    } while try continues(until: UInt8(ascii: "}"))
    guard !hasDuplicates(members) else { throw error(.duplicateName) }
    return members
  }

  /// By sorting, so that an object of very many names costs no quadratic time.
  private func hasDuplicates(_ members: [JSONMember]) -> Bool {
    if members.count < 2 { return false }
    let names = members.map { $0.name }.sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
    return (1..<names.count).contains { names[$0].utf8.elementsEqual(names[$0 - 1].utf8) }
  }
}
