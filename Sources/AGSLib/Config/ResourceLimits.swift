/// A memory limit as podman takes it: a positive number with `b`, `k`, `m` or `g`
/// (2-config `[sandbox].memory`).
public struct MemorySize: Sendable, Equatable, Comparable, CustomStringConvertible {
  /// As written, in lower case.
  public let text: String
  public let bytes: UInt64

  /// Throws `InvalidValue` for other units, zero, or more than 2^63 bytes.
  public init(_ text: String) throws(InvalidValue) {
    let refusal = InvalidValue(
      expected: "a memory size as podman takes it", found: text,
      hint: "write a whole number and b, k, m or g, for example \"4g\"")
    let lower = text.lowercased()
    let digits = lower.prefix { $0.isASCII && $0.isNumber }
    let factors: [Substring: UInt64] = ["": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30]
    guard let number = UInt64(digits), number > 0,
      let factor = factors[lower[digits.endIndex...]]
    else { throw refusal }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
    guard !overflow, bytes <= UInt64(Int64.max) else { throw refusal }
    self.text = lower
    self.bytes = bytes
  }

  public var description: String { text }

  public static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }
  public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }
}

/// A number of processors as podman takes it: a positive decimal such as `1.5`
/// (2-config `[sandbox].cpus`).
public struct CPULimit: Sendable, Equatable, Comparable, CustomStringConvertible {
  /// As podman gets it.
  public let text: String
  public let count: Double

  /// Throws `InvalidValue` unless `text` is digits with at most one point and above zero.
  public init(_ text: String) throws(InvalidValue) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), text.utf8.count <= 16,
      parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
      let count = Double(text), count > 0
    else {
      throw InvalidValue(
        expected: "a positive number of processors", found: text,
        hint: "write a decimal, for example 1.5")
    }
    self.text = text
    self.count = count
  }

  public var description: String { text }

  public static func == (left: Self, right: Self) -> Bool { left.count == right.count }
  public static func < (left: Self, right: Self) -> Bool { left.count < right.count }
}
