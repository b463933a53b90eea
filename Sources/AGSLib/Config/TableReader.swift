internal import SystemPackage

/// What reading values needs besides the file.
struct ReadingContext: Sendable {
  var expansion: PathExpansion
  /// What relative host paths begin at; nil refuses them.
  var relativePathsStart: FilePath?
}

/// Reads one table strictly: a key that is not defined is an error.
struct TableReader {
  let node: ConfigurationNode
  let context: ReadingContext

  init(
    _ node: ConfigurationNode, keys: [KeyDefinition], context: ReadingContext
  ) throws(ConfigurationError) {
    guard case .table(let entries) = node.value else {
      throw node.wrongType(expected: "a table")
    }
    let names = keys.map(\.name)
    for entry in entries where !names.contains(entry.name) {
      throw ConfigurationSchema.unknownKey(entry, among: names)
    }
    self.node = node
    self.context = context
  }

  func value<Value>(_ key: ConfigurationKey<Value>) throws(ConfigurationError) -> Value? {
    guard let entry = node.entry(key.name) else { return nil }
    return try key.reader.read(entry, context)
  }

  func required<Value>(_ key: ConfigurationKey<Value>) throws(ConfigurationError) -> Value {
    guard let value = try value(key) else { throw node.missing(key.name) }
    return value
  }

  /// Leaves `target` as it is when the key is not written.
  func read<Value>(
    _ key: ConfigurationKey<Value>, into target: inout Value
  ) throws(ConfigurationError) {
    if let value = try value(key) { target = value }
  }

  func read<Value>(
    _ key: ConfigurationKey<Value>, into target: inout Value?
  ) throws(ConfigurationError) {
    if let value = try value(key) { target = value }
  }
}
