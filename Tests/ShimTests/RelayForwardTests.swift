import AGSWire
import Glibc
import Testing

/// Ports inside that stand for ports of the host.
@Suite struct RelayForwardTests {
  @Test func agentReachesAForwardAtOnce() throws {
    let port = try LoopbackPort.free()
    let relayed = try RelayedShim(
      "exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/\(port); echo hello >&3; cat <&3'", ports: [port])
    let (request, outside) = try relayed.host.request()
    #expect(request == .forward(port: port))
    outside.answer(.done)
    #expect(try outside.line() == Array("hello".utf8))
    outside.send("from the host\n")
    outside.finish()
    #expect(relayed.shim.read() == "from the host\n")
    #expect(relayed.shim.wait() == 0)
  }

  @Test(arguments: [false, true])
  func bothLoopbackAddressesAreListenedOn(_ isV6: Bool) throws {
    let ports = [try LoopbackPort.free(), try LoopbackPort.free()]
    let relayed = try RelayedShim(ports: ports)
    for port in ports {
      var transfers: [Transfer] = []
      for index in 0..<10 {
        let pair = try relayed.forward(port, isV6: isV6)
        transfers.append(Transfer(from: pair.host, to: pair.inside, 1 << 20, offset: index * 99))
        transfers.append(Transfer(from: pair.inside, to: pair.host, 1 << 20, offset: index * 98))
      }
      Transfer.run(&transfers)
      #expect(transfers.allSatisfy { $0.isDone })
    }
  }

  @Test func portThatIsTakenIsOneWarning() throws {
    let taken = try LoopbackPort()
    let free = try LoopbackPort.free()
    let relayed = try RelayedShim(ports: [taken.number, free])
    #expect(
      relayed.shim.read(until: "ready") == """
        ags: warning: port \(taken.number) cannot be forwarded to the host: Address in use
        ready

        """)
    try RelayedShim.expectEcho(try relayed.forward(free))
  }

  @Test func forwardTheHostRefusesIsAnErrorInside() throws {
    let port = try LoopbackPort.free()
    let relayed = try RelayedShim(ports: [port])
    for answer in [
      ChannelAnswer.failure(ChannelFault(.notListed, "not in the plan")).encoded(),
      Array("nonsense\n".utf8),
    ] {
      let inside = try LoopbackPort.connect(port)
      let (_, outside) = try relayed.host.request()
      outside.send(answer)
      #expect(try inside.rest() == nil)
    }
    try RelayedShim.expectEcho(try relayed.forward(port))
  }

  @Test func forwardWithoutAHostIsAnErrorInside() throws {
    let port = try LoopbackPort.free()
    let relayed = try RelayedShim(ports: [port])
    relayed.host.stop()
    #expect(try LoopbackPort.connect(port).rest() == nil)
    try relayed.host.listen()
    relayed.control.finish()
    try relayed.acceptControl()
    try RelayedShim.expectEcho(try relayed.forward(port))
  }

  @Test func clientThatDoesNotWaitForTheAnswerHarmsNobody() throws {
    let port = try LoopbackPort.free()
    let relayed = try RelayedShim(ports: [port])
    let outside: Connection
    do {
      let inside = try LoopbackPort.connect(port)
      outside = try relayed.host.request().1
      inside.resetOnClose()
    }
    #expect(try outside.rest() == "")
    try RelayedShim.expectEcho(try relayed.forward(port))
  }

  @Test func connectionsBeyondTheLimitAreErrors() throws {
    let port = try LoopbackPort.free()
    let relayed = try RelayedShim(ports: [port])
    var pairs: [(host: Connection, inside: Connection)] = []
    for _ in 0..<256 { pairs.append(try relayed.forward(port)) }
    for _ in 0..<20 { #expect(try LoopbackPort.connect(port).rest() == nil) }
    for pair in pairs { try RelayedShim.expectEcho(pair) }
    #expect(!relayed.host.hasVisitor(within: 0))
  }

  /// Whoever runs as the agent's user may take init's right to new descriptors away.
  @Test func shortageOfDescriptorsIsWaitedOut() throws {
    let port = try LoopbackPort.free()
    let relayed = try RelayedShim(ports: [port])
    let pair = try relayed.forward(port)
    func limit(to count: Int) throws {
      let tool = try ShimProcess(arguments: [
        "prlimit", "--pid", "\(relayed.shim.process)", "--nofile=\(count):",
      ])
      try #require(tool.wait() == 0, "\(tool.read())")
    }
    try limit(to: 3)
    let waiting = try LoopbackPort.connect(port)
    try RelayedShim.expectEcho(pair)
    let before = try relayed.processorTicks()
    usleep(1_000_000)
    #expect(try relayed.processorTicks() - before < 20)
    try limit(to: 1024)
    let (request, outside) = try relayed.host.request()
    #expect(request == .forward(port: port))
    outside.answer(.done)
    try RelayedShim.expectEcho((outside, waiting))
  }
}
