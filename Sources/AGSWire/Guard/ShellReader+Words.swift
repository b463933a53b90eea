extension ShellReader {
  /// Reads one word; takes at least one byte unless an operator stands here.
  mutating func readWord() -> ShellWord {
    var word = ShellWord()
    while let next = byte(), !isOperator(next), !scope.isTooIntricate {
      position += 1
      switch next {
      case UInt8(ascii: "'"):
        word.isQuoted = true
        while let inner = byte() {
          position += 1
          if inner == UInt8(ascii: "'") { break }
          append(UInt16(inner), to: &word)
        }
      case UInt8(ascii: "\""):
        word.isQuoted = true
        readQuoted(into: &word, endsAtQuote: true)
      case UInt8(ascii: "\\"):
        word.isQuoted = true
        if let escaped = byte() {
          position += 1
          if escaped != 0x0A { append(UInt16(escaped), to: &word) }
        }
      case UInt8(ascii: "$"): readDollar(into: &word, isQuoted: false)
      case UInt8(ascii: "`"): readBackquotes(into: &word)
      case UInt8(ascii: "*"): append(ShellText.run, to: &word)
      case UInt8(ascii: "?"): append(ShellText.one, to: &word)
      case UInt8(ascii: "["):
        if let end = endOfSet {
          position = end
          append(ShellText.one, to: &word)
        } else {
          append(UInt16(next), to: &word)
        }
      case UInt8(ascii: "{"): append(ShellText.braceOpen, to: &word)
      case UInt8(ascii: "}"): append(ShellText.braceClose, to: &word)
      case UInt8(ascii: ","): append(ShellText.comma, to: &word)
      default: append(UInt16(next), to: &word)
      }
    }
    var expanded: [[UInt16]] = []
    for text in word.alternatives {
      guard let texts = ShellText.expandBraces(text, limit: ShellScope.maximumAlternatives)
      else {
        scope.isTooIntricate = true
        break
      }
      if texts.count > 1 { scope.spend(texts.count * text.count) }
      expanded.append(contentsOf: texts)
    }
    word.alternatives = expanded
    return word
  }

  /// The text of a here-document that the shell expands.
  mutating func readQuotedText() -> ShellWord {
    var word = ShellWord(isQuoted: true)
    readQuoted(into: &word, endsAtQuote: false)
    return word
  }

  private func append(_ unit: UInt16, to word: inout ShellWord) {
    for index in word.alternatives.indices { word.alternatives[index].append(unit) }
    if word.alternatives.count > 1 { scope.spend(word.alternatives.count) }
  }

  private func append(_ texts: [[UInt16]], to word: inout ShellWord) {
    if texts.count == 1, word.alternatives.count == 1 {
      word.alternatives[0].append(contentsOf: texts[0])
      scope.spend(texts[0].count)
      return
    }
    guard texts.count * word.alternatives.count <= ShellScope.maximumAlternatives else {
      scope.isTooIntricate = true
      return
    }
    var product: [[UInt16]] = []
    for head in word.alternatives {
      for tail in texts {
        scope.spend(head.count + tail.count)
        if scope.isTooIntricate { return }
        product.append(head + tail)
      }
    }
    word.alternatives = product
  }

  /// Behind the `]` of a set that the position is in, nil when there is none.
  private var endOfSet: Int? {
    var index = position
    if index < text.count, text[index] == UInt8(ascii: "!") || text[index] == UInt8(ascii: "^") {
      index += 1
    }
    let first = index
    while index < text.count, index - first < 256, !isOperator(text[index]) {
      if text[index] == UInt8(ascii: "/") { return nil }
      if text[index] == UInt8(ascii: "]"), index > first { return index + 1 }
      index += 1
    }
    return nil
  }

  private mutating func readQuoted(into word: inout ShellWord, endsAtQuote: Bool) {
    while let next = byte(), !scope.isTooIntricate {
      position += 1
      switch next {
      case UInt8(ascii: "\"") where endsAtQuote: return
      case UInt8(ascii: "\\"):
        guard let escaped = byte() else { return }
        switch escaped {
        case 0x0A: position += 1
        case UInt8(ascii: "$"), UInt8(ascii: "`"), UInt8(ascii: "\""), UInt8(ascii: "\\"):
          position += 1
          append(UInt16(escaped), to: &word)
        default: append(UInt16(next), to: &word)
        }
      case UInt8(ascii: "$"): readDollar(into: &word, isQuoted: true)
      case UInt8(ascii: "`"): readBackquotes(into: &word)
      default: append(UInt16(next), to: &word)
      }
    }
  }

  private mutating func readBackquotes(into word: inout ShellWord) {
    var inner: [UInt8] = []
    while let next = byte() {
      position += 1
      if next == UInt8(ascii: "`") { break }
      if next == UInt8(ascii: "\\"), let escaped = byte(),
        escaped == UInt8(ascii: "`") || escaped == UInt8(ascii: "\\")
          || escaped == UInt8(ascii: "$")
      {
        position += 1
        inner.append(escaped)
      } else {
        inner.append(next)
      }
    }
    append(readSubstitution(inner), to: &word)
  }

  /// The position is behind the `$`.
  private mutating func readDollar(into word: inout ShellWord, isQuoted: Bool) {
    guard let next = byte() else { return append(ShellText.dollar, to: &word) }
    switch next {
    case UInt8(ascii: "(") where byte(at: 1) == UInt8(ascii: "("):
      readArithmetic(into: &word)
    case UInt8(ascii: "("):
      position += 1
      append(readSubstitution(), to: &word)
    case UInt8(ascii: "{"):
      position += 1
      readBraced(into: &word)
    case UInt8(ascii: "'") where !isQuoted:
      position += 1
      word.isQuoted = true
      readEscapes(into: &word)
    case UInt8(ascii: "\"") where !isQuoted: break
    case UInt8(ascii: "@"), UInt8(ascii: "*"), UInt8(ascii: "#"), UInt8(ascii: "?"),
      UInt8(ascii: "$"), UInt8(ascii: "!"), UInt8(ascii: "-"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      position += 1
      append(ShellText.unknown, to: &word)
    default:
      let name = readName()
      if name.isEmpty { return append(ShellText.dollar, to: &word) }
      append(scope.values(of: name) ?? [[ShellText.unknown]], to: &word)
    }
  }

  private mutating func readName() -> [UInt8] {
    var name: [UInt8] = []
    while let next = byte(), ShellText.isName(next) {
      name.append(next)
      position += 1
    }
    return name
  }

  /// `$((…))`: a number, or commands in doubled parentheses.
  private mutating func readArithmetic(into word: inout ShellWord) {
    var depth = 0
    var end = position
    while end < text.count {
      if text[end] == UInt8(ascii: "(") { depth += 1 }
      if text[end] == UInt8(ascii: ")") { depth -= 1 }
      end += 1
      if depth == 0 { break }
    }
    let inner = Array(text[position..<end])
    position = end
    append(readSubstitution(inner), to: &word)
  }

  /// `${NAME…}`, behind the brace: the variable's values and, where it has one, the text
  /// that stands in for them.
  private mutating func readBraced(into word: inout ShellWord) {
    nesting += 1
    defer { nesting -= 1 }
    if nesting > ShellReader.maximumNesting { scope.isTooIntricate = true }
    if byte() == UInt8(ascii: "!") || byte() == UInt8(ascii: "#") { position += 1 }
    let name = readName()
    var values = scope.values(of: name) ?? [[ShellText.unknown]]
    if byte() == UInt8(ascii: ":") { position += 1 }
    var takesWord = false
    switch byte() {
    case UInt8(ascii: "-"), UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "?"):
      takesWord = true
      position += 1
    default: break
    }
    var rest = ShellWord()
    while let next = byte(), !scope.isTooIntricate {
      position += 1
      if next == UInt8(ascii: "}") { break }
      switch next {
      case UInt8(ascii: "\\"):
        if let escaped = byte() {
          position += 1
          append(UInt16(escaped), to: &rest)
        }
      case UInt8(ascii: "'"), UInt8(ascii: "\""): continue
      case UInt8(ascii: "$"): readDollar(into: &rest, isQuoted: true)
      case UInt8(ascii: "`"): readBackquotes(into: &rest)
      default: append(UInt16(next), to: &rest)
      }
    }
    if takesWord || !ShellText.isLiteral(values.first ?? []) { values += rest.alternatives }
    append(values, to: &word)
  }

  /// `$'…'`, behind the quotation mark.
  private mutating func readEscapes(into word: inout ShellWord) {
    while let next = byte() {
      position += 1
      if next == UInt8(ascii: "'") { return }
      guard next == UInt8(ascii: "\\"), let letter = byte() else {
        append(UInt16(next), to: &word)
        continue
      }
      position += 1
      switch letter {
      case UInt8(ascii: "n"): append(0x0A, to: &word)
      case UInt8(ascii: "t"): append(0x09, to: &word)
      case UInt8(ascii: "x"): append(number(radix: 16, digits: 2), to: &word)
      case UInt8(ascii: "u"): append(number(radix: 16, digits: 4), to: &word)
      case UInt8(ascii: "U"): append(number(radix: 16, digits: 8), to: &word)
      case UInt8(ascii: "0")...UInt8(ascii: "7"):
        position -= 1
        append(number(radix: 8, digits: 3), to: &word)
      case UInt8(ascii: "c"):
        position += byte() == nil ? 0 : 1
        append(ShellText.one, to: &word)
      default: append(UInt16(letter), to: &word)
      }
    }
  }

  /// A character by its number; beyond ASCII some character, which no rule is about.
  private mutating func number(radix: UInt32, digits: Int) -> UInt16 {
    var value: UInt32 = 0
    var count = 0
    while count < digits, let next = byte(), let digit = ShellText.hexadecimal(next),
      UInt32(digit) < radix
    {
      value = value &* radix &+ UInt32(digit)
      position += 1
      count += 1
    }
    return value < 128 ? UInt16(value) : ShellText.one
  }
}
