import AGSWire
import Testing

@testable import AGSLib

@Suite struct RelayStreamTests {
  /// Bytes whose period has nothing in common with the size of any buffer.
  private func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed
    let period = (0..<65_521).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
    var bytes: [UInt8] = []
    while bytes.count < count { bytes += period.prefix(count - bytes.count) }
    return bytes
  }

  @Test func bytesGoBothWaysUnchanged() async throws {
    try await withRelay { relay in
      try await relay.serveInside()
      let app = try TestServer()
      let (_, port) = try await relay.register(app.port)
      let browser = try TestSocket(port: port)
      async let accepted = app.accept()
      let inside = try await accepted
      let (up, down) = (noise(64 << 20, seed: 1), noise(64 << 20, seed: 2))
      async let sentUp: Void = browser.twin().send(up)
      async let sentDown: Void = inside.twin().send(down)
      async let arrivedUp = inside.receive(up.count)
      async let arrivedDown = browser.receive(down.count)
      #expect(try await arrivedUp == up)
      #expect(try await arrivedDown == down)
      _ = try await (sentUp, sentDown)
    }
  }

  @Test func oneDirectionMayEndBeforeTheOther() async throws {
    try await withRelay { relay in
      try await relay.serveInside()
      let app = try TestServer()
      let (_, port) = try await relay.register(app.port)
      let browser = try TestSocket(port: port)
      try await browser.send("all I have to say")
      await browser.finish()
      let inside = try await app.accept()
      #expect(try await inside.receiveAll() == Array("all I have to say".utf8))
      // More than any buffer on the way holds, to a reader that comes late.
      let answer = noise(24 << 20, seed: 3)
      async let sent: Void = {
        try await inside.twin().send(answer)
        await inside.finish()
      }()
      try await Task.sleep(for: .milliseconds(100))
      #expect(try await browser.receiveAll() == answer)
      try await sent
    }
  }

  @Test func whatIsSentAtOnceAndEndedAtOnceArrives() async throws {
    try await withRelay { relay in
      try await relay.serveInside()
      let app = try TestServer()
      let (_, port) = try await relay.register(app.port)
      for round in 0..<20 {
        let browser = try TestSocket(port: port)
        try await browser.send("early \(round)")
        await browser.finish()
        let inside = try await app.accept()
        #expect(try await inside.receiveAll() == Array("early \(round)".utf8))
        try await inside.send("late \(round)")
        await inside.finish()
        #expect(try await browser.receiveAll() == Array("late \(round)".utf8))
      }
    }
  }

  @Test func anAppThatBreaksOffIsNoEnd() async throws {
    try await withRelay { relay in
      try await relay.serveInside()
      let app = try TestServer()
      let (_, port) = try await relay.register(app.port)
      let browser = try TestSocket(port: port)
      let inside = try await app.accept()
      try await inside.send("half of it")
      #expect(try await browser.receive(10) == Array("half of it".utf8))
      await inside.abort()
      await #expect(throws: (any Error).self) { try await browser.receiveAll() }
    }
  }

  @Test func aHundredConnectionsAtOnceEachGetTheirOwn() async throws {
    try await withRelay { relay in
      try await relay.serveInside()
      let app = try EchoApp()
      let (_, port) = try await relay.register(app.port)
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<100 {
          group.addTask {
            let browser = try TestSocket(port: port, isV6: number % 2 == 1)
            let said = Array("connection \(number);".utf8)
            for _ in 0..<20 {
              try await browser.send(said)
              guard try await browser.receive(said.count) == said else { return false }
            }
            await browser.finish()
            return try await browser.receiveAll().isEmpty
          }
        }
        for try await isRight in group { #expect(isRight) }
      }
      await app.stop()
    }
  }

  @Test func aStalledReaderStopsItsWriterAndNobodyElse() async throws {
    try await withRelay { relay in
      try await relay.serveInside()
      let (stalled, echo) = (try TestServer(), try EchoApp())
      let (_, stalledPort) = try await relay.register(stalled.port)
      let (_, echoPort) = try await relay.register(echo.port)
      let writer = try TestSocket(port: stalledPort)
      let reader = try await stalled.accept()
      // Takes what the kernel and the relay hold, and not more, however long it goes on.
      let piece = [UInt8](repeating: 7, count: 1 << 20)
      var (taken, quiet) = (0, 0)
      while quiet < 20, taken < 256 << 20 {
        let count = await writer.sendSome(piece)
        taken += count
        quiet = count == 0 ? quiet + 1 : 0
        if count == 0 { try await Task.sleep(for: .milliseconds(10)) }
      }
      #expect(taken < 64 << 20)
      let other = try TestSocket(port: echoPort)
      try await other.send("hello")
      #expect(try await other.receive(5) == Array("hello".utf8))
      // And nothing is lost when it goes on.
      await writer.finish()
      #expect(try await reader.receiveAll().count == taken)
      await echo.stop()
    }
  }

  @Test func appsDoNotSeeEachOther() async throws {
    try await withRelay { relay in
      try await relay.serveInside()
      let (one, other) = (try EchoApp(greeting: "one"), try EchoApp(greeting: "two"))
      let first = try await relay.register(one.port)
      let second = try await relay.register(other.port)
      #expect(first.host != second.host && first.port != second.port)
      #expect(try await TestSocket(port: first.port).receive(3) == Array("one".utf8))
      #expect(try await TestSocket(port: second.port).receive(3) == Array("two".utf8))
      await one.stop()
      await other.stop()
    }
  }

  @Test func anAppMayGoAwayAndComeBack() async throws {
    try await withRelay { relay in
      try await relay.serveInside()
      let app = try EchoApp(greeting: "first")
      let place = try await relay.register(app.port)
      #expect(try await TestSocket(port: place.port).receive(5) == Array("first".utf8))
      await app.stop()
      let refused = try TestSocket(port: place.port)
      await #expect(throws: (any Error).self) { try await refused.receiveAll() }
      let again = try EchoApp(greeting: "second", port: app.port)
      #expect(try await relay.register(app.port) == place)
      #expect(try await TestSocket(port: place.port).receive(6) == Array("second".utf8))
      await again.stop()
    }
  }
}
