/// kdialog, of KDE. A list of what can be said, Cancel selected: it has no question whose
/// default is no and that takes labels of ours.
struct KdialogDialog: ApprovalRenderer {
  var program: DialogProgram

  let name = "kdialog"

  private static let cancel = "cancel"

  func show(_ prompt: ApprovalPrompt) async -> ApprovalDialogAnswer {
    var arguments = [
      "--title", prompt.title, "--radiolist", Self.richText(prompt.lines),
      Self.cancel, "Cancel", "on", ApprovalChoice.allow.rawValue, prompt.allowLabel, "off",
    ]
    let offersProxy = prompt.choices.contains(.proxy)
    if offersProxy { arguments += [ApprovalChoice.proxy.rawValue, "Proxy", "off"] }
    return await program.show(arguments) { result in
      switch (result.status, String(decoding: result.standardOutput, as: UTF8.self)) {
      case (.exited(0), "\(ApprovalChoice.allow.rawValue)\n"): .chosen(.allow)
      case (.exited(0), "\(ApprovalChoice.proxy.rawValue)\n") where offersProxy: .chosen(.proxy)
      // Its Cancel button, Escape, or Cancel in the list. Without a display it ends by a
      // signal.
      case (.exited(0), "\(Self.cancel)\n"), (.exited(1), ""): .cancelled
      default: nil
      }
    }
  }

  /// Qt guesses whether a text is rich; this one is, so nothing in it is left to a guess.
  static func richText(_ lines: [String]) -> String {
    "<qt><p align=\"left\">" + lines.map(escaped).joined(separator: "<br/>") + "</p></qt>"
  }

  private static func escaped(_ line: String) -> String {
    line.unicodeScalars.map { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      // kdialog takes backslashes for escapes.
      case "\\": "&#92;"
      // Runs of spaces would become one, and lines are broken already.
      case " ": "&nbsp;"
      default: String(scalar)
      }
    }.joined()
  }
}
