/// A legal name of an environment variable: ASCII letters, digits and `_`, not
/// beginning with a digit, at most 255 bytes (2-config).
public struct EnvironmentName: Sendable, Hashable, CustomStringConvertible {
  public let text: String

  /// Throws `InvalidValue` for anything a shell could not name.
  public init(_ text: String) throws(InvalidValue) {
    let bytes = text.utf8
    guard let first = bytes.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
      bytes.count <= 255, bytes.allSatisfy(Self.isAllowed)
    else {
      throw InvalidValue(
        expected: "a legal variable name", found: text,
        hint: "use letters, digits and _, and do not begin with a digit")
    }
    self.text = text
  }

  public var description: String { text }

  /// Variables of the 1Password program, which are never passed in (2-config "Secrets").
  public var belongsToOnePassword: Bool { text.hasPrefix("OP_") }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
