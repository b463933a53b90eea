import AGSWire
import Glibc
import Testing

/// What the host, or anybody who has its socket, may do to init without harm to others.
@Suite struct RelayControlTests {
  @Test func controlConnectionIsMadeAgain() throws {
    let relayed = try RelayedShim()
    let port = try LoopbackPort()
    let pair = try relayed.connect(port)
    for _ in 0..<3 {
      relayed.control.finish()
      try relayed.acceptControl()
    }
    try RelayedShim.expectEcho(pair)
    try RelayedShim.expectEcho(try relayed.connect(port))
  }

  @Test func hostThatComesLateOrComesBackIsFound() throws {
    let relayed = try RelayedShim()
    relayed.host.stop()
    relayed.control.finish()
    usleep(500_000)
    try relayed.host.listen()
    try relayed.acceptControl()
    try RelayedShim.expectEcho(try relayed.connect(try LoopbackPort()))
  }

  @Test func agentStartsWithoutAHost() throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/late.sock"
    let shim = try ShimProcess(
      environment: ["PATH=/usr/bin:/bin", "\(GuestVariable.webviewRelaySocket)=\(path)"])
    var document = LaunchDocument.shell("echo ready; exec sleep 1000")
    document.usesRelay = true
    shim.send(document)
    #expect(shim.read(until: "ready") == "ready\n")
    let host = try ScriptedHost(at: path)
    _ = try RelayedShim.control(host)
  }

  static let deep = String(repeating: "[", count: 100_000)

  @Test(arguments: [
    "", "garbage", "{}", #"{"v":2,"type":"connect","id":"a","port":80,"patience":0}"#,
    #"{"v":1,"type":"explode"}"#, #"{"v":1,"type":"connect","id":"a","port":0,"patience":0}"#,
    #"{"v":1,"type":"connect","id":"a","port":80,"patience":99999999}"#,
    #"{"v":1,"type":"connect","id":7,"port":80,"patience":0}"#, deep, "\u{0}\u{1B}",
    #"{"v":1,"error":{"code":"limit","message":"too many"}}"#,
  ])
  func lineThatIsNoCommandEndsTheControlConnectionOnly(_ line: String) throws {
    let relayed = try RelayedShim()
    let port = try LoopbackPort()
    let pair = try relayed.connect(port)
    relayed.control.send(line + "\n")
    try relayed.acceptControl()
    try RelayedShim.expectEcho(pair)
    try RelayedShim.expectEcho(try relayed.connect(port))
  }

  @Test func endlessLineEndsTheControlConnectionOnly() throws {
    let relayed = try RelayedShim()
    let pair = try relayed.connect(try LoopbackPort())
    // Ends when the shim has closed.
    relayed.control.send([UInt8](repeating: 0x61, count: 64 << 20))
    try relayed.acceptControl()
    #expect(try relayed.residentKilobytes() < 8 << 10)
    try RelayedShim.expectEcho(pair)
  }

  @Test func commandsMayComeInAnyPieces() throws {
    let relayed = try RelayedShim()
    let port = try LoopbackPort()
    let line = RelayCommand.connect(id: "a b\"", port: port.number, patience: 0).encoded()
    relayed.control.answer(.done)
    for byte in line + line { relayed.control.send([byte]) }
    for _ in 0..<2 {
      _ = try port.accept()
      #expect(try relayed.host.request().0 == .stream(id: "a b\""))
    }
  }

  @Test func connectionsBeyondTheLimitAreRefused() throws {
    let relayed = try RelayedShim()
    let port = try LoopbackPort()
    var pairs: [(host: Connection, inside: Connection)] = []
    for _ in 0..<256 { pairs.append(try relayed.connect(port)) }
    let id = relayed.ask(port.number)
    let refusal = try relayed.refusal()
    #expect(refusal.id == id && refusal.message == "too many connections")
    for pair in pairs { try RelayedShim.expectEcho(pair) }
    pairs.removeLast()
    usleep(200_000)
    try RelayedShim.expectEcho(try relayed.connect(port))
  }

  @Test func floodOfCommandsLeavesStreamsAndSignalsAlone() throws {
    let relayed = try RelayedShim(
      "trap 'exit 7' TERM; echo ready; while :; do sleep 0.02; done", place: .first)
    _ = relayed.shim.read(until: "ready")
    let pair = try relayed.connect(try LoopbackPort())
    let port = try LoopbackPort.free()
    var flood: [UInt8] = []
    for index in 0..<20_000 {
      flood += RelayCommand.connect(id: "f\(index)", port: port, patience: 60_000).encoded()
    }
    relayed.control.send(flood)
    try RelayedShim.expectEcho(pair)
    kill(try relayed.shim.shim(.first), SIGTERM)
    #expect(relayed.shim.wait() == 7)
  }

  /// Reports that nobody reads are not kept for ever.
  @Test func hostThatReadsNoReportsIsLeft() throws {
    let relayed = try RelayedShim()
    let port = try LoopbackPort.free()
    let line = RelayCommand.connect(
      id: String(repeating: "x", count: 4000), port: port, patience: 0
    ).encoded()
    for _ in 0..<1000 where !relayed.host.hasVisitor(within: 0) { relayed.control.send(line) }
    try relayed.acceptControl()
    #expect(try relayed.residentKilobytes() < 8 << 10)
  }

  @Test func readerThatStandsStillStopsItsWriterOnly() throws {
    let relayed = try RelayedShim()
    let port = try LoopbackPort()
    for isFromHost in [true, false] {
      let stalled = try relayed.connect(port)
      let writer = isFromHost ? stalled.host : stalled.inside
      let reader = isFromHost ? stalled.inside : stalled.host
      let written = writer.writeUntilBlocked()
      #expect(written < 32 << 20)
      #expect(try relayed.residentKilobytes() < 4 << 10)

      let other = try relayed.connect(port)
      var transfers = [
        Transfer(from: other.host, to: other.inside, 8 << 20),
        Transfer(from: other.inside, to: other.host, 8 << 20),
      ]
      Transfer.run(&transfers)
      #expect(transfers.allSatisfy { $0.isDone })

      // Everything comes once it is read.
      writer.finish()
      #expect(try reader.rest()?.utf8.count == written)
    }
  }

  @Test func everyReaderMayStandStill() throws {
    let relayed = try RelayedShim()
    let port = try LoopbackPort()
    var pairs: [(host: Connection, inside: Connection)] = []
    for _ in 0..<100 { pairs.append(try relayed.connect(port)) }
    Connection.writeUntilBlocked(pairs.map { $0.host })
    // A chunk for each, and little else.
    #expect(try relayed.residentKilobytes() < 100 * 128 + (4 << 10))
    pairs = []
    // Given back when the last of them has been closed, in its turn.
    for _ in 0..<2000 where try relayed.residentKilobytes() >= 4 << 10 { usleep(5000) }
    #expect(try relayed.residentKilobytes() < 4 << 10)
    try RelayedShim.expectEcho(try relayed.connect(port))
  }

  @Test func lifelineEndsEverythingUnderLoad() throws {
    let relayed = try RelayedShim(place: .first)
    let port = try LoopbackPort()
    let pair = try relayed.connect(port)
    _ = pair.host.writeUntilBlocked()
    for _ in 0..<50 { relayed.ask(try LoopbackPort.free(), patience: 60_000) }
    relayed.shim.closeLifeline()
    #expect(relayed.shim.wait() == 137)
    #expect(pair.inside.isGone)
  }

  @Test func agentInheritsNothingOfTheRelay() throws {
    let port = try LoopbackPort.free()
    let relayed = try RelayedShim("ls /proc/self/fd | tr '\\n' ' '; echo end", ports: [port])
    // The listing's own descriptor is 3.
    #expect(relayed.shim.read(until: "end") == "0 1 2 3 end\n")
  }
}
