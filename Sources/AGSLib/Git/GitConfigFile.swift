internal import SystemPackage

/// The few things ags reads of a git configuration itself. Includes are not followed.
enum GitConfigFile {
  /// The last value of `section.name`, names without regard to case.
  static func value(_ name: String, in section: String, of path: FilePath) -> String? {
    guard let text = SmallFile.text(path) else { return nil }
    var inside = false
    var found: String?
    for line in text.split(whereSeparator: \.isNewline) {
      let line = trim(line)
      if line.hasPrefix("[") {
        inside = line.lowercased().hasPrefix("[\(section)]")
      } else if inside, let equals = line.firstIndex(of: "="),
        trim(line[..<equals]).lowercased() == name
      {
        var value = trim(line[line.index(after: equals)...])
        if value.count >= 2, value.first == "\"", value.last == "\"" {
          value = value.dropFirst().dropLast()
        }
        found = String(value)
      }
    }
    return found
  }

  private static func trim(_ text: Substring) -> Substring {
    var text = text
    while let first = text.first, first.isWhitespace { text = text.dropFirst() }
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return text
  }
}
