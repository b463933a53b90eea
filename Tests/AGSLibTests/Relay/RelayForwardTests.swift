import AGSWire
import NIOCore
import Testing

@testable import AGSLib

@Suite struct RelayForwardTests {
  private func answer(_ socket: TestSocket) async throws -> ChannelAnswer {
    try ChannelAnswer.decode(Array(try await socket.line().dropLast()))
  }

  private func fault(_ socket: TestSocket) async throws -> ChannelFault {
    let answer = try await answer(socket)
    guard case .failure(let fault) = answer else { throw Unexpected(answer) }
    return fault
  }

  @Test(arguments: [false, true])
  func aListedPortIsReached(isV6: Bool) async throws {
    let app = try EchoApp(greeting: "postgres", isV6: isV6)
    try await withRelay(forwards: [5432: .host(app.port)]) { relay in
      for _ in 0..<3 {
        let socket = try await relay.ask(.forward(port: 5432))
        #expect(try await answer(socket) == .done)
        #expect(try await socket.receive(8) == Array("postgres".utf8))
        try await socket.send("select")
        await socket.finish()
        #expect(try await socket.receiveAll() == Array("select".utf8))
      }
      // The log says that it was used, not how often.
      #expect(
        relay.audit.events == [AuditEvent("forward", ["port": "5432", "answer": "yes"])])
    }
    await app.stop()
  }

  @Test func whatIsSentBehindTheRequestArrives() async throws {
    let app = try EchoApp()
    try await withRelay(forwards: [5432: .host(app.port)]) { relay in
      let socket = try TestSocket(relay.path)
      try await socket.send(ChannelRequest.forward(port: 5432).encoded() + Array("at once".utf8))
      #expect(try await answer(socket) == .done)
      #expect(try await socket.receive(7) == Array("at once".utf8))
    }
    await app.stop()
  }

  @Test func aPortThatThePlanDoesNotListIsNeverDialled() async throws {
    let (app, listed) = (try TestServer(), try TestServer())
    let accepted = Task { try await app.accept() }
    try await withRelay(forwards: [5432: .host(listed.port)]) { relay in
      // Neither by its own number, nor by the host's number of a listed one.
      for port in [app.port, listed.port] {
        #expect(try await fault(relay.ask(.forward(port: port))).code == .notListed)
      }
      _ = try await fault(relay.ask(.forward(port: app.port)))
      #expect(
        relay.audit.events
          == [app.port, listed.port].map {
            AuditEvent("forward", ["port": "\($0)", "answer": "not listed"])
          })
    }
    app.stop()
    await #expect(throws: (any Error).self) { try await accepted.value }
  }

  @Test func aHostWithoutThatServerIsSaidSo() async throws {
    let gone = try TestServer()
    gone.stop()
    try await withRelay(forwards: [5432: .host(gone.port)]) { relay in
      let fault = try await fault(relay.ask(.forward(port: 5432)))
      #expect(fault.code == .unavailable)
    }
  }

  @Test func aServerThatBreaksOffIsNoEnd() async throws {
    let app = try TestServer()
    try await withRelay(forwards: [5432: .host(app.port)]) { relay in
      let socket = try await relay.ask(.forward(port: 5432))
      #expect(try await answer(socket) == .done)
      let server = try await app.accept()
      try await server.send("half")
      #expect(try await socket.receive(4) == Array("half".utf8))
      await server.abort()
      // On a Unix socket the sign of it is that nothing can be said any more either.
      #expect(try await socket.receiveAllOrReset().isEmpty)
      await #expect(throws: (any Error).self) {
        for _ in 0..<2 { try await socket.send("more") }
      }
    }
  }

  @Test func aForwardLeadsIntoAnotherNetworkThroughItsOwnSocket() async throws {
    let app = try EchoApp(greeting: "devtools")
    try await withRelay { relay in
      let (browser, path) = try await relay.browserSide()
      await relay.service.forward(9222, to: .farSide(browser, app.port))
      let early = try await relay.ask(.forward(port: 9222))
      #expect(try await fault(early).code == .unavailable)
      try await relay.serve(path)
      try await until { await browser.isConnected }
      let socket = try await relay.ask(.forward(port: 9222))
      #expect(try await answer(socket) == .done)
      #expect(try await socket.receive(8) == Array("devtools".utf8))
      await browser.close()
    }
    await app.stop()
  }

  @Test func theSandboxCannotAnswerForTheOtherNetworkNorTheOtherWayRound() async throws {
    try await withRelay { relay in
      let (browser, path) = try await relay.browserSide()
      await relay.service.forward(9222, to: .farSide(browser, 1))
      let control = try TestSocket(path)
      try await control.send(ChannelRequest.control.encoded())
      try await until { await browser.isConnected }
      let waiting = try await relay.ask(.forward(port: 9222))
      let command = try RelayCommand.decode(Array(try await control.line().dropLast()))
      guard case .connect(let id, 1, 0) = command else { throw Unexpected(command) }
      #expect(try await fault(relay.ask(.stream(id: id))).code == .failed)
      // It was of no effect: the right one still can.
      let stream = try TestSocket(path)
      try await stream.send(ChannelRequest.stream(id: id).encoded())
      #expect(try await answer(stream) == .done)
      #expect(try await answer(waiting) == .done)
      // Over there nothing can be registered and nothing forwarded.
      for request in [ChannelRequest.forward(port: 9222), .register(port: 3000, base: "/")] {
        let socket = try TestSocket(path)
        try await socket.send(request.encoded())
        #expect(try await fault(socket).code == .unknownType)
      }
      await control.end()
      await browser.close()
    }
  }
}
