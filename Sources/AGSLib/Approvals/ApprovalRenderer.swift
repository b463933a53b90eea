internal import SystemPackage

/// What came of showing a question.
enum ApprovalDialogAnswer: Sendable, Equatable {
  case chosen(ApprovalChoice)
  case cancelled
  /// The program crashed, could not reach a display, or said what nobody understands: that
  /// is no answer. Why, in a few words.
  case failed(String)
}

/// Shows one question at a time to the user.
protocol ApprovalRenderer: Sendable {
  /// For the audit log and the list of answered questions.
  var name: String { get }

  /// Returns when the user has answered. When the task is cancelled the dialog is closed
  /// before this returns, and what it returns is nothing.
  func show(_ prompt: ApprovalPrompt) async -> ApprovalDialogAnswer
}

extension Host {
  /// Whether programs for the desktop can show anything.
  var hasDisplay: Bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].contains { !(environment[$0] ?? "").isEmpty }
  }

  /// The dialog programs there are, the preferred one first; none without a display.
  /// - Note: `PATH` must be one an agent has no hand in: `withTrustedSearchPath`.
  func approvalDialogs(
    runner: any CommandRunner = SubprocessRunner(), clock: ApprovalClock = .system
  ) -> [any ApprovalRenderer] {
    guard hasDisplay else { return [] }
    func program(_ name: String) -> DialogProgram? {
      ProgramLookup.find(name, on: self).map {
        DialogProgram(
          executable: $0, environment: ChildEnvironment.dialog(self), runner: runner, clock: clock)
      }
    }
    var dialogs: [any ApprovalRenderer] = []
    if let zenity = program("zenity") { dialogs.append(ZenityDialog(program: zenity)) }
    if let kdialog = program("kdialog") { dialogs.append(KdialogDialog(program: kdialog)) }
    return dialogs
  }
}

extension ChildEnvironment {
  /// What dialogs get: a language in which our text goes through unchanged and nothing is
  /// laid out from right to left.
  static func dialog(_ host: Host) -> [String: String] {
    var variables = desktop(host)
    variables["LC_ALL"] = "C.UTF-8"
    variables["LANGUAGE"] = nil
    return variables
  }
}
