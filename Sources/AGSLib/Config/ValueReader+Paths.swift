internal import SystemPackage

extension ConfigurationNode {
  /// `text` with `~` and variables expanded.
  fileprivate func expanded(
    _ text: String, _ context: ReadingContext
  ) throws(ConfigurationError) -> String {
    do throws(PathExpansion.Failure) {
      return try context.expansion.expand(text)
    } catch {
      switch error {
      case .invalid(let invalid): throw badValue(invalid)
      case .forbidden(let name):
        throw self.error(
          .forbidden, "a repository's configuration may not use $\(name)",
          hint: "only ~, $HOME and the XDG base directories are known in it")
      case .undefined(let variable):
        throw self.error(
          .undefinedVariable,
          "the variable \(variable.name) is \(variable.isEmpty ? "empty" : "not set")",
          hint: "set \(variable.name) in the environment, or write the path out")
      }
    }
  }

  /// An absolute, lexically normalised host path.
  fileprivate func hostPath(
    _ text: String, _ context: ReadingContext
  ) throws(ConfigurationError) -> FilePath {
    let path = FilePath(try expanded(text, context))
    if path.isAbsolute { return path.lexicallyNormalized() }
    guard let start = context.relativePathsStart else {
      throw badValue(
        InvalidValue(
          expected: "an absolute path on the host", found: text,
          hint: "begin it with /, ~ or a variable"))
    }
    return start.pushing(path).lexicallyNormalized()
  }

  /// A program's path, or a bare name to be looked up in `PATH`.
  fileprivate func program(
    _ text: String, _ context: ReadingContext
  ) throws(ConfigurationError) -> HostProgram {
    let isPath = text.contains("/") || text.hasPrefix("~") || text.hasPrefix("$")
    guard !text.hasPrefix("-") else {
      throw badValue(InvalidValue(expected: "a program, not an option", found: text))
    }
    return isPath ? .path(try hostPath(text, context)) : .name(text)
  }
}

extension ValueReader where Value == FilePath {
  /// A path on the host, expanded and absolute.
  static var hostPath: Self {
    let expected = "a path on the host"
    return Self(expected) { node, context throws(ConfigurationError) in
      try node.hostPath(try node.filledString(expected: expected), context)
    }
  }
}

extension ValueReader where Value == HostProgram {
  static var program: Self {
    let expected = "a program's path, or its name in PATH"
    return Self(expected) { node, context throws(ConfigurationError) in
      try node.program(try node.filledString(expected: expected), context)
    }
  }
}

extension ValueReader where Value == [String] {
  /// An argv whose strings are kept as they are.
  static var argv: Self {
    let expected = "an array of strings, the program first"
    let argument = ValueReader<String>.argument
    return Self(expected) { node, context throws(ConfigurationError) in
      let elements = try node.elements(expected: expected)
      guard let first = elements.first else {
        throw node.error(.emptyValue, "the array is empty", expected: expected)
      }
      var values = [try first.filledString(expected: "a program")]
      for element in elements.dropFirst() { values.append(try argument.read(element, context)) }
      return values
    }
  }

  /// An argv whose program is an absolute path after expansion.
  static var absoluteCommand: Self {
    let argv = ValueReader<[String]>.argv
    return Self("\(argv.expected), an absolute path") { node, context throws(ConfigurationError) in
      var values = try argv.read(node, context)
      guard case .array(let elements) = node.value else { return values }
      values[0] = try elements[0].hostPath(values[0], context).string
      return values
    }
  }
}

extension ValueReader where Value == HostCommand {
  static var hostCommand: Self {
    let argv = ValueReader<[String]>.argv
    return Self(argv.expected) { node, context throws(ConfigurationError) in
      let values = try argv.read(node, context)
      guard case .array(let elements) = node.value else {
        throw node.wrongType(expected: argv.expected)
      }
      return HostCommand(
        program: try elements[0].program(values[0], context),
        arguments: Array(values.dropFirst()))
    }
  }
}

extension ValueReader where Value == [String: String] {
  /// A table of attributes, none of them empty, at least one.
  static var attributes: Self {
    let expected = "a table of strings, { name = \"value\" }"
    return Self(expected) { node, _ throws(ConfigurationError) in
      guard case .table(let entries) = node.value else {
        throw node.wrongType(expected: expected)
      }
      guard !entries.isEmpty else {
        throw node.error(.emptyValue, "the table is empty", expected: expected)
      }
      var attributes: [String: String] = [:]
      for entry in entries {
        attributes[entry.name] = try entry.filledString(expected: "a string")
      }
      return attributes
    }
  }
}
