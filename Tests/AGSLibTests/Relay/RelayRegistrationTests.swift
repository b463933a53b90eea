import AGSWire
import NIOCore
import Testing

@testable import AGSLib

@Suite struct RelayRegistrationTests {
  @Test func theURLHasANameAndAPortOfItsOwn() async throws {
    try await withRelay { relay in
      let socket = try await relay.ask(.register(port: 3000, base: "app/?x=1#top"))
      let answer = try ChannelAnswer.decode(Array(try await socket.line().dropLast()))
      guard case .registered(let url) = answer else { throw Unexpected(answer) }
      let match = try #require(
        try /http:\/\/([0-9a-f]{16})\.localhost:([0-9]+)\/app\/\?x=1#top/.wholeMatch(in: url))
      #expect((1024...65_535).contains(try #require(Int(match.2))))
      // Nothing follows an answer.
      #expect(try await socket.receiveAll().isEmpty)
      let event = try #require(relay.audit.events.first)
      #expect(event.name == "relay-registered" && event.fields["port"] == "3000")
      #expect(event.fields["url"] == "http://\(match.1).localhost:\(match.2)")
    }
  }

  @Test func theSamePortGivesTheSameOriginWithItsNewBase() async throws {
    try await withRelay { relay in
      let first = try await relay.service.register(port: 3000, base: "/one")
      let again = try await relay.service.register(port: 3000, base: "/two")
      let other = try await relay.service.register(port: 3001, base: "/one")
      #expect(first.dropLast(3) == again.dropLast(3) && again.hasSuffix("/two"))
      #expect(first.split(separator: "/")[1] != other.split(separator: "/")[1])
      #expect(relay.audit.events.count == 2)
    }
  }

  @Test func askingForOnePortManyTimesAtOnceGivesOneOrigin() async throws {
    try await withRelay { relay in
      let urls = try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 0..<40 {
          group.addTask { try await relay.service.register(port: 3000, base: "/") }
        }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(urls.count == 1)
    }
  }

  @Test func aFloodOfRegistrationsStopsAtTheLimitAndHarmsNobody() async throws {
    try await withRelay { relay in
      try await relay.serveInside()
      let app = try EchoApp(greeting: "still here")
      let place = try await relay.register(app.port)
      var refusals = 0
      for port in UInt16(2000)..<2100 {
        let socket = try await relay.ask(.register(port: port, base: "/"))
        switch try ChannelAnswer.decode(Array(try await socket.line().dropLast())) {
        case .registered: break
        case .failure(let fault):
          #expect(fault.code == .limit)
          refusals += 1
        case let other: throw Unexpected(other)
        }
      }
      #expect(refusals == 100 - (ChannelFrame.maximumRegistrations - 1))
      #expect(try await relay.register(app.port) == place)
      #expect(try await TestSocket(port: place.port).receive(10) == Array("still here".utf8))
      await app.stop()
    }
  }

  @Test(arguments: ["a\nb", "a\u{0}b", "\u{7F}", "a\u{85}b", String(repeating: "x", count: 2049)])
  func aBaseThatIsNoPathIsRefused(_ base: String) async throws {
    try await withRelay { relay in
      let socket = try await relay.ask(.register(port: 3000, base: base))
      let answer = try ChannelAnswer.decode(Array(try await socket.line().dropLast()))
      guard case .failure(let fault) = answer else { throw Unexpected(answer) }
      #expect(fault.code == .invalidURL)
      #expect(relay.audit.events.isEmpty)
    }
  }

  @Test(arguments: [
    ("", "/"), ("/", "/"), ("a/b", "/a/b"), ("//a", "//a"), ("/a b", "/a%20b"),
    ("/ä", "/%C3%A4"), ("/\u{202E}x", "/%E2%80%AEx"), ("/<\">\\", "/%3C%22%3E%5C"),
    ("?q=%20", "/?q=%20"), ("@evil.example/", "/@evil.example/"),
    (":80@evil.example", "/:80@evil.example"),
  ])
  func aBaseStaysBehindTheOrigin(_ text: String, _ path: String) throws {
    #expect(try RelayBase(text).path == path)
  }

  @Test func nothingListensAfterTheEnd() async throws {
    try await withRelay { relay in
      try await relay.serveInside()
      let app = try EchoApp(greeting: "hello")
      let (_, port) = try await relay.register(app.port)
      let open = try TestSocket(port: port)
      #expect(try await open.receive(5) == Array("hello".utf8))
      await relay.service.close()
      #expect(throws: (any Error).self) { try TestSocket(port: port) }
      #expect(throws: (any Error).self) { try TestSocket(port: port, isV6: true) }
      #expect(throws: (any Error).self) { try TestSocket(relay.path) }
      // How it ends is up to the kernel; that it does, is not.
      _ = try? await open.receiveAll()
      await #expect(throws: ChannelFault.self) {
        try await relay.service.register(port: 4000, base: "/")
      }
      await app.stop()
    }
  }

  @Test func browsersAboveTheLimitAreRefusedAndTheOthersGoOn() async throws {
    try await withRelay(connections: 600) { relay in
      try await relay.serveInside()
      let app = try TestServer()
      let (_, port) = try await relay.register(app.port)
      var waiting: [TestSocket] = []
      for _ in 0..<RelayService.maximumHostConnections {
        waiting.append(try TestSocket(port: port))
      }
      try await until { await relay.service.connections == waiting.count }
      let late = try TestSocket(port: port)
      #expect(try await late.receiveAllOrReset().isEmpty)
      #expect(await relay.service.connections == waiting.count)
      await waiting.removeLast().abort()
      try await until { await relay.service.connections == waiting.count }
      waiting.append(try TestSocket(port: port))
      try await until { await relay.service.connections == waiting.count }
    }
  }
}
