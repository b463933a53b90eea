import AGSLib
import ArgumentParser
import Glibc

/// Everything that goes to standard error.
enum ErrorOutput {
  static func warning(_ text: String) { line("ags: warning: \(text)") }
  static func note(_ text: String) { line("ags: \(text)") }

  /// One `write` a line, so that lines of several writers never mix.
  static func line(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// Renders `error` and ends the program: one line, the cause, a hint (5-commands).
  static func end(with error: any Error) -> Never {
    if let described = error as? any DescribedError {
      line("ags: error: \(described.summary)")
      if let cause = described.cause { line("  \(cause)") }
      if let hint = described.hint { line("hint: \(hint)") }
      exit(described.exitStatus.rawValue)
    }
    if let code = error as? ExitCode { exit(code.rawValue) }
    let code = AGS.exitCode(for: error)
    let message = AGS.fullMessage(for: error)
    guard code != .success else {
      print(message)
      exit(0)
    }
    line(message)
    // ArgumentParser says 64 for a wrong command line; 3-run says 2.
    exit(code == .validationFailure ? ExitStatus.usage.rawValue : ExitStatus.failure.rawValue)
  }
}
