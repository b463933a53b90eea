import AGSLib
import ArgumentParser
import Glibc

/// Everything that goes to standard error.
enum ErrorOutput {
  static func warning(_ text: String) { line("ags: warning: \(TerminalText.escaped(text))") }
  static func note(_ text: String) { line("ags: \(TerminalText.escaped(text))") }

  static func line(_ text: String) { StandardError.writeLine(text) }

  /// Renders `error` and ends the program: one line, the cause, a hint (5-commands).
  static func end(with error: any Error) -> Never {
    if let described = error as? any DescribedError {
      // Paths and names in it may be an agent's work.
      line("ags: error: \(TerminalText.escaped(described.summary))")
      for part in described.cause?.split(separator: "\n") ?? [] {
        line("  \(TerminalText.escaped(part))")
      }
      if let hint = described.hint { line("hint: \(TerminalText.escaped(hint))") }
      exit(described.exitStatus.rawValue)
    }
    if let code = error as? ExitCode { exit(code.rawValue) }
    let code = AGS.exitCode(for: error)
    guard code != .success else {
      print(AGS.fullMessage(for: error))
      exit(0)
    }
    line("ags: error: \(AGS.message(for: error))")
    // ArgumentParser says 64 for a wrong command line; 3-run says 2.
    guard code == .validationFailure else { exit(ExitStatus.failure.rawValue) }
    line("hint: ags --help, or ags COMMAND --help")
    exit(ExitStatus.usage.rawValue)
  }
}
