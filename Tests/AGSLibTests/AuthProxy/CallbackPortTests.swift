import AGSWire
import NIOCore
import Testing

@testable import AGSLib

/// Whose a port of the host is, and for how long.
@Suite struct CallbackPortTests {
  @Test(arguments: ["127.0.0.1", "::1", "0.0.0.0"])
  func takenPortIsAnErrorAndLeftAlone(host: String) async throws {
    try await CallbackFixture.with { fixture in
      let holder = try #require(PortHolder(fixture.port, host: host))
      let fault = await #expect(throws: ChannelFault.self) {
        try await fixture.server.wait(for: fixture.target())
      }
      #expect(fault?.code == .portInUse)
      #expect(fault?.message.contains("port \(fixture.port) of the host is taken") == true)
      holder.close()
      // Nothing of the first try is left.
      _ = try await fixture.server.wait(for: fixture.target())
    }
  }

  @Test func nobodyElseGetsAPortThatIsWaitedOn() async throws {
    try await CallbackFixture.with { fixture in
      let login = try await fixture.server.wait(for: fixture.target())
      for host in ["127.0.0.1", "::1", "0.0.0.0"] {
        #expect(PortHolder(fixture.port, host: host, shares: true) == nil, "\(host)")
      }
      await fixture.server.release(login)
      try await fixture.waitForRelease()
    }
  }

  @Test func newerLoginReplacesTheOlder() async throws {
    try await CallbackFixture.with { fixture in
      let agent = try await fixture.helloServer()
      let older = try await fixture.server.wait(for: fixture.target(state: "older"))
      let idle = try await TestConnection.toPort(fixture.port)
      try await idle.send("GET /auth")
      _ = try await fixture.server.wait(for: fixture.target())
      #expect(try await idle.whole().isEmpty)
      let stale = try await fixture.answer(to: fixture.request("/auth/callback?state=older"))
      #expect(stale.hasPrefix("HTTP/1.1 404"))
      await fixture.server.release(older)
      #expect(try await fixture.answer(to: fixture.request()).hasSuffix("hello"))
      try await agent.close()
    }
  }

  @Test func loginsAtOnceForOnePortAgreeOnTheLast() async throws {
    try await CallbackFixture.with { fixture in
      let agent = try await fixture.helloServer()
      let server = fixture.server
      let target = try fixture.target()
      let logins = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<8 { group.addTask { try await server.wait(for: target) } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(Set(logins).count == 8)
      #expect(try await fixture.answer(to: fixture.request()).hasSuffix("hello"))
      try await agent.close()
    }
  }

  @Test func timeIsOverForWhatWaitsAndForWhatIsCarried() async throws {
    try await CallbackFixture.with(.init(lifetime: .milliseconds(400))) { fixture in
      let agent = try await AgentServer { received in received.send("HTTP/1.1 200 Fine\r\n") }
      fixture.sandbox.serve(fixture.port, by: agent)
      _ = try await fixture.server.wait(for: fixture.target())
      let carried = try await TestConnection.toPort(fixture.port)
      try await carried.send(fixture.request())
      let waiting = try await TestConnection.toPort(fixture.port)
      try await carried.waitFor("200 Fine")
      #expect(try await carried.whole() == "HTTP/1.1 200 Fine\r\n")
      #expect(try await waiting.whole().isEmpty)
      try await fixture.waitForRelease()
      try await agent.close()
    }
  }

  @Test func portsAreLimitedAndComeBack() async throws {
    try await CallbackFixture.with(.init(ports: 2)) { fixture in
      let first = try await fixture.server.wait(for: fixture.target())
      _ = try await fixture.server.wait(for: fixture.target(port: freePort()))
      let fault = await #expect(throws: ChannelFault.self) {
        try await fixture.server.wait(for: fixture.target(port: freePort()))
      }
      #expect(fault?.code == .limit)
      await fixture.server.release(first)
      _ = try await fixture.server.wait(for: fixture.target(port: freePort()))
    }
  }

  @Test func endOfTheSessionEndsEverything() async throws {
    try await CallbackFixture.with { fixture in
      let agent = try await AgentServer { received in received.send("x") }
      fixture.sandbox.serve(fixture.port, by: agent)
      _ = try await fixture.server.wait(for: fixture.target())
      let carried = try await TestConnection.toPort(fixture.port)
      try await carried.send(fixture.request())
      try await carried.waitFor("x")
      await fixture.server.close()
      _ = try await carried.whole()
      try await fixture.waitForRelease()
      let fault = await #expect(throws: ChannelFault.self) {
        try await fixture.server.wait(for: fixture.target())
      }
      #expect(fault?.code == .unavailable)
      try await agent.close()
    }
  }

  @Test func pastedAnswerGoesTheSameWay() async throws {
    try await CallbackFixture.with { fixture in
      let agent = try await fixture.helloServer()
      _ = try await fixture.server.wait(for: fixture.target())
      let base = "http://127.0.0.1:\(fixture.port)/auth/callback"
      for (text, code) in [
        ("", ChannelFault.Code.invalidURL), ("code=1&state=right", .invalidURL),
        ("https://login.example/?state=right", .invalidURL),
        ("http://evil.example:\(fixture.port)/auth/callback?state=right", .invalidURL),
        ("http://localhost:1/auth/callback?state=right", .unavailable),
        ("\(base)?state=wrong", .denied), ("\(base)", .denied),
        ("http://localhost:\(fixture.port)/?state=right", .denied),
      ] {
        let fault = await #expect(throws: ChannelFault.self, "\(text)") {
          try await fixture.server.replay(text)
        }
        #expect(fault?.code == code, "\(text)")
      }
      #expect(fixture.sandbox.dials.isEmpty)
      let line = try await fixture.server.replay(" \(base)?code=a%20b&state=right#x\n")
      #expect(line == "HTTP/1.1 200 Fine")
      #expect(
        agent.received.map(\.text) == [
          "GET /auth/callback?code=a%20b&state=right HTTP/1.1\r\nHost: localhost:\(fixture.port)"
            + "\r\nConnection: close\r\n\r\n"
        ])
      try await fixture.waitForRelease()
      try await agent.close()
    }
  }

  @Test func statusLineOfAPastedAnswerIsInert() async throws {
    try await CallbackFixture.with { fixture in
      let agent = try await AgentServer { $0.finish("\u{1b}]0;x\u{202e}\r\n") }
      fixture.sandbox.serve(fixture.port, by: agent)
      _ = try await fixture.server.wait(for: fixture.target())
      let url = "http://localhost:\(fixture.port)/auth/callback?state=right"
      #expect(try await fixture.server.replay(url) == "\\u{1B}]0;x\\u{202E}")
      try await agent.close()
    }
  }
}
