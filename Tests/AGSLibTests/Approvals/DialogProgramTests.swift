import AGSTestSupport
import Glibc
import Synchronization
import SystemPackage
import Testing

@testable import AGSLib

/// zenity and kdialog, with recording programs in their places.
@Suite(.timeLimit(.minutes(5))) struct DialogProgramTests {
  private static let prompt = ApprovalPrompt(
    ApprovalQuestion(
      kind: .open, subject: #"https://example.org/<b>&amp;\342\200\256 _x"#, host: "example.org",
      choices: [.allow, .proxy]),
    of: ApprovalSession(id: "0123abcd", agent: "claude", workspace: "/work"))

  private static func host(_ root: FilePath, display: String? = ":7") -> Host {
    var host = Host(
      environment: [
        "PATH": root.string, "SECRET_TOKEN": "x", "LC_ALL": "he_IL.UTF-8", "LANGUAGE": "he",
        "XAUTHORITY": "/x",
      ], home: root, userName: "anna", userID: 1000, groupID: 1000, currentDirectory: "/",
      executable: "/usr/bin/ags")
    host.environment["DISPLAY"] = display
    return host
  }

  /// Time that goes on by itself with each look at it.
  private static func slowClock() -> ApprovalClock {
    let now = Mutex(Duration.zero)
    return ApprovalClock(
      now: {
        now.withLock { now in
          now += .seconds(2)
          return now
        }
      }, sleep: { _ in })
  }

  /// Each argument in a line of its own in `arguments`, then `script`.
  private func show(
    _ program: String, _ script: String, _ body: (ApprovalDialogAnswer, [String]) throws -> Void
  ) async throws {
    try await withTemporaryDirectory { root in
      try await makeProgram(
        root.appending(program),
        """
        for one in "$@"; do printf '%s\\0' "$one"; done >\(root)/arguments
        /usr/bin/env >\(root)/environment
        \(script)
        """)
      let dialogs = Self.host(root).approvalDialogs(clock: Self.slowClock())
      #expect(dialogs.map(\.name) == [program])
      let answer = await dialogs[0].show(Self.prompt)
      let bytes = try RegularFile.read(
        root.appending("arguments"), limit: 1 << 16, links: .refused)
      let arguments = String(decoding: bytes ?? [], as: UTF8.self).split(separator: "\0")
      let variables = try RegularFile.read(
        root.appending("environment"), limit: 1 << 16, links: .refused)
      let environment = String(decoding: variables ?? [], as: UTF8.self)
      #expect(environment.contains("DISPLAY=:7\n") && environment.contains("XAUTHORITY=/x\n"))
      #expect(environment.contains("LC_ALL=C.UTF-8\n"))
      #expect(!environment.contains("SECRET_TOKEN") && !environment.contains("LANGUAGE"))
      try body(answer, arguments.map(String.init))
    }
  }

  @Test(arguments: [
    ("exit $ZENITY_OK", ApprovalDialogAnswer.chosen(.allow)),
    ("exit $ZENITY_CANCEL", .cancelled), ("exit $ZENITY_ESC", .cancelled),
    ("echo Proxy; exit $ZENITY_ESC", .chosen(.proxy)),
  ])
  func zenitysButtonsAreAnswers(_ script: String, _ expected: ApprovalDialogAnswer) async throws {
    try await show("zenity", script) { answer, arguments in
      #expect(answer == expected)
      #expect(
        arguments == [
          "--question", "--no-markup", "--default-cancel", "--width=560",
          "--title=ags: open a page?",
          "--text=\(Self.prompt.text.replacing("\\", with: "\u{2216}"))", "--ok-label=Open",
          "--cancel-label=Cancel", "--extra-button=Proxy",
        ])
    }
  }

  @Test(arguments: [
    // A destroyed window; no display; a wrong option; crashes; nonsense.
    "exit 0", "exit 1", "exit 255", "kill -SEGV $$", "kill -TERM $$", "echo Open; exit 1",
    "echo Proxy; exit 0", "echo x; exit $ZENITY_OK", "echo Other; exit $ZENITY_ESC",
  ])
  func whatElseZenityEndsWithIsNoAnswer(_ script: String) async throws {
    try await show("zenity", script) { answer, _ in
      guard case .failed = answer else {
        Issue.record("\(script) was taken for \(answer)")
        return
      }
    }
  }

  @Test(arguments: [
    ("echo allow", ApprovalDialogAnswer.chosen(.allow)), ("echo proxy", .chosen(.proxy)),
    ("echo cancel", .cancelled), ("exit 1", .cancelled),
  ])
  func kdialogsChoicesAreAnswers(_ script: String, _ expected: ApprovalDialogAnswer) async throws {
    try await show("kdialog", script) { answer, arguments in
      #expect(answer == expected)
      #expect(arguments[0...2] == ["--title", "ags: open a page?", "--radiolist"])
      #expect(arguments[3].hasPrefix("<qt>"))
      #expect(
        arguments[3].hasSuffix("/&lt;b&gt;&amp;amp;&#92;342&#92;200&#92;256&nbsp;_x</p></qt>"))
      #expect(
        arguments[4...] == [
          "cancel", "Cancel", "on", "allow", "Open", "off", "proxy", "Proxy", "off",
        ])
    }
  }

  @Test(arguments: [
    "exit 0", "exit 2", "kill -ABRT $$", "echo allow; exit 1", "printf allow", "echo open",
  ])
  func whatElseKdialogEndsWithIsNoAnswer(_ script: String) async throws {
    try await show("kdialog", script) { answer, _ in
      guard case .failed = answer else {
        Issue.record("\(script) was taken for \(answer)")
        return
      }
    }
  }

  @Test func aYesThatComesTooSoonIsAskedAgainAndANoIsNot() async throws {
    try await withTemporaryDirectory { root in
      // The first two answers come at once, the third one later.
      try await makeProgram(
        root.appending("zenity"), "echo x >>\(root)/starts; exit $ZENITY_OK")
      let looks = Mutex(0)
      let clock = ApprovalClock(
        now: {
          looks.withLock { looks in
            looks += 1
            return looks == 6 ? .seconds(100) : .zero
          }
        }, sleep: { _ in })
      let dialog = try #require(Self.host(root).approvalDialogs(clock: clock).first)
      #expect(await dialog.show(Self.prompt) == .chosen(.allow))
      #expect(
        try RegularFile.read(root.appending("starts"), limit: 100, links: .refused)
          == Array("x\nx\nx\n".utf8))

      let stopped = ApprovalClock(now: { .zero }, sleep: { _ in })
      let always = try #require(Self.host(root).approvalDialogs(clock: stopped).first)
      #expect(
        await always.show(Self.prompt)
          == .failed("it was answered too fast, again and again"))

      try await makeProgram(root.appending("zenity"), "exit $ZENITY_CANCEL")
      #expect(await always.show(Self.prompt) == .cancelled)
    }
  }

  @Test func aDialogThatIsNoLongerWantedIsEndedWithItsChildren() async throws {
    try await withTemporaryDirectory { root in
      try await makeProgram(
        root.appending("zenity"),
        "/bin/sleep 300 & echo $! >\(root)/child; /bin/mv \(root)/child \(root)/id; wait")
      let dialog = try #require(Self.host(root).approvalDialogs().first)
      let task = Task { await dialog.show(Self.prompt) }
      try await eventually { exists(root.appending("id")) }
      task.cancel()
      guard case .failed = await task.value else {
        Issue.record("a cancelled dialog answered")
        return
      }
      let id = String(
        decoding: try RegularFile.read(root.appending("id"), limit: 100, links: .refused) ?? [],
        as: UTF8.self)
      let child = try #require(pid_t(id.dropLast()))
      try await eventually {
        let facts = try? RegularFile.read(
          FilePath("/proc/\(child)/stat"), limit: 4096, links: .refused)
        return facts.map { String(decoding: $0, as: UTF8.self).contains(") Z ") } ?? true
      }
    }
  }

  @Test func withoutADisplayThereIsNoDialogAndZenityComesFirst() async throws {
    try await withTemporaryDirectory { root in
      for name in ["kdialog", "zenity"] { try await makeProgram(root.appending(name), "exit 1") }
      #expect(Self.host(root).approvalDialogs().map(\.name) == ["zenity", "kdialog"])
      #expect(Self.host(root, display: nil).approvalDialogs().isEmpty)
      #expect(Self.host(root, display: "").approvalDialogs().isEmpty)
      var wayland = Self.host(root, display: nil)
      wayland.environment["WAYLAND_DISPLAY"] = "wayland-0"
      #expect(wayland.approvalDialogs().count == 2)
    }
  }

  @Test func aNotificationIsInertAndOnlyTheNewestWaits() async throws {
    try await withTemporaryDirectory { root in
      try await makeProgram(
        root.appending("notify-send"),
        """
        for one in "$@"; do printf '%s|' "$one"; done >>\(root)/shown; echo >>\(root)/shown
        while ! [ -e \(root)/go ]; do /bin/sleep 0.01; done
        """)
      let notifier = try #require(DesktopNotifier(host: Self.host(root)))
      let first = Task { await notifier.show("<i>one</i> & \u{202E}", title: "t") }
      try await eventually { exists(root.appending("shown")) }
      for number in 2...5 { await notifier.show("\(number)", title: "t") }
      try write("", to: root.appending("go"))
      await first.value
      let shown = try RegularFile.read(root.appending("shown"), limit: 4096, links: .refused)
      #expect(
        String(decoding: shown ?? [], as: UTF8.self) == """
          --app-name=ags|--|t|&lt;i&gt;one&lt;/i&gt; &amp; \\u{202E}|
          --app-name=ags|--|t|5|

          """)
      #expect(DesktopNotifier(host: Self.host(root, display: nil)) == nil)
    }
  }
}
