/// zenity, of GTK.
///
/// Its own statuses cannot be trusted: 1 is Cancel as well as a display that cannot be
/// reached, and 0 is OK as well as a window somebody else destroyed (3.44). So each button
/// has a status of its own, and no other is an answer.
struct ZenityDialog: ApprovalRenderer {
  var program: DialogProgram

  let name = "zenity"

  private static let opened: Int32 = 81
  private static let cancelled: Int32 = 82
  private static let escaped: Int32 = 83
  private static let proxyLabel = "Proxy"

  init(program: DialogProgram) {
    self.program = program
    self.program.environment.merge([
      "ZENITY_OK": "\(Self.opened)", "ZENITY_CANCEL": "\(Self.cancelled)",
      "ZENITY_ESC": "\(Self.escaped)",
    ]) { $1 }
  }

  func show(_ prompt: ApprovalPrompt) async -> ApprovalDialogAnswer {
    // Some versions take backslashes for escapes.
    let text = prompt.text.replacing("\\", with: "\u{2216}")
    var arguments = [
      "--question", "--no-markup", "--default-cancel", "--width=560", "--title=\(prompt.title)",
      "--text=\(text)", "--ok-label=\(prompt.allowLabel)", "--cancel-label=Cancel",
    ]
    let offersProxy = prompt.choices.contains(.proxy)
    if offersProxy { arguments.append("--extra-button=\(Self.proxyLabel)") }
    return await program.show(arguments) { result in
      // A further button prints its label and otherwise looks like Escape.
      switch (result.status, String(decoding: result.standardOutput, as: UTF8.self)) {
      case (.exited(Self.opened), ""): .chosen(.allow)
      case (.exited(Self.cancelled), ""), (.exited(Self.escaped), ""): .cancelled
      case (.exited(Self.escaped), "\(Self.proxyLabel)\n") where offersProxy: .chosen(.proxy)
      default: nil
      }
    }
  }
}
