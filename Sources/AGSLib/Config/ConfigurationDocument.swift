internal import SystemPackage
internal import TOMLKit

/// The bytes of one configuration file, parsed once.
struct ConfigurationDocument: Sendable {
  var root: ConfigurationNode

  /// Throws `ConfigurationError` of the kind `syntax` with line and column.
  init(
    bytes: [UInt8], file: FilePath, layer: ConfigurationLayer
  ) throws(ConfigurationError) {
    let text = try Self.text(of: bytes, file: file)
    let locator = TOMLLocator(text)
    if let refusal = locator.refusal {
      throw ConfigurationError(
        kind: .syntax, file: file, line: refusal.position.line, column: refusal.position.column,
        problem: "not valid TOML: \(refusal.problem)")
    }
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw ConfigurationError(
        kind: .syntax, file: file, line: error.source.begin.line,
        column: error.source.begin.column, problem: "not valid TOML: \(error.description)",
        hint: "TOML wants `key = value`, strings in quotes, sections as [name]")
    } catch {
      throw ConfigurationError(
        kind: .syntax, file: file, problem: "not valid TOML: \(error)")
    }
    let joiner = Joiner(locator: locator, file: file, layer: layer)
    root = joiner.node(
      table.tomlValue, at: ConfigurationKeyPath(), near: TextPosition(line: 1, column: 1))
  }

  private static func text(
    of bytes: [UInt8], file: FilePath
  ) throws(ConfigurationError) -> String {
    if let index = bytes.firstIndex(of: 0) {
      let line = bytes[..<index].count { $0 == UInt8(ascii: "\n") } + 1
      throw ConfigurationError(
        kind: .syntax, file: file, line: line, column: 1, problem: "the line contains a NUL byte")
    }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
    throw ConfigurationError(
      kind: .syntax, file: file, line: line + 1, column: 1, problem: "the line is not UTF-8",
      hint: "save the file as UTF-8")
  }
}

/// Joins the library's values with the locator's places.
private struct Joiner {
  let locator: TOMLLocator
  let file: FilePath
  let layer: ConfigurationLayer

  func node(
    _ value: TOMLValue, at path: ConfigurationKeyPath, near parent: TextPosition
  ) -> ConfigurationNode {
    let key = locator.keys[path] ?? parent
    let place = locator.values[path] ?? key
    return ConfigurationNode(
      value: converted(value, at: path, near: key), keyPath: path, keyPosition: key,
      origin: ConfigurationOrigin(
        file: file, line: place.line, column: place.column, layer: layer))
  }

  private func converted(
    _ value: TOMLValue, at path: ConfigurationKeyPath, near: TextPosition
  ) -> ConfigurationNode.Value {
    if let text = value.string { return .string(text) }
    if let number = value.int { return .integer(number) }
    if let number = value.double { return .float(number) }
    if let flag = value.bool { return .boolean(flag) }
    if let array = value.array {
      return .array(
        array.indices.map { node(array[$0].tomlValue, at: path.appending(index: $0), near: near) })
    }
    guard let table = value.table else { return .date }
    let entries = zip(table.keys, table.values).map { name, value in
      node(value, at: path.appending(name), near: near)
    }
    return .table(
      entries.sorted {
        ($0.keyPosition.line, $0.keyPosition.column) < ($1.keyPosition.line, $1.keyPosition.column)
      })
  }
}
