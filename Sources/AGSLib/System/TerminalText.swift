/// Text of someone else's making, made safe to show on a terminal or in a dialog.
public enum TerminalText {
  /// `text` with everything escaped as `\u{…}` that could move the cursor, reorder,
  /// hide or imitate: control and format characters (bidirectional and zero-width ones
  /// among them), line separators, spaces other than U+0020, private and unassigned ones.
  /// Line feeds too, so split into lines first; a tab becomes `\t`.
  public static func escaped(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if scalar == "\t" {
        result += "\\t"
      } else if isHarmless(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      }
    }
    return result
  }

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return (0x20..<0x7f).contains(scalar.value) }
    if scalar.properties.isDefaultIgnorableCodePoint { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator:
      return false
    default:
      return true
    }
  }
}
