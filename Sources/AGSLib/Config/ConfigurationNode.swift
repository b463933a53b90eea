internal import SystemPackage

/// One value of a configuration file with the place it stands at: what the TOML library
/// read, joined with what the locator found.
struct ConfigurationNode: Sendable {
  indirect enum Value: Sendable {
    case string(String)
    case integer(Int)
    case float(Double)
    case boolean(Bool)
    case array([ConfigurationNode])
    /// In file order.
    case table([ConfigurationNode])
    /// A date or time, of which no key here is one.
    case date
  }

  var value: Value
  var keyPath: ConfigurationKeyPath
  var keyPosition: TextPosition
  var origin: ConfigurationOrigin

  var name: String { keyPath.lastKey }

  /// The entries of a table; none for another value.
  var entries: [ConfigurationNode] {
    if case .table(let entries) = value { entries } else { [] }
  }

  func entry(_ name: String) -> ConfigurationNode? { entries.first { $0.name == name } }

  /// What the value is, for messages.
  var typeName: String {
    switch value {
    case .string: "a string"
    case .integer: "a whole number"
    case .float: "a decimal number"
    case .boolean: "true or false"
    case .array: "an array"
    case .table: "a table"
    case .date: "a date or time"
    }
  }
}

extension ConfigurationNode {
  enum Place { case key, value }

  /// An error at this node's value, or at its key.
  func error(
    _ kind: ConfigurationError.Kind, _ problem: String, at place: Place = .value,
    expected: String? = nil, nearest: String? = nil, hint: String? = nil
  ) -> ConfigurationError {
    ConfigurationError(
      kind: kind, file: origin.file,
      line: place == .key ? keyPosition.line : origin.line,
      column: place == .key ? keyPosition.column : origin.column,
      keyPath: keyPath, problem: problem, expected: expected, nearest: nearest, hint: hint)
  }

  func wrongType(expected: String, hint: String? = nil) -> ConfigurationError {
    error(.wrongType, "found \(typeName)", expected: expected, hint: hint)
  }

  func badValue(_ invalid: InvalidValue) -> ConfigurationError {
    error(
      invalid.found.isEmpty ? .emptyValue : .badValue,
      invalid.found.isEmpty ? "the value is empty" : "found \"\(invalid.found)\"",
      expected: invalid.expected, hint: invalid.hint)
  }

  func missing(_ key: String, hint: String? = nil) -> ConfigurationError {
    error(
      .missingKey, "the required key \"\(key)\" is missing", at: .key,
      hint: hint ?? "add `\(key) = …` to it")
  }
}
