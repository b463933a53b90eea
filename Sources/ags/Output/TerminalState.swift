import Glibc

/// The terminal as it was before a session: podman puts it into raw mode, an agent may
/// leave it anyhow (3-run "Order" 7).
struct TerminalState {
  private var settings: termios

  /// Nil when standard input is no terminal.
  static func saved() -> TerminalState? {
    var settings = termios()
    guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
    return TerminalState(settings: settings)
  }

  /// Puts the line settings back and softly resets what escape sequences changed:
  /// cursor, attributes, mouse reports, bracketed paste, and after a crash the alternate
  /// screen.
  func restore(afterCrash: Bool) {
    var settings = settings
    tcsetattr(STDIN_FILENO, TCSADRAIN, &settings)
    guard isatty(STDOUT_FILENO) == 1 else { return }
    let reset = "\u{1b}[!p\u{1b}[?1000l\u{1b}[?1002l\u{1b}[?1003l\u{1b}[?1006l\u{1b}[?2004l"
    let bytes = Array(((afterCrash ? "\u{1b}[?1049l" : "") + reset).utf8)
    _ = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
  }
}
