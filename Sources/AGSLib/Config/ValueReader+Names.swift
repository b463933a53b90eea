extension ValueReader where Value == EnvironmentName {
  static var environmentName: Self {
    checked("a variable's name") { text throws(InvalidValue) in try EnvironmentName(text) }
  }

  /// The name of a variable that may go into the sandbox.
  static var passedVariable: Self {
    checked("a variable's name") { text throws(InvalidValue) in
      let name = try EnvironmentName(text)
      guard !name.belongsToOnePassword else {
        throw InvalidValue(
          expected: "a name that does not begin with OP_", found: text,
          hint: "1Password's own variables are never passed in; give the value another name")
      }
      return name
    }
  }
}

extension ValueReader where Value == ContainerPath {
  static var containerPath: Self {
    checked("an absolute path inside the container") { text throws(InvalidValue) in
      try ContainerPath(text)
    }
  }
}

extension ValueReader where Value == MemorySize {
  static var memory: Self {
    checked("a memory size such as \"4g\"") { text throws(InvalidValue) in
      try MemorySize(text)
    }
  }
}

extension ValueReader where Value == CPULimit {
  /// A number, or the same in quotes.
  static var cpus: Self {
    let expected = "a positive number of processors"
    return Self(expected) { node, _ throws(ConfigurationError) in
      let text: String
      switch node.value {
      case .integer(let number): text = "\(number)"
      case .float(let number): text = "\(number)"
      default: text = try node.filledString(expected: expected)
      }
      do throws(InvalidValue) {
        return try CPULimit(text)
      } catch {
        throw node.badValue(error)
      }
    }
  }
}

extension ValueReader where Value == HostPattern {
  static var hostPattern: Self {
    checked("a host name or *.NAME") { text throws(InvalidValue) in try HostPattern(text) }
  }
}

extension ValueReader where Value == String {
  /// The name of an image.
  static var imageReference: Self {
    checked("an image reference") { text throws(InvalidValue) in
      try ImageReference.checked(text)
    }
  }

  /// A file's bare name.
  static var fileName: Self {
    checked("a file name without /") { text throws(InvalidValue) in
      guard !text.contains("/"), text != ".", text != ".." else {
        throw InvalidValue(expected: "a file name without /", found: text)
      }
      return text
    }
  }

  /// An agent's name: it becomes a directory, a label and part of a container's name.
  static var agentName: Self {
    checked("a name of lower-case letters, digits, - and _") { text throws(InvalidValue) in
      let allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_"
      guard text.count <= 64, text.allSatisfy(allowed.contains), text.first != "-",
        text.first != "_"
      else {
        throw InvalidValue(
          expected: "a name of lower-case letters, digits, - and _, beginning with a letter",
          found: text)
      }
      guard !ConfigurationSchema.builtInAgents.contains(text) else {
        throw InvalidValue(
          expected: "a name that no built-in agent has", found: text,
          hint: "choose another name, for example \"my-\(text)\"")
      }
      return text
    }
  }

  /// What npm installs: a package, with `@VERSION` or `@TAG` if wanted.
  static var npmPackage: Self {
    checked("an npm package") { text throws(InvalidValue) in
      let allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@/._-~^+"
      guard text.allSatisfy(allowed.contains), text.first != "-", text.first != ".",
        text.first != "/", !text.contains(".."),
        // Without a scope npm takes the first part for somebody's repository.
        text.filter({ $0 == "/" }).count == (text.first == "@" ? 1 : 0)
      else {
        throw InvalidValue(
          expected: "an npm package", found: text,
          hint: "write NAME, @SCOPE/NAME, or either with @VERSION")
      }
      return text
    }
  }
}
