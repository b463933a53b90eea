import AGSWire
import Glibc
import Testing

/// `ags-shim relay SOCKET -- PROGRAM…`.
@Suite struct RelayAppletTests {
  func start(
    _ host: ScriptedHost, _ script: String, _ place: ShimProcess.Place = .ordinary
  ) throws -> ShimProcess {
    try ShimProcess(
      place, arguments: [ShimProcess.binary, "relay", host.path, "--", "sh", "-c", script])
  }

  @Test func programsStatusIsPassedOn() throws {
    let host = try ScriptedHost()
    let shim = try start(host, "echo out; ls /proc/self/fd | tr '\\n' ' '; exit 9")
    #expect(shim.read() == "out\n0 1 2 3 ")
    #expect(shim.wait() == 9)
    #expect(try start(host, "kill -KILL $$").wait() == 128 + SIGKILL)
    let missing = try ShimProcess(
      arguments: [ShimProcess.binary, "relay", host.path, "--", "no-such-program"])
    #expect(missing.wait() == 127)
  }

  @Test func portsOfTheProgramAreReached() throws {
    let host = try ScriptedHost()
    let shim = try start(host, "exec sleep 1000")
    let control = try RelayedShim.control(host)
    let port = try LoopbackPort()
    control.send(RelayCommand.connect(id: "one", port: port.number, patience: 0).encoded())
    let inside = try port.accept()
    let (request, outside) = try host.request()
    #expect(request == .stream(id: "one"))
    outside.answer(.done)
    try RelayedShim.expectEcho((outside, inside))
    kill(shim.process, SIGTERM)
    #expect(shim.wait() == 128 + SIGTERM)
  }

  @Test(arguments: InitStatusTests.places)
  func programEndsWithTheHost(_ place: ShimProcess.Place) throws {
    let host = try ScriptedHost()
    let shim = try start(host, "trap '' TERM HUP; while :; do sleep 0.1; done", place)
    let control = try RelayedShim.control(host)
    host.stop()
    control.finish()
    #expect(shim.wait() == 137)
  }

  @Test func hostThatIsBackSoonIsNoEnd() throws {
    let host = try ScriptedHost()
    let shim = try start(host, "echo ready; exec sleep 1000")
    for _ in 0..<3 {
      let control = try RelayedShim.control(host)
      control.finish()
    }
    _ = try RelayedShim.control(host)
    #expect(shim.wait(within: .milliseconds(1500)) == nil)
  }

  @Test func orphansAreReaped() throws {
    let host = try ScriptedHost()
    let shim = try start(
      host,
      """
      for i in 1 2 3 4 5; do sh -c '(sleep 0.05; exit 3) & exit' & done; wait; sleep 0.4
      grep -l '^State:.Z' /proc/[0-9]*/status; echo end
      """, .first)
    #expect(shim.read() == "end\n")
    #expect(shim.wait() == 0)
  }

  @Test func wrongCallsStartNothing() throws {
    let host = try ScriptedHost()
    for words in [[], [host.path], [host.path, "--"], [host.path, "echo", "started"]] {
      let shim = try ShimProcess(arguments: [ShimProcess.binary, "relay"] + words)
      #expect(shim.wait() == 2)
      #expect(shim.read().hasPrefix("ags-shim: usage: ags-shim relay SOCKET -- PROGRAM"))
    }
    host.stop()
    let alone = try start(host, "echo started")
    #expect(alone.wait() == 125)
    #expect(alone.read() == "ags-shim: \(host.path): nobody listens there\n")
  }
}
