/// Text from inside the sandbox, made unable to pass for anything else in a dialog or on a
/// terminal (6-security 2).
public enum InertText {
  /// `text` as `TerminalText` escapes it, and without what changes its neighbours or hides
  /// though it is a letter or a symbol: combining marks, scripts that run from right to left.
  public static func escaped(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if isPlain(scalar) {
        result += TerminalText.escaped(String(scalar))
      } else {
        result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      }
    }
    return result
  }

  /// `text` escaped and at most `limit` characters long: what is over goes from its middle,
  /// and a note says how much.
  public static func shortened(_ text: some StringProtocol, to limit: Int) -> String {
    let scalars = Array(escaped(text).unicodeScalars)
    guard scalars.count > limit else { return string(scalars[...]) }
    // The note is at most as long as this one.
    let room = max(limit - note(scalars.count).unicodeScalars.count, 0)
    let tail = room / 3
    let head = room - tail
    return string(scalars.prefix(head)) + note(scalars.count - room) + string(scalars.suffix(tail))
  }

  /// Lines of at most `width` characters: a dialog does not break a word that is wider than
  /// the screen, and shows its buttons beyond the edge.
  static func wrapped(_ text: String, width: Int) -> [String] {
    var rest = Array(text.unicodeScalars)[...]
    var lines: [String] = []
    while rest.count > width {
      lines.append(string(rest.prefix(width)))
      rest = rest.dropFirst(width)
    }
    lines.append(string(rest))
    return lines
  }

  private static func note(_ count: Int) -> String { " [... \(count) left out ...] " }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return true }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: return false
    default: break
    }
    // Stand-ins for something else, and a symbol without a dot.
    if (0xFFF9...0xFFFD).contains(scalar.value) || scalar == "\u{2800}" { return false }
    // The blocks whose unassigned characters, too, run from right to left (UAX #9, and the
    // table of DerivedBidiClass).
    return !rightToLeft.contains { $0.contains(scalar.value) }
  }

  private static let rightToLeft: [ClosedRange<UInt32>] = [
    0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF,
  ]
}
