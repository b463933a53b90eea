import AGSLib
import Glibc
import SystemPackage

/// Asks on the user's terminal whether a repository's configuration may be used
/// (2-config "Trust of an overlay").
struct TerminalTrustPrompt: TrustPrompt {
  /// Nil when there is nobody to ask: standard input is no terminal, or there is none.
  init?(host: Host) {
    guard host.standardInputIsTerminal else { return nil }
    do {
      try Self.openTerminal().close()
    } catch {
      return nil
    }
  }

  /// Not standard error: it may be a file, and the question must be seen.
  private static func openTerminal() throws -> FileDescriptor {
    try FileDescriptor.open("/dev/tty", .readWrite, options: .closeOnExec)
  }

  func answer(_ question: TrustQuestion) throws -> TrustAnswer {
    let terminal = try Self.openTerminal()
    return try terminal.closeAfter { try ask(question, on: terminal) }
  }

  private func ask(
    _ question: TrustQuestion, on terminal: FileDescriptor
  ) throws -> TrustAnswer {
    try terminal.writeAll(Self.text(of: question).utf8)
    // What was typed before the question was seen is no answer to it.
    tcflush(terminal.rawValue, TCIFLUSH)
    guard let answer = try readLine(terminal) else {
      try terminal.writeAll("\n".utf8)
      return .undecided
    }
    return ["y", "yes"].contains(answer.lowercased()) ? .allow : .deny
  }

  /// The whole question. The file comes first and what it asks for last, next to the
  /// answer, so that a long file cannot push it out of sight.
  static func text(of question: TrustQuestion) -> String {
    var lines = ["", heading(question), ""]
    lines += question.lines.map { line in
      switch line.change {
      case .same: "  | \(line.text)"
      case .added: "  + \(line.text)"
      case .removed: "  - \(line.text)"
      case .leftOut: "  ... \(line.text)"
      }
    }
    lines.append("")
    if question.requests.isEmpty {
      lines.append("It asks for nothing outside the repository.")
    } else {
      lines.append("It asks ags to:")
      lines += question.requests.map { "  * \($0)" }
    }
    lines.append("Use it? The answer is kept for exactly this content. [y/N] ")
    return lines.joined(separator: "\n")
  }

  private static func heading(_ question: TrustQuestion) -> String {
    let file = TerminalText.escaped(question.file.string)
    return switch question.reason {
    case .new: "This repository brings a configuration of its own, \(file):"
    case .changed: "The configuration \(file) has changed since you trusted it:"
    case .reachesMore:
      "The configuration \(file) now reaches other places than when you trusted it:"
    }
  }

  /// One line without its end, byte by byte so that nothing after it is taken from
  /// whoever reads next; nil at the end of input.
  private func readLine(_ terminal: FileDescriptor) throws -> String? {
    var bytes: [UInt8] = []
    while true {
      var byte: UInt8 = 0
      let count = try withUnsafeMutableBytes(of: &byte) { try terminal.read(into: $0) }
      if count == 0 { return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self) }
      if byte == UInt8(ascii: "\n") {
        return String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
      }
      if bytes.count < 64 { bytes.append(byte) }
    }
  }
}
