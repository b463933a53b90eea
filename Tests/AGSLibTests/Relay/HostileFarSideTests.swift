import AGSWire
import NIOCore
import Testing

@testable import AGSLib

@Suite struct HostileFarSideTests {
  private func command(_ control: TestSocket) async throws -> (id: String, port: UInt16, Int64) {
    switch try RelayCommand.decode(Array(try await control.line().dropLast())) {
    case .connect(let id, let port, let patience): return (id, port, patience)
    }
  }

  private func answer(_ socket: TestSocket) async throws -> ChannelAnswer {
    try ChannelAnswer.decode(Array(try await socket.line().dropLast()))
  }

  private func code(_ socket: TestSocket) async throws -> ChannelFault.Code {
    let answer = try await answer(socket)
    guard case .failure(let fault) = answer else { throw Unexpected(answer) }
    return fault.code
  }

  /// A dial of the host, and the reason for which it failed.
  private func failingDial(
    _ relay: RelayFixture, port: UInt16 = 80, patience: Duration = .zero
  ) -> Task<ChannelFault?, Never> {
    Task {
      do throws(ChannelFault) {
        _ = try await relay.service.dial(port: port, patience: patience)
        return nil
      } catch {
        return error
      }
    }
  }

  @Test func aSecondControlConnectionIsRefusedWhileTheFirstLives() async throws {
    try await withRelay { relay in
      let first = try await relay.control()
      #expect(try await code(relay.ask(.control)) == .limit)
      async let fault = failingDial(relay, port: 81, patience: .milliseconds(1500)).value
      let (_, port, patience) = try await command(first)
      #expect(port == 81 && patience == 1500)
      await first.end()
      #expect(await fault?.code == .unavailable)
      try await until { await !relay.service.isConnected }
      let next = try await relay.control()
      async let again = failingDial(relay, port: 82).value
      #expect(try await command(next).port == 82)
      await next.end()
      #expect(await again?.code == .unavailable)
    }
  }

  @Test func withoutAControlConnectionNothingIsDialled() async throws {
    try await withRelay { relay in
      #expect(await failingDial(relay).value?.code == .unavailable)
    }
  }

  @Test func anIdIsGoodForOneStreamAndOnlyAsItIs() async throws {
    try await withRelay { relay in
      let control = try await relay.control()
      let dialled = Task { try await relay.service.dial(port: 80, patience: .zero) }
      let (id, _, _) = try await command(control)
      #expect(id.wholeMatch(of: /[0-9a-f]{32}/) != nil)
      let wrong = [
        "", "0", id + "0", String(id.dropLast()), id + "\u{0}", " " + id, id.uppercased() + "A",
        String(repeating: "0", count: 32), String(repeating: "f", count: 1 << 18),
      ]
      for other in wrong { #expect(try await code(relay.ask(.stream(id: other))) == .failed) }
      let stream = try await relay.ask(.stream(id: id))
      #expect(try await answer(stream) == .done)
      let channel = try await dialled.value
      #expect(try await code(relay.ask(.stream(id: id))) == .failed)
      try await channel.close()
      await control.end()
    }
  }

  @Test func idsDoNotRepeat() async throws {
    try await withRelay { relay in
      let control = try await relay.control()
      let dials = (0..<100).map { _ in failingDial(relay) }
      var ids: Set<String> = []
      for _ in dials { ids.insert(try await command(control).id) }
      #expect(ids.count == 100)
      await control.end()
      for dial in dials { #expect(await dial.value?.code == .unavailable) }
    }
  }

  @Test func aRefusalEndsItsOwnDialAndReportsOfUnknownIdsNone() async throws {
    try await withRelay { relay in
      let control = try await relay.control()
      let one = failingDial(relay, port: 80)
      let (first, _, _) = try await command(control)
      let other = Task { try await relay.service.dial(port: 81, patience: .zero) }
      let (second, _, _) = try await command(control)
      for id in ["", "x", String(repeating: "0", count: 32)] {
        try await control.send(RelayReport.refused(id: id, message: "no").encoded())
      }
      let text = "no\u{1B}[2J\u{202E}" + String(repeating: "!", count: 10_000)
      try await control.send(RelayReport.refused(id: first, message: text).encoded())
      let fault = try #require(await one.value)
      #expect(fault.code == .unavailable)
      #expect(fault.message.hasPrefix("no\\u{1B}[2J\\u{202E}!!") && fault.message.count < 300)
      // Twice is once.
      try await control.send(RelayReport.refused(id: first, message: text).encoded())
      let stream = try await relay.ask(.stream(id: second))
      #expect(try await answer(stream) == .done)
      try await other.value.close()
      await control.end()
    }
  }

  @Test(arguments: [
    "garbage\n", "{}\n", "{\"v\":1,\"type\":\"connect\"}\n", "{\"v\":2,\"type\":\"refused\"}\n",
    "{\"v\":1,\"type\":\"refused\",\"id\":7,\"message\":\"\"}\n", "\u{0}\u{FFFD}\n",
    "{\"v\":1,\"type\":\"control\"}\n",
  ])
  func garbageEndsTheControlConnectionAndNothingElse(_ line: String) async throws {
    let app = try EchoApp(greeting: "hello")
    try await withRelay(forwards: [5432: .host(app.port)]) { relay in
      let control = try await relay.control()
      let stream = try await relay.ask(.forward(port: 5432))
      #expect(try await answer(stream) == .done)
      let dial = failingDial(relay)
      _ = try await command(control)
      try await control.send(line)
      _ = try await code(control)
      #expect(try await control.receiveAllOrReset().isEmpty)
      #expect(await dial.value?.code == .unavailable)
      #expect(try await stream.receive(5) == Array("hello".utf8))
      let next = try await relay.control()
      await next.end()
    }
    await app.stop()
  }

  @Test func aControlConnectionThatReadsNothingIsGivenUp() async throws {
    try await withRelay { relay in
      let control = try await relay.control()
      // Each dial is given up at once, so only its command stays.
      for _ in 0..<20_000 where await relay.service.isConnected {
        let dial = failingDial(relay)
        dial.cancel()
        _ = await dial.value
      }
      #expect(await !relay.service.isConnected)
      let next = try await relay.control()
      await next.end()
      await control.end()
    }
  }

  @Test func dialsThatWaitAreCounted() async throws {
    try await withRelay { relay in
      let control = try await relay.control()
      let dials = (0..<RelayFarSide.maximumDials).map { _ in failingDial(relay) }
      for _ in dials { _ = try await command(control) }
      #expect(await failingDial(relay).value?.code == .limit)
      // One that is given up makes room.
      dials[0].cancel()
      #expect(await dials[0].value?.code == .unavailable)
      let another = Task { try await relay.service.dial(port: 80, patience: .zero) }
      let (id, _, _) = try await command(control)
      let stream = try await relay.ask(.stream(id: id))
      #expect(try await answer(stream) == .done)
      try await another.value.close()
      await control.end()
      for dial in dials { #expect(await dial.value?.code == .unavailable) }
    }
  }

  @Test func connectionsAboveTheLimitAreRefusedAndTheOthersGoOn() async throws {
    let app = try EchoApp()
    try await withRelay(forwards: [5432: .host(app.port)], connections: 8) { relay in
      try await relay.serveInside()
      let (_, port) = try await relay.register(app.port)
      let browser = try TestSocket(port: port)
      try await browser.send("one")
      #expect(try await browser.receive(3) == Array("one".utf8))
      var idle: [TestSocket] = []
      for _ in 0..<6 { idle.append(try TestSocket(relay.path)) }
      let late = try await relay.ask(.forward(port: 5432))
      #expect(try await code(late) == .limit)
      try await browser.send("two")
      #expect(try await browser.receive(3) == Array("two".utf8))
      idle.removeAll()
      try await until {
        (try? await answer(relay.ask(.forward(port: 5432)))) == .done
      }
    }
    await app.stop()
  }

  @Test func requestsOfAnotherSocketAreRefused() async throws {
    try await withRelay { relay in
      #expect(try await code(relay.ask(.open(url: "https://example.org"))) == .unknownType)
      #expect(try await code(relay.ask(.audit(event: "x", text: "y"))) == .unknownType)
      for line in ["\n", "[]\n", "{\"v\":1}\n", "{\"v\":1,\"type\":\"stream\",\"id\":{}}\n"] {
        let socket = try TestSocket(relay.path)
        try await socket.send(line)
        _ = try await code(socket)
      }
    }
  }
}
