import AGSTestSupport
import AGSWire
import Glibc
import Testing

@testable import AGSLib

/// How the browser is started.
@Suite struct PageOpenerTests {
  private let page = ChannelRequest.open(url: "https://a.example/")

  private func fault(_ fixture: OpenFixture) async throws -> ChannelFault? {
    guard case .failure(let fault)? = try await fixture.answers(to: page).last else { return nil }
    return fault
  }

  @Test func programHasASessionOfItsOwnNoTerminalAndAListedEnvironment() async throws {
    let script = """
      PATH=/usr/bin:/bin
      cut -d' ' -f1,6,7 /proc/$$/stat >>$PAGES
      readlink /proc/$$/fd/* >>$PAGES
      tr '\\0' '\\n' </proc/$$/environ | grep = | cut -d= -f1 | sort >>$PAGES
      """
    let environment = [
      "DISPLAY": ":77", "BROWSER": "x", "LC_ALL": "C", "XDG_SESSION_ID": "1", "TOKEN": "x",
      "SSH_AUTH_SOCK": "x",
    ]
    try await OpenFixture.with(.allow, environment: environment, opener: script) { fixture in
      let answers = try await fixture.answers(to: page)
      #expect(answers.last == .done)
      let lines = fixture.pages
      let process = try #require(lines.first).split(separator: " ")
      #expect(process.count == 3 && process[0] == process[1] && process[2] == "0")
      let files = lines.filter { $0.hasPrefix("/") }
      // The shell's own: its script, and where it writes just now in place of standard output.
      let others = files.filter { $0 != "/dev/null" }
      #expect(files.count - others.count >= 2)
      #expect(others.allSatisfy { $0.contains("/ags-test.") }, "\(others)")
      let names = lines.dropFirst().filter { !$0.hasPrefix("/") }
      #expect(names == ["BROWSER", "DISPLAY", "HOME", "LC_ALL", "PATH", "XDG_SESSION_ID"])
    }
  }

  @Test func failureIsSaid() async throws {
    for (script, words) in [
      ("exit 3", "xdg-open on the host failed with status 3"),
      ("kill -9 $$", "xdg-open on the host was ended by signal 9"),
    ] {
      try await OpenFixture.with(.allow, opener: script) { fixture in
        let found = try await fault(fixture)
        #expect(found == ChannelFault(.failed, words))
        #expect(fixture.notices.all == ["a.example was not opened: \(words)"])
      }
    }
    try await OpenFixture.with(.allow, opener: nil) { fixture in
      let found = try await fault(fixture)
      #expect(found?.code == .unavailable && found?.message.contains("xdg-utils") == true)
    }
  }

  @Test func programThatRunsOnIsTheBrowserAndIsReapedInTheEnd() async throws {
    let script = "echo $$ >>$PAGES; exec /bin/sleep 600"
    try await OpenFixture.with(.allow, opener: script) { fixture in
      let answers = try await fixture.answers(to: page)
      #expect(answers.last == .done)
      let process = try #require(fixture.pages.first.flatMap { pid_t($0) })
      #expect(kill(process, SIGKILL) == 0)
      try await eventually { kill(process, 0) != 0 }
    }
  }

  @Test func displayOfWaylandIsOneToo() async throws {
    try await OpenFixture.with(.allow, environment: ["WAYLAND_DISPLAY": "wayland-0"]) { fixture in
      let answers = try await fixture.answers(to: page)
      #expect(answers.last == .done && fixture.pages == ["https://a.example/"])
    }
  }

  @Test func windowsOpensPagesOnWSL() async throws {
    let kernel = "5.15.90.1-microsoft-standard-WSL2"
    try await OpenFixture.with(.allow, environment: [:], program: "wslview", kernel: kernel) {
      fixture in
      let answers = try await fixture.answers(to: page)
      #expect(answers.last == .done && fixture.pages == ["https://a.example/"])
      #expect(fixture.approvals.questions.first?.notes.isEmpty == true)
    }
    // Elsewhere a program of that name is nobody's.
    try await OpenFixture.with(.allow, program: "wslview") { fixture in
      let found = try await fault(fixture)
      #expect(found?.code == .unavailable)
    }
  }
}
