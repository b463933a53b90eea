/// A place in a text, both counted from 1; columns in Unicode scalars, as toml++ does.
struct TextPosition: Sendable, Hashable {
  var line: Int
  var column: Int
}

/// Finds where each key and value of a TOML document stands, which the TOML library does
/// not tell, and refuses what that library cannot bear: it ends the program on a header
/// without a name and on a stray character in an array, cuts strings at an escaped NUL, and recurses without limit through
/// dotted keys. Other mistakes of grammar are the library's to report; here they end the
/// reading early, without harm.
struct TOMLLocator {
  /// Where the key, table header or array element begins.
  private(set) var keys: [ConfigurationKeyPath: TextPosition] = [:]
  /// Where the value begins; for a table its header.
  private(set) var values: [ConfigurationKeyPath: TextPosition] = [:]
  /// The first thing that must not reach the TOML library.
  private(set) var refusal: Refusal?

  struct Refusal: Sendable {
    var position: TextPosition
    var problem: String
  }

  /// Tables and arrays inside each other.
  private static let depthLimit = 64

  private let text: [Unicode.Scalar]
  private var cursor = 0
  private var line = 1
  private var lineStart = 0
  private var lastIndex: [ConfigurationKeyPath: Int] = [:]

  init(_ document: String) {
    text = Array(document.unicodeScalars)
    if text.first == "\u{FEFF}" { advance() }
    readDocument()
  }

  private var position: TextPosition { TextPosition(line: line, column: cursor - lineStart + 1) }
  private var current: Unicode.Scalar? { cursor < text.count ? text[cursor] : nil }

  private mutating func advance() {
    if cursor < text.count, text[cursor] == "\n" {
      line += 1
      lineStart = cursor + 1
    }
    cursor += 1
  }

  /// Ends the reading: what follows is not understood.
  private mutating func stop() { cursor = text.count }

  private mutating func refuse(_ problem: String, at position: TextPosition? = nil) {
    if refusal == nil {
      refusal = Refusal(position: position ?? self.position, problem: problem)
    }
    stop()
  }

  private func looksAt(_ token: String) -> Bool {
    text[cursor...].starts(with: token.unicodeScalars)
  }

  private mutating func skip(_ count: Int) { for _ in 0..<count { advance() } }

  private mutating func skipBlank() {
    while let scalar = current {
      if scalar == "#" {
        while let inside = current, inside != "\n" { advance() }
      } else if scalar == " " || scalar == "\t" || scalar == "\r" || scalar == "\n" {
        advance()
      } else {
        return
      }
    }
  }

  private mutating func skipSpaces() {
    while current == " " || current == "\t" { advance() }
  }

  private mutating func readDocument() {
    var table = ConfigurationKeyPath()
    while true {
      skipBlank()
      guard let scalar = current else { return }
      if scalar == "[" { table = readHeader() } else { readPair(in: table) }
    }
  }

  /// `[a.b]` or `[[a.b]]`; returns the path of the table it opens.
  private mutating func readHeader() -> ConfigurationKeyPath {
    let start = position
    let isArray = looksAt("[[")
    skip(isArray ? 2 : 1)
    skipSpaces()
    guard let first = current, Self.startsKey(first) else {
      refuse("a section's header needs a name, such as [sandbox]", at: start)
      return ConfigurationKeyPath()
    }
    let names = readDottedKey()
    guard looksAt(isArray ? "]]" : "]") else {
      stop()
      return ConfigurationKeyPath()
    }
    skip(isArray ? 2 : 1)
    var path = ConfigurationKeyPath()
    for (offset, name) in names.enumerated() {
      path = path.appending(name)
      note(path, key: start, value: start)
      if isArray, offset == names.count - 1 {
        let index = (lastIndex[path] ?? -1) + 1
        lastIndex[path] = index
        path = path.appending(index: index)
      } else if let index = lastIndex[path] {
        path = path.appending(index: index)
      }
    }
    note(path, key: start, value: start)
    return path
  }

  private mutating func readPair(in table: ConfigurationKeyPath) {
    let start = position
    var path = table
    for name in readDottedKey() {
      path = path.appending(name)
      note(path, key: start, value: start)
    }
    skipSpaces()
    guard current == "=" else { return stop() }
    advance()
    skipSpaces()
    readValue(at: path)
  }

  private mutating func note(
    _ path: ConfigurationKeyPath, key: TextPosition, value: TextPosition
  ) {
    if keys[path] == nil {
      keys[path] = key
      values[path] = value
    }
  }

  private mutating func readDottedKey() -> [String] {
    var names: [String] = []
    repeat {
      if current == "." { advance() }
      skipSpaces()
      guard names.count < Self.depthLimit else {
        refuse("the key has too many parts")
        return names
      }
      if current == "\"" || current == "'" {
        names.append(readString())
      } else {
        var name = ""
        while let scalar = current, Self.isBareKey(scalar) {
          name.unicodeScalars.append(scalar)
          advance()
        }
        names.append(name)
      }
      skipSpaces()
    } while current == "."
    return names
  }

  private static func startsKey(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\"" || scalar == "'" || isBareKey(scalar)
  }

  private static func startsValue(_ scalar: Unicode.Scalar) -> Bool {
    "\"'[{+-0123456789tfin".unicodeScalars.contains(scalar)
  }

  private static func isBareKey(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
      || ("0"..."9").contains(scalar) || scalar == "_" || scalar == "-"
  }

  private mutating func readValue(at path: ConfigurationKeyPath) {
    values[path] = position
    guard path.components.count < Self.depthLimit * 2 else {
      return refuse("the value is nested too deeply")
    }
    switch current {
    case "\"", "'":
      _ = readString()
    case "[":
      advance()
      var index = 0
      skipBlank()
      while let scalar = current, scalar != "]" {
        guard Self.startsValue(scalar) else { return refuse("expected a value or ]") }
        let element = path.appending(index: index)
        note(element, key: position, value: position)
        let before = cursor
        readValue(at: element)
        skipBlank()
        if current == "," { advance() }
        skipBlank()
        index += 1
        guard cursor > before else { return }
      }
      advance()
    case "{":
      advance()
      skipBlank()
      while let scalar = current, scalar != "}" {
        let before = cursor
        readPair(in: path)
        skipBlank()
        if current == "," { advance() }
        skipBlank()
        guard cursor > before else { return }
      }
      advance()
    default:
      while let scalar = current, !",]}#\n".unicodeScalars.contains(scalar) { advance() }
    }
  }

  /// Any of the four kinds of string; returns its value, of use for keys only.
  private mutating func readString() -> String {
    guard let quote = current else { return "" }
    let isBasic = quote == "\""
    let triple = isBasic ? "\"\"\"" : "'''"
    let isLong = looksAt(triple)
    skip(isLong ? 3 : 1)
    var value = ""
    while let scalar = current {
      if isLong ? looksAt(triple) : scalar == quote {
        skip(isLong ? 3 : 1)
        // Up to two quotes may stand directly before the closing three.
        while isLong, current == quote { advance() }
        return value
      }
      // A line cannot end within a short string.
      if !isLong, scalar == "\n" {
        stop()
        return value
      }
      if isBasic, scalar == "\\" {
        value += readEscape()
      } else {
        value.unicodeScalars.append(scalar)
        advance()
      }
    }
    return value
  }

  private mutating func readEscape() -> String {
    let start = position
    advance()
    guard let kind = current else { return "" }
    advance()
    let digits = kind == "u" ? 4 : kind == "U" ? 8 : 0
    guard digits > 0 else {
      let plain: [Unicode.Scalar: String] = [
        "b": "\u{8}", "t": "\t", "n": "\n", "f": "\u{c}", "r": "\r", "e": "\u{1b}",
      ]
      return plain[kind] ?? String(Character(kind))
    }
    var code: UInt32 = 0
    for _ in 0..<digits {
      guard let scalar = current, let digit = Character(scalar).hexDigitValue else { return "" }
      code = code &* 16 &+ UInt32(digit)
      advance()
    }
    if code == 0 { refuse("a string contains a NUL character", at: start) }
    return Unicode.Scalar(code).map { String(Character($0)) } ?? ""
  }
}
