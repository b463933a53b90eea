import AGSLib

/// Command lines as a POSIX shell reads them.
enum ShellQuoting {
  static func line(_ words: [String]) -> String { words.map(word).joined(separator: " ") }

  static func word(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "-_=/.,:+@%".utf8.contains(byte)
        }
      }
    if isPlain { return text }
    if TerminalText.escaped(text) != text { return escaped(text) }
    return "'"
      + text.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: #"'\''"#) + "'"
  }

  /// Printable whatever is in it: `$'…'`, which bash, zsh, ksh and POSIX 2024 know.
  private static func escaped(_ text: String) -> String {
    let bytes = text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
      case 0x20..<0x7f: String(UnicodeScalar(byte))
      // Always three digits, so that a digit after it stays one.
      default: "\\" + String(String(Int(byte) + 0o1000, radix: 8).dropFirst())
      }
    }
    return "$'" + bytes.joined() + "'"
  }
}
