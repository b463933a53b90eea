/// Splits shell text into simple commands, as `sh` and `bash` would read it, with
/// variables, substitutions and braces replaced by what they may stand for. It never
/// fails: text that no shell would take is read as far as it goes.
struct ShellReader {
  let text: [UInt8]
  let scope: ShellScope
  var position = 0
  /// Here-documents whose text begins at the next line.
  private var awaited: [AwaitedText] = []
  var nesting: Int

  private struct AwaitedText {
    var delimiter: [UInt8]
    var isVerbatim: Bool
    var stripsTabs: Bool
    /// The command it belongs to, once that is complete.
    var owner: Int?
  }

  /// Substitutions inside each other.
  static var maximumNesting: Int { 24 }

  init(_ text: [UInt8], scope: ShellScope, nesting: Int = 0) {
    self.text = text
    self.scope = scope
    self.nesting = nesting
  }

  func byte(at offset: Int = 0) -> UInt8? {
    position + offset < text.count ? text[position + offset] : nil
  }

  /// Reads to the end, or behind the closing parenthesis.
  mutating func readCommands(untilParenthesis: Bool = false) {
    nesting += 1
    defer { nesting -= 1 }
    if nesting > ShellReader.maximumNesting { scope.isTooIntricate = true }
    var command = ShellCommand()
    while let next = byte(), !scope.isTooIntricate {
      switch next {
      case 0x20, 0x09, 0x0B, 0x0C, 0x0D: position += 1
      case 0x0A:
        end(&command)
        position += 1
        readAwaitedTexts()
      case UInt8(ascii: ";"):
        end(&command)
        position += 1
      case UInt8(ascii: "&"):
        if byte(at: 1) == UInt8(ascii: ">") {
          position += 1
          readRedirection(of: &command)
        } else {
          end(&command)
          position += 1
        }
      case UInt8(ascii: "|"):
        let isOr = byte(at: 1) == UInt8(ascii: "|")
        command.isPiped = !isOr
        end(&command)
        position += isOr || byte(at: 1) == UInt8(ascii: "&") ? 2 : 1
      case UInt8(ascii: "("):
        end(&command)
        position += 1
        readCommands(untilParenthesis: true)
      case UInt8(ascii: ")"):
        end(&command)
        position += 1
        if untilParenthesis { return }
      case UInt8(ascii: "#"):
        while let rest = byte(), rest != 0x0A { position += 1 }
      case UInt8(ascii: "<"), UInt8(ascii: ">"): readRedirection(of: &command)
      case UInt8(ascii: "\\") where byte(at: 1) == 0x0A: position += 2
      default:
        let word = readWord()
        // At once: in `a=b c=$a` the second uses the first.
        assign(word)
        command.words.append(word)
      }
    }
    end(&command)
  }

  private mutating func end(_ command: inout ShellCommand) {
    defer { command = ShellCommand() }
    let isAwaiting = awaited.contains { $0.owner == nil }
    if command.words.isEmpty && command.redirections.isEmpty && command.texts.isEmpty
      && !isAwaiting
    {
      return
    }
    for index in awaited.indices where awaited[index].owner == nil {
      awaited[index].owner = scope.commands.count
    }
    scope.commands.append(command)
    assignLoop(command.words)
  }

  /// Remembers what `A=b` sets, wherever it stands: `export A=b` sets it too.
  private func assign(_ word: ShellWord) {
    for text in word.alternatives {
      guard let start = ShellWord.assignment(text) else { continue }
      var name = ShellText.source(Array(text[..<(start - 1)]))
      if name.last == UInt8(ascii: "+") { name.removeLast() }
      scope.set(name, to: [Array(text[start...])])
    }
  }

  /// Remembers what `for A in b c` sets.
  private func assignLoop(_ words: [ShellWord]) {
    guard let place = words.firstIndex(where: { $0.isOne(of: ["for", "select"]) }),
      place + 2 < words.count, words[place + 2].isOne(of: ["in"]),
      let name = words[place + 1].alternatives.first
    else { return }
    for word in words[(place + 3)...] {
      scope.set(ShellText.source(name), to: word.alternatives)
    }
  }

  /// The position is at `<` or `>`.
  private mutating func readRedirection(of command: inout ShellCommand) {
    let isOutput = byte() == UInt8(ascii: ">")
    position += 1
    if byte() == UInt8(ascii: "(") {
      position += 1
      readCommands(untilParenthesis: true)
      return
    }
    var isHereText = false
    if !isOutput, byte() == UInt8(ascii: "<") {
      position += 1
      isHereText = true
    }
    if isHereText, byte() != UInt8(ascii: "<") {
      let stripsTabs = byte() == UInt8(ascii: "-")
      if stripsTabs { position += 1 }
      skipBlanks()
      // A delimiter is not expanded, whatever is in it.
      let delimiter = readWord()
      awaited.append(
        AwaitedText(
          delimiter: ShellText.source(delimiter.alternatives.first ?? []),
          isVerbatim: delimiter.isQuoted, stripsTabs: stripsTabs))
      return
    }
    if isHereText {
      position += 1
      skipBlanks()
      command.texts.append(ShellCommand.HereText(word: readWord(), isVerbatim: false))
      return
    }
    var mayWrite = isOutput
    while let next = byte(),
      next == UInt8(ascii: ">") || next == UInt8(ascii: "|") || next == UInt8(ascii: "&")
    {
      if next == UInt8(ascii: ">") { mayWrite = true }
      position += 1
    }
    skipBlanks()
    guard let next = byte(), !isOperator(next) else { return }
    command.redirections.append(
      ShellCommand.Redirection(isOutput: mayWrite, target: readWord()))
  }

  private mutating func skipBlanks() {
    while let next = byte(), next == 0x20 || next == 0x09 { position += 1 }
  }

  func isOperator(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "("),
      UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"), 0x09...0x0D, 0x20:
      return true
    default: return false
    }
  }

  private mutating func readAwaitedTexts() {
    let texts = awaited
    awaited = []
    for awaitedText in texts {
      var body: [UInt8] = []
      while position < text.count {
        var end = position
        while end < text.count, text[end] != 0x0A { end += 1 }
        var line = text[position..<end]
        position = min(end + 1, text.count)
        if awaitedText.stripsTabs { line = line.drop { $0 == 0x09 } }
        if line.elementsEqual(awaitedText.delimiter) { break }
        body.append(contentsOf: line)
        body.append(0x0A)
      }
      var word = ShellWord(alternatives: [ShellText.literal(body)], isQuoted: true)
      if !awaitedText.isVerbatim {
        var reader = ShellReader(body, scope: scope, nesting: nesting)
        word = reader.readQuotedText()
      }
      guard let owner = awaitedText.owner, owner < scope.commands.count else { continue }
      scope.commands[owner].texts.append(
        ShellCommand.HereText(word: word, isVerbatim: awaitedText.isVerbatim))
    }
  }

  /// What commands inside a substitution may print: their words.
  mutating func readSubstitution() -> [[UInt16]] {
    let first = scope.commands.count
    readCommands(untilParenthesis: true)
    return printed(by: first)
  }

  /// The same for text of its own, between backquotes for one.
  mutating func readSubstitution(_ inner: [UInt8]) -> [[UInt16]] {
    let first = scope.commands.count
    var reader = ShellReader(inner, scope: scope, nesting: nesting)
    reader.readCommands()
    return printed(by: first)
  }

  private func printed(by first: Int) -> [[UInt16]] {
    var texts: [[UInt16]] = [[ShellText.unknown]]
    for command in scope.commands[first...] {
      if command.words.first?.isOne(of: ["pwd"]) == true {
        texts = scope.values(of: Array("PWD".utf8)) ?? texts
      }
      for word in command.words.dropFirst() {
        for text in word.alternatives where texts.count < 32 { texts.append(text) }
      }
    }
    return texts
  }
}
