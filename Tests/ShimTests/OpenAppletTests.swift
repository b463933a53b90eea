import AGSWire
import Glibc
import Testing

/// `ags-open` and its other names (4-channels "open.sock").
@Suite struct OpenAppletTests {
  static let names = ["ags-open", "xdg-open", "sensible-browser", "x-www-browser", "www-browser"]

  @Test(arguments: names)
  func pageIsOpenedUnderEveryName(_ name: String) throws {
    let call = try AppletCall()
    let url = "https://example.org/a?b=\"c\"&d=é#e"
    for words in [[url], ["--", url]] {
      let result = try call.run(name, words, answer: ChannelAnswer.done.encoded())
      #expect(result.request == .open(url: url))
      #expect(result.status == 0 && result.output == "")
    }
    #expect(try call.run(name, ["HTTP://x/"], answer: ChannelAnswer.done.encoded()).status == 0)
  }

  @Test func waitingIsSaidWhileItWaits() throws {
    let call = try AppletCall()
    let shim = try call.start("ags-open", ["http://localhost:3000/"])
    let (_, connection) = try call.host.request()
    connection.answer(.waiting("waiting for approval: run ags approvals"))
    #expect(
      shim.read(until: "approvals\n") == "ags-open: waiting for approval: run ags approvals\n")
    #expect(shim.wait(within: .milliseconds(100)) == nil)
    connection.answer(.waiting("still waiting"))
    connection.answer(.done)
    #expect(shim.wait() == 0)
    #expect(shim.read() == "ags-open: still waiting\n")
  }

  @Test func refusalIsOneHarmlessLine() throws {
    let call = try AppletCall()
    let message = "no\u{1B}[31m\u{9B}2J\r\n\u{7}\u{202E}evil\u{85}é"
    let result = try call.run(
      "xdg-open", ["http://x/"],
      answer: ChannelAnswer.waiting("a\u{1B}b").encoded()
        + ChannelAnswer.failure(ChannelFault(.denied, message)).encoded())
    #expect(result.status == 1)
    #expect(result.output == "xdg-open: a?b\nxdg-open: no?[31m?2J????evil?é\n")
  }

  @Test func hostThatSaysNothingUsefulIsOneLine() throws {
    let call = try AppletCall()
    let silent = try call.run("ags-open", ["http://x/"], answer: [])
    #expect(silent.status == 1)
    #expect(silent.output == "ags-open: the host closed the connection without an answer\n")
    for answer in [
      Array("{\"v\":1}\n".utf8), Array("\u{1B}[2J\n".utf8),
      ChannelAnswer.registered(url: "http://y/").encoded(),
      [UInt8](repeating: 0x61, count: (1 << 20) + 1),
    ] {
      let result = try call.run("ags-open", ["http://x/"], answer: answer)
      #expect(result.status == 1)
      #expect(result.output.hasPrefix("ags-open: the host's answer makes no sense"))
      #expect(result.output.filter { $0 == "\n" }.count == 1)
    }
  }

  @Test func missingHostIsOneLine() throws {
    let call = try AppletCall()
    call.host.stop()
    let gone = try call.start("ags-open", ["http://x/"])
    #expect(gone.wait() == 1)
    #expect(
      gone.read() == """
        ags-open: opening a page on the host is not possible: nobody listens on \
        \(call.host.path): Connection refused

        """)
    let lockdown = try call.start("ags-open", ["http://x/"], environment: ["AGS_LOCKDOWN=1"])
    #expect(lockdown.wait() == 1)
    #expect(
      lockdown.read() == "ags-open: opening a page on the host is not possible in lockdown\n")
  }

  @Test(arguments: [
    [], [""], ["http://x/", "http://y/"], ["--new-window", "http://x/"], ["http://x/", "-v"],
    ["--"], ["--", "http://x/", "http://y/"],
  ])
  func wrongCallsAre2(_ words: [String]) throws {
    let result = try AppletCall().refuse("xdg-open", words)
    #expect(result.status == 2)
    #expect(result.output.hasSuffix("; usage: xdg-open URL\n"))
    #expect(result.output.filter { $0 == "\n" }.count == 1)
  }

  @Test(arguments: [
    "/etc/passwd", "file:///etc/passwd", "README.md", ".", "javascript:alert(1)",
    "mailto:a@example.org", "localhost:3000", "http:/x", "https:x", "/no\u{1B}[2J\nsuch",
  ])
  func onlyPagesAreOpened(_ what: String) throws {
    for words in [[what], ["--", what]] {
      let result = try AppletCall().refuse("xdg-open", words)
      #expect(result.status == 1)
      #expect(
        result.output.hasSuffix(": only pages, http:// or https://, can be opened on the host\n"))
      #expect(result.output.utf8.filter { $0 < 0x20 }.count == 1)
    }
  }

  @Test(arguments: names)
  func helpAndVersionAreSaid(_ name: String) throws {
    let call = try AppletCall()
    for word in ["--help", "-h", "--manual"] {
      let help = try call.refuse(name, [word])
      #expect(help.status == 0 && help.output.hasPrefix("Usage: \(name) URL\n"))
    }
    let version = try call.refuse(name, ["--version"])
    #expect(version.status == 0 && version.output == "\(name) \(AGSVersion.current) (ags)\n")
  }
}
