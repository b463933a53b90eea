import AGSWire
import Glibc
import Testing

/// Connections that the host asks init for (4-channels "relay.sock").
@Suite struct RelayStreamTests {
  @Test func bytesGoBothWaysAtOnce() throws {
    let relayed = try RelayedShim()
    let pair = try relayed.connect(try LoopbackPort())
    var transfers = [
      Transfer(from: pair.host, to: pair.inside, 64 << 20),
      Transfer(from: pair.inside, to: pair.host, 64 << 20, offset: 4711),
    ]
    Transfer.run(&transfers)
    for transfer in transfers { #expect(transfer.isDone, "\(transfer.received)") }
  }

  @Test func hundredStreamsAtOnceDoNotMix() throws {
    let relayed = try RelayedShim()
    let port = try LoopbackPort()
    var transfers: [Transfer] = []
    for index in 0..<100 {
      let pair = try relayed.connect(port)
      transfers.append(Transfer(from: pair.host, to: pair.inside, 300_000, offset: index * 977))
      transfers.append(
        Transfer(from: pair.inside, to: pair.host, 300_000, offset: 500_000 + index * 977))
    }
    Transfer.run(&transfers)
    #expect(transfers.allSatisfy { $0.isDone })
  }

  @Test func endOfOneDirectionLeavesTheOther() throws {
    let relayed = try RelayedShim()
    let port = try LoopbackPort()
    let asked = try relayed.connect(port)
    asked.host.send("question")
    asked.host.finish()
    #expect(try asked.inside.rest() == "question")
    asked.inside.send("answer")
    #expect(try asked.host.read(6) == "answer")
    asked.inside.finish()
    #expect(try asked.host.rest() == "")

    let told = try relayed.connect(port)
    told.inside.send("news")
    told.inside.finish()
    #expect(try told.host.rest() == "news")
    told.host.send("thanks")
    told.host.finish()
    #expect(try told.inside.rest() == "thanks")
  }

  @Test func bytesRightBehindTheAnswerAreNotLost() throws {
    let relayed = try RelayedShim()
    let port = try LoopbackPort()
    relayed.ask(port.number)
    let inside = try port.accept()
    inside.send("early")
    let (_, outside) = try relayed.host.request()
    outside.send(
      ChannelAnswer.waiting("a moment").encoded() + ChannelAnswer.done.encoded()
        + Array("at once".utf8))
    #expect(try inside.read(7) == "at once")
    #expect(try outside.read(5) == "early")
  }

  @Test func portOfTheOtherFamilyIsFound() throws {
    let relayed = try RelayedShim()
    try RelayedShim.expectEcho(try relayed.connect(try LoopbackPort(isV6: true)))
  }

  @Test func portThatNobodyListensOnIsReported() throws {
    let relayed = try RelayedShim()
    let port = try LoopbackPort.free()
    let id = relayed.ask(port)
    let refusal = try relayed.refusal()
    #expect(refusal.id == id)
    #expect(refusal.message == "nothing listens on port \(port)")
    #expect(!relayed.host.hasVisitor(within: 50))
  }

  @Test func portThatComesWithinThePatienceIsReached() throws {
    let relayed = try RelayedShim()
    let number = try LoopbackPort.free()
    let id = relayed.ask(number, patience: 20_000)
    #expect(!isReadable(relayed.control.descriptor, within: 200))
    let port = try LoopbackPort(number)
    let inside = try port.accept()
    let (request, outside) = try relayed.host.request()
    #expect(request == .stream(id: id))
    outside.answer(.done)
    try RelayedShim.expectEcho((outside, inside))
  }

  /// A connection to an unused port can be given that port itself, and then is its own peer.
  @Test func noConnectionTalksToItself() throws {
    // In a network of its own there are four ports to choose from.
    let relayed = try RelayedShim(
      runner: try Namespace.network()
        + [
          "sh", "-c",
          """
          busybox ip link set lo up && echo 40000 40007 >/proc/sys/net/ipv4/ip_local_port_range
          exec "$@"
          """, "sh",
        ])
    for port in UInt16(40000)...40007 { relayed.ask(port, patience: 1000) }
    for _ in 0..<8 {
      #expect(try relayed.refusal().message.hasPrefix("nothing listens on port 4000"))
    }
  }

  @Test func streamTheHostRefusesEndsWithAnError() throws {
    let relayed = try RelayedShim()
    let port = try LoopbackPort()
    for answer in [
      ChannelAnswer.failure(ChannelFault(.failed, "no such stream")).encoded(),
      ChannelAnswer.registered(url: "http://x/").encoded(), Array("{}\n".utf8),
      Array("\n".utf8), [UInt8](repeating: 0x61, count: 200_000), [],
    ] {
      relayed.ask(port.number)
      let inside = try port.accept()
      let (_, outside) = try relayed.host.request()
      outside.send(answer)
      if answer.isEmpty { shutdown(outside.descriptor, Int32(SHUT_RDWR)) }
      #expect(try inside.rest() == nil)
    }
    try RelayedShim.expectEcho(try relayed.connect(port))
  }

  @Test(arguments: [false, true])
  func connectionThatBreaksTakesItsOtherHalfAlong(_ hasEnded: Bool) throws {
    let relayed = try RelayedShim()
    let port = try LoopbackPort()
    let host: Connection
    do {
      let pair = try relayed.connect(port)
      try RelayedShim.expectEcho(pair)
      host = pair.host
      if hasEnded {
        pair.inside.finish()
        #expect(try host.rest() == "")
      }
      pair.inside.resetOnClose()
    }
    // Nothing more comes from inside, and nothing is taken there.
    #expect(try host.rest() == "")
    #expect(host.isGone)
    try RelayedShim.expectEcho(try relayed.connect(port))
  }

  @Test func lastWordsOfAHostThatIsGoneArrive() throws {
    let relayed = try RelayedShim()
    let inside: Connection
    do {
      let pair = try relayed.connect(try LoopbackPort())
      inside = pair.inside
      pair.host.send("last words")
    }
    inside.send("into the void")
    #expect(try inside.rest() == "last words")
  }
}
