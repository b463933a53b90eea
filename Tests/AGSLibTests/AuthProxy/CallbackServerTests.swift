import AGSWire
import NIOCore
import Testing

@testable import AGSLib

@Suite struct CallbackServerTests {
  @Test func answerReachesTheSandboxUnchangedAndThePortIsReleased() async throws {
    try await CallbackFixture.with { fixture in
      let reply = "HTTP/1.1 200 Fine\r\nX: y\r\n\r\n" + String(repeating: "z", count: 300_000)
      let body = String(repeating: "b", count: 200_000)
      let request =
        "POST /auth/callback?state=right HTTP/1.1\r\nHost: 127.0.0.1:\(fixture.port)\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
      let agent = try await AgentServer { received in
        if received.count == request.utf8.count { received.finish(reply) }
      }
      fixture.sandbox.serve(fixture.port, by: agent)
      _ = try await fixture.server.wait(for: fixture.target())
      #expect(try await fixture.answer(to: request) == reply)
      #expect(agent.received.map(\.text) == [request])
      try await fixture.waitForRelease()
      #expect(fixture.audit.events.map(\.name) == ["callback-bound", "callback-answered"])
      try await agent.close()
    }
  }

  @Test func othersGetNothingAndChangeNothing() async throws {
    try await CallbackFixture.with { fixture in
      let agent = try await fixture.helloServer()
      _ = try await fixture.server.wait(for: fixture.target())
      for target in [
        "/", "/favicon.ico", "/auth/callback", "/auth/callback?state=wrong",
        "/auth/callback?state=right&state=right", "/auth/callback/?state=right",
        "/auth/callback?code=1", "/auth%2fcallback?state=right", "//auth/callback?state=right",
      ] {
        let answer = try await fixture.answer(to: fixture.request(target))
        #expect(answer.hasPrefix("HTTP/1.1 404 Not Found\r\n"), "\(target)")
        #expect(answer.contains("\r\nConnection: close\r\n"))
      }
      // A page of another site whose name leads here.
      for host in ["evil.example", "evil.example:\(fixture.port)", "localhost:1"] {
        let answer = try await fixture.answer(
          to: "GET /auth/callback?state=right HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 404"), "\(host)")
      }
      for text in ["GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}\r\n\r\n", "\r\n\r\n"] {
        #expect(try await fixture.answer(to: text).hasPrefix("HTTP/1.1 400"))
      }
      #expect(fixture.sandbox.dials.isEmpty)
      #expect(try await fixture.answer(to: fixture.request(), host: "::1").hasSuffix("hello"))
      try await agent.close()
    }
  }

  @Test func withoutAStateThePathIsEnough() async throws {
    try await CallbackFixture.with { fixture in
      let agent = try await fixture.helloServer()
      _ = try await fixture.server.wait(for: fixture.target(state: nil))
      #expect(try await fixture.answer(to: fixture.request("/x")).hasPrefix("HTTP/1.1 404"))
      #expect(try await fixture.answer(to: fixture.request("/auth/callback")).hasSuffix("hello"))
      try await agent.close()
    }
  }

  @Test func headsAreLimitedInSizeAndTime() async throws {
    try await CallbackFixture.with(.init(head: .milliseconds(300))) { fixture in
      let agent = try await fixture.helloServer()
      _ = try await fixture.server.wait(for: fixture.target())
      let line = "X: " + String(repeating: "y", count: 1019) + "\r\n"
      let huge = String(repeating: line, count: 64)
      #expect(try await fixture.answer(to: fixture.request(more: huge)).hasPrefix("HTTP/1.1 431"))
      let endless = try await TestConnection.toPort(fixture.port)
      try await endless.send(String(repeating: "x", count: 70_000))
      #expect(try await endless.whole().hasPrefix("HTTP/1.1 431"))
      let slow = try await TestConnection.toPort(fixture.port)
      let silent = try await TestConnection.toPort(fixture.port)
      for byte in "GET /auth".utf8 { try await slow.send([byte]) }
      #expect(try await slow.whole().isEmpty)
      #expect(try await silent.whole().isEmpty)
      // Nearly as long as it may be.
      let long = String(repeating: line, count: 63)
      #expect(try await fixture.answer(to: fixture.request(more: long)).hasSuffix("hello"))
      try await agent.close()
    }
  }

  @Test func halfClosedConnections() async throws {
    try await CallbackFixture.with { fixture in
      let agent = try await fixture.helloServer()
      _ = try await fixture.server.wait(for: fixture.target())
      let partial = try await TestConnection.toPort(fixture.port)
      try await partial.send("GET /auth")
      try await partial.closeOutput()
      #expect(try await partial.whole().isEmpty)
      let whole = try await TestConnection.toPort(fixture.port)
      try await whole.send(fixture.request())
      try await whole.closeOutput()
      #expect(try await whole.whole().hasSuffix("hello"))
      try await agent.close()
    }
  }

  @Test func manyWhoSayNothingDoNotKeepTheBrowserOut() async throws {
    try await CallbackFixture.with { fixture in
      let agent = try await fixture.helloServer()
      _ = try await fixture.server.wait(for: fixture.target())
      var idle: [TestConnection] = []
      for _ in 0..<40 { idle.append(try await TestConnection.toPort(fixture.port)) }
      let silent = idle
      try await eventually { silent.count { $0.hasEnded } == 8 }
      #expect(silent.prefix(8).allSatisfy { $0.hasEnded })
      #expect(try await fixture.answer(to: fixture.request()).hasSuffix("hello"))
      try await fixture.waitForRelease()
      try await eventually { silent.allSatisfy(\.hasEnded) }
      try await agent.close()
    }
  }

  /// The answer stays open, so its end is not there yet.
  @Test func otherConnectionsFollowTheAnswer() async throws {
    try await CallbackFixture.with { fixture in
      let agent = try await AgentServer { received in
        if received.text.hasPrefix("GET /auth") { return }
        received.finish("HTTP/1.1 200 Fine\r\n\r\nicon")
      }
      fixture.sandbox.serve(fixture.port, by: agent)
      _ = try await fixture.server.wait(for: fixture.target())
      let answer = try await TestConnection.toPort(fixture.port)
      try await answer.send(fixture.request())
      try await eventually { agent.received.first?.text == fixture.request() }
      // Before the first byte of the answer already; and only under a name of this machine.
      #expect(try await fixture.answer(to: fixture.request("/favicon.ico")).hasSuffix("icon"))
      let evil = "GET /favicon.ico HTTP/1.1\r\nHost: evil.example\r\n\r\n"
      #expect(try await fixture.answer(to: evil).hasPrefix("HTTP/1.1 404"))
      agent.received[0].send("HTTP/1.1 200 Fine\r\n\r\nhello")
      try await answer.waitFor("hello")
      try await fixture.waitForRelease()
      // What was being carried goes on.
      agent.received[0].finish(" again")
      #expect(try await answer.whole().hasSuffix("hello again"))
      try await agent.close()
    }
  }

  @Test func nobodyInsideIsSaidInTheBrowserAndMayComeLater() async throws {
    try await CallbackFixture.with(.init(dial: .milliseconds(50))) { fixture in
      _ = try await fixture.server.wait(for: fixture.target())
      let failed = try await fixture.answer(to: fixture.request())
      #expect(failed.hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
      #expect(failed.contains("nothing inside listens on port \(fixture.port)"))
      #expect(try await fixture.answer(to: fixture.request("/")).hasPrefix("HTTP/1.1 404"))
      let agent = try await fixture.helloServer()
      #expect(try await fixture.answer(to: fixture.request()).hasSuffix("hello"))
      try await agent.close()
    }
  }
}
