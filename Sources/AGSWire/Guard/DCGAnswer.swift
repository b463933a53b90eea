/// What `dcg` (destructive_command_guard) says about a command, asked in the words of a
/// `PreToolUse` hook: silence or an `allow` with status 0 is a yes; a `deny` on standard
/// output, or status 2 with the reason on standard error, a no.
public enum DCGAnswer: Equatable, Sendable {
  case allowed
  /// With its reason, one line.
  case refused(String)
  /// It is not there or did not answer; a few words why.
  case unavailable(String)

  /// What it is asked with.
  public static func question(_ command: [UInt8]) -> [UInt8] {
    JSONValue.object([
      JSONMember("hook_event_name", .string("PreToolUse")),
      JSONMember("tool_name", .string("Bash")),
      JSONMember(
        "tool_input",
        .object([JSONMember("command", .string(String(decoding: command, as: UTF8.self)))])),
    ]).encoded()
  }

  /// Reads its exit status and what it wrote.
  public init(status: Int32, output: [UInt8], errors: [UInt8]) {
    let isSilent = output.allSatisfy { $0 <= 0x20 }
    switch status {
    case 0 where isSilent: self = .allowed
    case 0:
      let json: JSONValue
      do throws(JSONError) {
        json = try JSONReader.read(output)
      } catch {
        self = .unavailable("dcg answered something else")
        return
      }
      let inner = json["hookSpecificOutput"]
      guard let decision = inner?["permissionDecision"]?.string ?? json["decision"]?.string else {
        self = .unavailable("dcg answered something else")
        return
      }
      if decision.utf8.elementsEqual("allow".utf8) || decision.utf8.elementsEqual("approve".utf8) {
        self = .allowed
      } else {
        let reason = inner?["permissionDecisionReason"]?.string ?? json["reason"]?.string
        self = .refused(DCGAnswer.oneLine(Array((reason ?? decision).utf8)))
      }
    case 2: self = .refused(DCGAnswer.oneLine(errors))
    default: self = .unavailable("dcg failed")
    }
  }

  /// Without colours, frames or line breaks; at most 600 bytes.
  private static func oneLine(_ text: [UInt8]) -> String {
    var line: [UInt8] = []
    var isEscape = false
    for byte in text {
      if isEscape {
        // Ends with a letter, as terminals' colours do.
        if (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) { isEscape = false }
      } else if byte == 0x1B {
        isEscape = true
      } else if byte > 0x20 && byte != 0x7F {
        line.append(byte)
      } else if line.last != 0x20, !line.isEmpty {
        line.append(0x20)
      }
      if line.count >= 600 { break }
    }
    while line.last == 0x20 { line.removeLast() }
    if line.isEmpty { return "it refuses the command" }
    return String(decoding: line, as: UTF8.self)
  }
}
