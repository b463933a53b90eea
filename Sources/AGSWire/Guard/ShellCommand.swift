/// One word of a command with every text it may stand for.
struct ShellWord {
  var alternatives: [[UInt16]] = [[]]
  /// Whether any part of it was in quotes.
  var isQuoted = false

  func isOne(of names: [StaticString]) -> Bool {
    alternatives.contains { text in names.contains { ShellText.equal(text, $0) } }
  }

  /// Whether it names one of these programs, by whatever path.
  func isProgram(_ names: [StaticString]) -> Bool {
    alternatives.contains { text in
      let name = text.lastIndex(of: ShellText.slash).map { Array(text[($0 + 1)...]) } ?? text
      return names.contains { ShellText.equal(name, $0) }
    }
  }

  func hasPrefix(_ text: StaticString) -> Bool {
    alternatives.contains { ShellText.hasPrefix($0, text) }
  }

  /// Whether it is a bundle of short options with that letter in it.
  func hasShortOption(_ letter: UInt8) -> Bool {
    alternatives.contains {
      $0.count > 1 && $0[0] == ShellText.dash && $0[1] != ShellText.dash
        && $0.contains(UInt16(letter))
    }
  }

  var isOption: Bool { hasPrefix("-") }

  /// Where the value begins when this is `NAME=value`.
  static func assignment(_ text: [UInt16]) -> Int? {
    guard let equals = text.firstIndex(of: ShellText.equals), equals > 0 else { return nil }
    var name = text[..<equals]
    if name.last == UInt16(UInt8(ascii: "+")) { name = name.dropLast() }
    guard let first = name.first, first < 256,
      !(0x30...0x39).contains(first),
      name.allSatisfy({ $0 < 256 && ShellText.isName(UInt8(truncatingIfNeeded: $0)) })
    else { return nil }
    return equals + 1
  }

  var isAssignment: Bool { alternatives.contains { ShellWord.assignment($0) != nil } }
}

/// One simple command: words, and where its input and output go.
struct ShellCommand {
  struct Redirection {
    var isOutput: Bool
    var target: ShellWord
  }

  var words: [ShellWord] = []
  var redirections: [Redirection] = []
  /// Texts of here-documents and here-strings.
  var texts: [HereText] = []
  /// Whether its output goes into another command.
  var isPiped = false

  struct HereText {
    var word: ShellWord
    /// Whether the shell leaves it as it is: its delimiter was quoted.
    var isVerbatim: Bool
  }
}

/// What the pieces of one command line know of each other: variables, and how much
/// expanding is left to do.
final class ShellScope {
  var commands: [ShellCommand] = []
  /// Set when the text needs more expanding than anything sensible does.
  var isTooIntricate = false
  private var variables: [(name: [UInt8], values: [[UInt16]])] = []
  private var remaining = 1 << 22

  static var maximumAlternatives: Int { 1024 }

  /// nil when nothing here sets it.
  func values(of name: [UInt8]) -> [[UInt16]]? {
    variables.first { $0.name == name }?.values
  }

  /// Adds values; earlier ones stay, because nobody knows here which way is taken.
  func set(_ name: [UInt8], to values: [[UInt16]]) {
    for value in values { spend(value.count + 1) }
    if isTooIntricate { return }
    if let index = variables.firstIndex(where: { $0.name == name }) {
      for value in values where !variables[index].values.contains(value) {
        variables[index].values.append(value)
      }
      if variables[index].values.count > ShellScope.maximumAlternatives { isTooIntricate = true }
    } else {
      variables.append((name, values))
      if variables.count > 10_000 { isTooIntricate = true }
    }
  }

  func spend(_ units: Int) {
    remaining -= units
    if remaining < 0 { isTooIntricate = true }
  }
}
