/// How a value of one type is read from a node.
struct ValueReader<Value: Sendable>: Sendable {
  /// What may be written, for messages and the documentation.
  let expected: String
  let read: @Sendable (ConfigurationNode, ReadingContext) throws(ConfigurationError) -> Value

  init(
    _ expected: String,
    read:
      @escaping @Sendable (ConfigurationNode, ReadingContext) throws(ConfigurationError)
      -> Value
  ) {
    self.expected = expected
    self.read = read
  }
}

extension ConfigurationNode {
  /// A string that is not empty.
  func filledString(expected: String) throws(ConfigurationError) -> String {
    guard case .string(let text) = value else { throw wrongType(expected: expected) }
    guard !text.isEmpty else {
      throw error(.emptyValue, "the value is empty", expected: expected)
    }
    return text
  }

  func elements(expected: String) throws(ConfigurationError) -> [ConfigurationNode] {
    guard case .array(let elements) = value else {
      throw wrongType(expected: expected, hint: "write it in brackets: [ … ]")
    }
    return elements
  }
}

extension ValueReader where Value == Bool {
  static var boolean: Self {
    let expected = "true or false"
    return Self(expected) { node, _ throws(ConfigurationError) in
      guard case .boolean(let flag) = node.value else {
        throw node.wrongType(expected: expected, hint: "without quotes")
      }
      return flag
    }
  }
}

extension ValueReader where Value == String {
  static var string: Self {
    let expected = "a string"
    return Self(expected) { node, _ throws(ConfigurationError) in
      try node.filledString(expected: expected)
    }
  }

  /// A string that may be empty: an argument.
  static var argument: Self {
    let expected = "a string"
    return Self(expected) { node, _ throws(ConfigurationError) in
      guard case .string(let text) = node.value else {
        throw node.wrongType(expected: expected)
      }
      return text
    }
  }
}

extension ValueReader where Value == Int {
  static func integer(_ range: ClosedRange<Int>) -> Self {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    return Self(expected) { node, _ throws(ConfigurationError) in
      guard case .integer(let number) = node.value else {
        throw node.wrongType(expected: expected)
      }
      guard range.contains(number) else {
        throw node.error(.badValue, "found \(number)", expected: expected)
      }
      return number
    }
  }
}

extension ValueReader where Value == UInt16 {
  static var port: Self {
    let whole = ValueReader<Int>.integer(1...65535)
    return Self(whole.expected) { node, context throws(ConfigurationError) in
      UInt16(try whole.read(node, context))
    }
  }
}

extension ValueReader where Value == Duration {
  /// A whole number of `unit`.
  static func duration(_ unit: Duration, _ name: String, _ range: ClosedRange<Int>) -> Self {
    let whole = ValueReader<Int>.integer(range)
    return Self("\(whole.expected) (\(name))") { node, context throws(ConfigurationError) in
      unit * (try whole.read(node, context))
    }
  }
}

extension ValueReader
where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  static var choice: Self {
    let names = Value.allCases.map(\.rawValue)
    let quoted = names.map { "\"\($0)\"" }
    let expected = quoted.dropLast().joined(separator: ", ") + " or \(quoted.last ?? "")"
    return Self(expected) { node, _ throws(ConfigurationError) in
      let text = try node.filledString(expected: expected)
      guard let value = Value(rawValue: text) else {
        let nearest = EditDistance.nearest(to: text, among: names)
        throw node.error(
          .badValue, "found \"\(text)\"", expected: expected, nearest: nearest,
          hint: nearest.map { "did you mean \"\($0)\"?" } ?? "use one of \(expected)")
      }
      return value
    }
  }
}

extension ValueReader {
  /// A string that a value type's own `init` checks.
  static func checked(
    _ expected: String, _ make: @escaping @Sendable (String) throws(InvalidValue) -> Value
  ) -> Self {
    Self(expected) { node, _ throws(ConfigurationError) in
      let text = try node.filledString(expected: expected)
      do throws(InvalidValue) {
        return try make(text)
      } catch {
        throw node.badValue(error)
      }
    }
  }

  static func list<Element>(
    of element: ValueReader<Element>
  ) -> Self where Value == [Element] {
    let expected = "an array, each element \(element.expected)"
    return Self(expected) { node, context throws(ConfigurationError) in
      var values: [Element] = []
      for entry in try node.elements(expected: expected) {
        values.append(try element.read(entry, context))
      }
      return values
    }
  }

  /// The same reader with another value made of its result.
  func map<Other>(
    _ transform: @escaping @Sendable (Value) -> Other
  ) -> ValueReader<Other> {
    ValueReader<Other>(expected) { node, context throws(ConfigurationError) in
      transform(try read(node, context))
    }
  }
}
