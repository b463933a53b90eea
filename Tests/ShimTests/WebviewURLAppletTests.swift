import AGSWire
import Glibc
import Testing

/// `ags-webview-url` (4-channels "relay.sock").
@Suite struct WebviewURLAppletTests {
  let name = "ags-webview-url"

  @Test(arguments: [
    (["3000"], 3000, "/"), (["1", "app/x y"], 1, "app/x y"), (["065535", ""], 65535, ""),
  ])
  func urlIsPrinted(_ words: [String], _ port: UInt16, _ base: String) throws {
    let call = try AppletCall()
    let result = try call.run(
      name, words,
      answer: ChannelAnswer.waiting("a moment").encoded()
        + ChannelAnswer.registered(url: "http://abc.localhost:41000/app\u{1B}").encoded())
    #expect(result.request == .register(port: port, base: base))
    #expect(result.status == 0)
    #expect(
      result.output == "ags-webview-url: a moment\nhttp://abc.localhost:41000/app?\n")
  }

  @Test func refusalIsOneHarmlessLine() throws {
    let call = try AppletCall()
    let refused = try call.run(
      name, ["80"], answer: ChannelAnswer.failure(ChannelFault(.limit, "32\u{9B} are")).encoded())
    #expect(refused.status == 1 && refused.output == "ags-webview-url: 32? are\n")
    let nonsense = try call.run(name, ["80"], answer: ChannelAnswer.done.encoded())
    #expect(nonsense.status == 1)
    #expect(nonsense.output == "ags-webview-url: the host's answer makes no sense\n")
    let silent = try call.run(name, ["80"], answer: [])
    #expect(silent.status == 1 && silent.output.hasSuffix("without an answer\n"))
    call.host.stop()
    let gone = try call.start(name, ["80"])
    #expect(gone.wait() == 1)
    #expect(gone.read().hasPrefix("ags-webview-url: a URL on the host is not possible: "))
  }

  @Test(arguments: [
    [], ["0"], ["65536"], ["+80"], ["-80"], ["8 0"], [""], ["http"], ["80", "a", "b"],
    ["--port", "80"], ["99999999999999999999"],
  ])
  func wrongCallsAre2(_ words: [String]) throws {
    let result = try AppletCall().refuse(name, words)
    #expect(result.status == 2)
    #expect(result.output.hasSuffix("; usage: ags-webview-url PORT [BASE_PATH]\n"))
  }

  @Test func outputThatNobodyTakesIsAFailure() throws {
    let call = try AppletCall()
    let shim = try ShimProcess(
      arguments: ["sh", "-c", "exec \(ShimProcess.binary) ags-webview-url 80 >/dev/full"],
      environment: ["PATH=/usr/bin:/bin", "\(GuestVariable.webviewRelaySocket)=\(call.host.path)"])
    let (_, connection) = try call.host.request()
    connection.answer(.registered(url: "http://x/"))
    #expect(shim.wait() == 1)
    #expect(shim.read().hasPrefix("ags-webview-url: cannot print the URL"))
  }

  @Test func helpIsSaid() throws {
    let help = try AppletCall().refuse(name, ["--help"])
    #expect(help.status == 0 && help.output.hasPrefix("Usage: ags-webview-url PORT"))
  }
}
