extension PathRules {
  /// What a search below `root` would go through that is off limits.
  /// - Parameters:
  ///   - pattern: what files it looks at, relative to the root; nil for all.
  ///   - findsNames: whether a pattern without `/` only means the root itself, as for
  ///     Glob; Grep's filters mean any depth.
  func searched(root: [UInt16], pattern: [UInt8]?, findsNames: Bool) -> String? {
    if let name = sensitive(root) { return name }
    for path in absolute(root) {
      for start in [lexicalParts(path), resolve(path)] {
        if let name = searched(from: start, pattern: pattern, findsNames: findsNames) {
          return name
        }
      }
    }
    return nil
  }

  private func searched(
    from start: [[UInt16]], pattern: [UInt8]?, findsNames: Bool
  ) -> String? {
    let everything: [[UInt16]] = [[ShellText.run, ShellText.run]]
    guard let pattern, pattern.first != UInt8(ascii: "!") else {
      return found(by: start + everything)
    }
    guard let texts = ShellText.globs(pattern) else { return found(by: start + everything) }
    for text in texts {
      let parts = ShellText.split(text, at: ShellText.slash)
      var candidates: [[[UInt16]]] = []
      if text.first == ShellText.slash && findsNames {
        candidates = [parts, resolve(parts)]
      } else if text.first == ShellText.tilde || text.first == ShellText.dollar {
        candidates = absolute(text)
      } else if findsNames {
        candidates = [start + parts, resolve(start + parts)]
      } else {
        candidates = [start + parts, start + everything + parts]
      }
      for candidate in candidates {
        if let name = found(by: lexicalParts(candidate)) { return name }
      }
    }
    return nil
  }

  /// What the whole pattern finds of the places that are there.
  private func found(by pattern: [[UInt16]]) -> String? {
    if let name = sensitiveParts(pattern) { return name }
    let everything: [UInt16] = [ShellText.run, ShellText.run]
    var pattern = pattern
    for index in pattern.indices.reversed().dropLast()
    where pattern[index] == everything && pattern[index - 1] == everything {
      pattern.remove(at: index)
    }
    for home in homes {
      for path in SensitivePath.all {
        let isFound = path.samples.contains {
          ComponentPattern.finds(pattern[...], (home + $0)[...])
        }
        if isFound, files.exists(home + path.components) { return path.name }
      }
    }
    return nil
  }

  private func sensitiveParts(_ parts: [[UInt16]]) -> String? {
    // `**` may stand for no part at all and is no shell's `*`.
    let fixed = parts.prefix { ShellText.isLiteral($0) }
    var text: [UInt16] = []
    for part in fixed { text += [ShellText.slash] + part }
    return sensitive(text)
  }

  /// What `root` is above of that is off limits and there, for programs that walk.
  func walked(root: [UInt16]) -> String? {
    for path in absolute(root) where path.allSatisfy({ ShellText.isLiteral($0) }) {
      if let name = found(by: resolve(path) + [[ShellText.run, ShellText.run]]) { return name }
    }
    return nil
  }

  private func lexicalParts(_ path: [[UInt16]]) -> [[UInt16]] {
    var result: [[UInt16]] = []
    for part in path where !ShellText.equal(part, ".") {
      if ShellText.equal(part, "..") {
        if !result.isEmpty { result.removeLast() }
      } else {
        result.append(part)
      }
    }
    return result
  }
}

extension ShellText {
  /// The patterns that a search tool's pattern stands for; nil when there are too many.
  static func globs(_ pattern: [UInt8]) -> [[UInt16]]? {
    var units: [UInt16] = []
    var index = 0
    while index < pattern.count {
      let byte = pattern[index]
      index += 1
      switch byte {
      case UInt8(ascii: "*"): units.append(run)
      case UInt8(ascii: "?"): units.append(one)
      case UInt8(ascii: "{"): units.append(braceOpen)
      case UInt8(ascii: "}"): units.append(braceClose)
      case UInt8(ascii: ","): units.append(comma)
      case UInt8(ascii: "\\") where index < pattern.count:
        units.append(UInt16(pattern[index]))
        index += 1
      case UInt8(ascii: "["):
        if index + 1 < pattern.count,
          let end = pattern[(index + 1)...].firstIndex(of: UInt8(ascii: "]"))
        {
          index = end + 1
          units.append(one)
        } else {
          units.append(UInt16(byte))
        }
      default: units.append(UInt16(byte))
      }
    }
    return expandBraces(units, limit: 256)
  }
}
