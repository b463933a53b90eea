import AGSLib

/// What `--timing` prints.
enum TimingText {
  static func print(_ timing: SessionTiming, planning: Duration) {
    let phases = [("flags, configuration, plan", planning)] + timing.phases
    for (name, length) in phases {
      let text = "\(tenths(length)) ms"
      let padding = String(repeating: " ", count: max(0, 10 - text.count))
      ErrorOutput.line("ags: timing: \(padding)\(text)  \(name)")
    }
  }

  private static func tenths(_ length: Duration) -> String {
    let tenths = Int((length / .microseconds(100)).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
