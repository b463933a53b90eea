internal import AGSWire

/// What the sandbox wants remembered: so much a session, and then only how much it was.
struct AuditReports {
  /// In bytes of text.
  static let maximumSize = 8 << 20
  /// The only event the sandbox may name. It cannot write the host's.
  static let event = "guard-refusal"

  private var size = 0
  private var dropped = 0
  private var counted = 0

  /// - Returns: what is to be recorded.
  mutating func admit(_ event: String, _ text: String) throws(ChannelFault) -> [AuditEvent] {
    guard event.utf8.elementsEqual(Self.event.utf8) else {
      throw ChannelFault(.unknownType, "no such event")
    }
    let text = TerminalText.escaped(text)
    if dropped == 0, size + text.utf8.count <= Self.maximumSize {
      size += text.utf8.count
      return [AuditEvent(event, ["text": text])]
    }
    dropped += 1
    // Now and then, so that the count is known also if the session ends badly.
    return dropped >= counted * 10 ? [summary].compactMap(\.self) : []
  }

  /// What was dropped since it was said last.
  var summary: AuditEvent? {
    mutating get {
      guard dropped > counted else { return nil }
      counted = dropped
      return AuditEvent("reports-dropped", ["count": "\(dropped)"])
    }
  }
}
