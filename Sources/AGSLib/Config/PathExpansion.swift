internal import SystemPackage

/// Expansion of `~`, `$VAR` and `${VAR}` (2-config "Expansion"). Values put in are not
/// expanded again.
struct PathExpansion: Sendable {
  var home: FilePath
  var environment: [String: String]

  /// A variable that is not set, or set to nothing: a path built with it would lead
  /// somewhere else than meant.
  struct UndefinedVariable: Error {
    var name: String
    var isEmpty: Bool
  }

  enum Failure: Error {
    case undefined(UndefinedVariable)
    case invalid(InvalidValue)
  }

  func expand(_ text: String) throws(Failure) -> String {
    var rest = text[...]
    var result = ""
    if rest.first == "~" {
      rest.removeFirst()
      guard rest.isEmpty || rest.first == "/" else {
        throw .invalid(
          InvalidValue(
            expected: "a path without ~USER", found: text,
            hint: "only your own home can be written with ~: \"~/\(rest)\""))
      }
      result = home.string
    }
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      let isBraced = rest.first == "{"
      if isBraced { rest.removeFirst() }
      let name = rest.prefix { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
      rest = rest[name.endIndex...]
      guard let first = name.first, !first.isNumber, !isBraced || rest.first == "}" else {
        throw .invalid(
          InvalidValue(
            expected: "a variable's name after $", found: text,
            hint: "write $NAME or ${NAME}; a path with a literal $ cannot be written here"))
      }
      if isBraced { rest.removeFirst() }
      let value = environment[String(name)]
      guard let value, !value.isEmpty else {
        throw .undefined(UndefinedVariable(name: String(name), isEmpty: value != nil))
      }
      result += value
    }
    return result + rest
  }
}
