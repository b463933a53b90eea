/// Matching one part of a path with a shell's wildcards.
enum ComponentPattern {
  enum Match {
    case none
    /// By wildcards alone, `*` or `.*` for one: anything else would match too.
    case anything
    case specific
  }

  /// - Parameter dotsMatch: whether a wildcard takes a leading dot, as search tools
  ///   let it and shells do not.
  static func match(_ pattern: [UInt16], _ text: [UInt8], dotsMatch: Bool = false) -> Match {
    if text.first == UInt8(ascii: "."), !dotsMatch,
      let first = pattern.first(where: { $0 != ShellText.unknown }), first >= 256
    {
      return .none
    }
    guard matches(pattern, text) else { return .none }
    var hasWildcard = false
    var hasLiteral = false
    for (index, unit) in pattern.enumerated() {
      if unit >= 256 {
        hasWildcard = hasWildcard || unit != ShellText.unknown
      } else if index > 0 || unit != ShellText.dot {
        hasLiteral = true
      }
    }
    return hasWildcard && !hasLiteral ? .anything : .specific
  }

  /// The unknown counts as nothing. Linear but for the last `*`, as usual for globs.
  private static func matches(_ pattern: [UInt16], _ text: [UInt8]) -> Bool {
    var place = 0
    var index = 0
    var retry: (place: Int, index: Int)?
    while true {
      if place < pattern.count, pattern[place] == ShellText.unknown {
        place += 1
      } else if place < pattern.count, pattern[place] == ShellText.run {
        retry = (place, index)
        place += 1
      } else if index == text.count {
        return place == pattern.count
      } else if place < pattern.count,
        pattern[place] == ShellText.one || pattern[place] == UInt16(text[index])
      {
        place += 1
        index += 1
      } else if let last = retry, last.index < text.count {
        retry = (last.place, last.index + 1)
        place = last.place + 1
        index = last.index + 1
      } else {
        return false
      }
    }
  }

  /// Whether a search tool's pattern finds that path; `**` is any number of parts.
  static func finds(_ pattern: ArraySlice<[UInt16]>, _ path: ArraySlice<[UInt8]>) -> Bool {
    guard let first = pattern.first else { return path.isEmpty }
    if first == [ShellText.run, ShellText.run] {
      if finds(pattern.dropFirst(), path) { return true }
      return !path.isEmpty && finds(pattern, path.dropFirst())
    }
    guard let part = path.first, match(first, part, dotsMatch: true) != .none else {
      return false
    }
    return finds(pattern.dropFirst(), path.dropFirst())
  }
}
