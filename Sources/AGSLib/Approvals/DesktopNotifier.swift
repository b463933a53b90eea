internal import SystemPackage

/// Shows lines as desktop notifications, through `notify-send` where it is installed.
actor DesktopNotifier {
  private let program: FilePath
  private let environment: [String: String]
  private let runner: any CommandRunner
  private var isShowing = false
  private var next: (title: String, text: String)?

  /// Nil without a display or the program.
  init?(host: Host, runner: any CommandRunner = SubprocessRunner()) {
    guard host.hasDisplay, let program = ProgramLookup.find("notify-send", on: host) else {
      return nil
    }
    self.program = program
    environment = ChildEnvironment.dialog(host)
    self.runner = runner
  }

  /// One at a time; while one is being handed over, only the newest of the others is kept, so
  /// that an agent cannot fill the desktop.
  func show(_ text: String, title: String) async {
    guard !isShowing else {
      next = (title, text)
      return
    }
    isShowing = true
    var current: (title: String, text: String)? = (title, text)
    while let one = current {
      let command = Command(
        executable: program,
        arguments: [
          "--app-name=ags", "--", InertText.shortened(one.title, to: 100), body(one.text),
        ],
        environment: environment, workingDirectory: "/", timeout: .seconds(5))
      // Nobody waits for it, and the line is in `ags approvals watch` whatever happens here.
      _ = try? await runner.run(command)
      current = next
      next = nil
    }
    isShowing = false
  }

  /// Most servers take markup in a notification's text.
  private func body(_ text: String) -> String {
    InertText.shortened(text, to: ApprovalPrompt.longestSubject)
      .replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
