import AGSLib

/// `ags doctor` for people.
enum DoctorText {
  static func render(_ findings: [Finding], hasColour: Bool) -> String {
    var lines: [String] = []
    for finding in findings {
      lines.append("\(mark(finding.status, hasColour))  \(finding.summary)")
      if let hint = finding.hint { lines.append("      hint: \(hint)") }
    }
    return (lines + ["", summary(findings)]).joined(separator: "\n")
  }

  private static func mark(_ status: Finding.Status, _ hasColour: Bool) -> String {
    // All marks are four columns wide.
    let (text, colour) =
      switch status {
      case .ok: ("ok  ", 32)
      case .warn: ("warn", 33)
      case .fail: ("fail", 31)
      }
    return hasColour ? "\u{1B}[\(colour)m\(text)\u{1B}[0m" : text
  }

  private static func summary(_ findings: [Finding]) -> String {
    let warnings = findings.count { $0.status == .warn }
    let failures = findings.count { $0.status == .fail }
    let end = failures == 0 ? "ags can run here" : "ags cannot run here as it is"
    return "\(findings.count - warnings - failures) ok, \(warnings) "
      + (warnings == 1 ? "warning" : "warnings") + ", \(failures) "
      + (failures == 1 ? "failure" : "failures") + ": \(end)"
  }
}
