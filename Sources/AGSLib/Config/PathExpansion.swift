internal import SystemPackage

/// Expansion of `~`, `$VAR` and `${VAR}` (2-config "Expansion"). Values put in are not
/// expanded again.
struct PathExpansion: Sendable {
  var home: FilePath
  var environment: [String: String]
  /// The variables that may be used; nil for all of them.
  var allowed: Set<String>? = nil

  /// For a repository's file: any other variable's value would become a path's name or an
  /// argument, which the repository then gets to see.
  var forRepository: PathExpansion {
    var expansion = self
    expansion.allowed = [
      "HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
      "XDG_STATE_HOME",
    ]
    return expansion
  }

  /// A variable that is not set, or set to nothing: a path built with it would lead
  /// somewhere else than meant.
  struct UndefinedVariable: Error {
    var name: String
    var isEmpty: Bool
  }

  enum Failure: Error {
    case undefined(UndefinedVariable)
    /// The name of a variable that may not be used here.
    case forbidden(String)
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
      if let allowed, !allowed.contains(String(name)) { throw .forbidden(String(name)) }
      let value = environment[String(name)]
      guard let value, !value.isEmpty else {
        throw .undefined(UndefinedVariable(name: String(name), isEmpty: value != nil))
      }
      result += value
    }
    return result + rest
  }
}
