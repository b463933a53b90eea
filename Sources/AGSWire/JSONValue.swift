/// A JSON document in memory: the shim has no Foundation, so the contract between host
/// and container brings its own strict reader and writer (8-architecture, 4-channels).
///
/// Objects keep their members in order and hold every name at most once. Numbers that
/// are not integers of 64 bits keep their text, so that no floating-point value is made
/// where none is needed.
public enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  /// The text of any other number, always in JSON's own grammar.
  case decimal(String)
  case string(String)
  case array([JSONValue])
  case object([JSONMember])

  /// An integer that may need all 64 bits without a sign, as inode numbers do.
  public static func unsigned(_ value: UInt64) -> JSONValue {
    if let small = Int64(exactly: value) { return .integer(small) }
    return .decimal("\(value)")
  }

  /// The member of that name, or nil when this is no object or has none.
  public subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    for member in members where member.name == name { return member.value }
    return nil
  }

  public var string: String? {
    if case .string(let value) = self { return value }
    return nil
  }

  public var bool: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  public var integer: Int64? {
    if case .integer(let value) = self { return value }
    return nil
  }

  /// The number as an unsigned integer, or nil when it is none or does not fit.
  public var unsigned: UInt64? {
    switch self {
    case .integer(let value): return UInt64(exactly: value)
    case .decimal(let text): return UInt64(text)
    default: return nil
    }
  }

  public var array: [JSONValue]? {
    if case .array(let values) = self { return values }
    return nil
  }

  public var members: [JSONMember]? {
    if case .object(let members) = self { return members }
    return nil
  }
}

/// One name and value of an object.
public struct JSONMember: Equatable, Sendable {
  public var name: String
  public var value: JSONValue

  public init(_ name: String, _ value: JSONValue) {
    self.name = name
    self.value = value
  }
}
