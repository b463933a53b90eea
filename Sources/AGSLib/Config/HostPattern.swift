/// A host name whose pages open without a question: exactly `example.org`, or every
/// name below it written `*.example.org` (2-config `[auth_proxy]`).
public struct HostPattern: Sendable, Hashable, CustomStringConvertible {
  /// In lower case, without the `*.`.
  public let name: String
  /// True for `*.name`: names below, and not `name` itself.
  public let coversSubdomains: Bool

  /// Throws `InvalidValue` for schemes, ports, other wildcards and names that are not
  /// ASCII (write those in their `xn--` form).
  public init(_ text: String) throws(InvalidValue) {
    let covers = text.hasPrefix("*.")
    let name = (covers ? String(text.dropFirst(2)) : text).lowercased()
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= (covers ? 2 : 1), name.utf8.count <= 253,
      labels.allSatisfy(Self.isLabel)
    else {
      throw InvalidValue(
        expected: "a host name, or *.NAME for the names below it", found: text,
        hint: "write \"login.example.org\" or \"*.example.org\", without scheme, port or path")
    }
    self.name = name
    self.coversSubdomains = covers
  }

  public var description: String { coversSubdomains ? "*.\(name)" : name }

  /// Whether `host`, a bare name in any case, is covered.
  public func matches(_ host: String) -> Bool {
    let host = host.lowercased()
    return coversSubdomains ? host.hasSuffix(".\(name)") : host == name
  }

  private static func isLabel(_ label: Substring) -> Bool {
    (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
      && label.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
      }
  }
}
