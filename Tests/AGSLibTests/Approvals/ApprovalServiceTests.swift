import AGSTestSupport
import AGSWire
import Glibc
import NIOCore
import NIOPosix
import SystemPackage
import Testing

@testable import AGSLib

/// Service and client over real sockets, between sessions as `ags` makes them.
@Suite(.timeLimit(.minutes(5))) struct ApprovalServiceTests {
  /// A session that lives, with its `approvals.sock`.
  private struct Running {
    let queue: ApprovalQueue
    /// Never mounted: where the socket is.
    let sockets: FilePath
    /// Holds the marker's lock, as `ags` does.
    let lock: SystemPackage.FileDescriptor
    let server: (any Channel)?
  }

  private struct Fixture {
    let plan: PlanFixture
    let clock = ManualClock()
    let loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()
    var store: SessionStore { SessionStore(host: plan.host, sandbox: plan.configuration.sandbox) }
    var client: ApprovalClient {
      var client = ApprovalClient(host: plan.host, configuration: plan.configuration)
      client.limit = limit
      return client
    }
    /// Enough for a busy machine.
    var limit = Duration.seconds(50)

    func start(
      _ id: String, hasDisplay: Bool = false, serves: Bool = true,
      callback: @escaping @Sendable (String) async throws(ChannelFault) -> String = {
        _ throws(ChannelFault) in throw ChannelFault(.unavailable, "no login waits for this")
      }
    ) async throws -> Running {
      let runtime = plan.host.runtimeDirectory.appending(id)
      let sockets = SessionPaths.host(in: runtime)
      try makeDirectory(sockets)
      let marker = store.sessions.appending(id).appending("marker")
      try write("", to: store.sessions.appending(".lock"))
      try write(#"{"container": "ags-x-\#(id)", "runtime": "\#(runtime)"}"#, to: marker)
      let lock = try SystemPackage.FileDescriptor.open(marker, .readWrite, options: .closeOnExec)
      #expect(flock(lock.rawValue, LOCK_EX | LOCK_NB) == 0)
      let queue = ApprovalQueue(
        session: ApprovalSession(id: id, agent: "claude", workspace: "/work"), renderers: [],
        clock: clock.clock, audit: RecordedAudit(), executor: loop.executor)
      let service = ApprovalService(
        queue: queue, hasDisplay: hasDisplay, notifier: nil, callback: callback)
      let limits = try await loop.submit { [loop] in
        NIOLoopBound(ConnectionLimits(), eventLoop: loop)
      }.get()
      let server =
        serves
        ? try await FrameServer.bind(
          sockets.appending("approvals.sock"), mode: 0o600, on: loop, limits: limits
        ) { service.receive($0, $1) } : nil
      return Running(queue: queue, sockets: sockets, lock: lock, server: server)
    }

    func stop(_ running: Running) async throws {
      await running.queue.end()
      try await running.server?.close()
      try running.lock.close()
    }
  }

  private func with(_ body: (Fixture) async throws -> Void) async throws {
    try await PlanFixture.withOwner { try await body(Fixture(plan: $0)) }
  }

  private func asked(
    _ question: ApprovalQuestion, in queue: ApprovalQueue
  ) async -> Task<ApprovalDecision, Never> {
    let (asked, continuation) = AsyncStream<Void>.makeStream()
    let task = Task { await queue.ask(question) { continuation.finish() } }
    for await _ in asked {}
    return task
  }

  @Test func allSessionsAreListedAndTheOnesWithoutApprovalsPassedOver() async throws {
    try await with { fixture in
      #expect(try await fixture.client.list() == ApprovalClient.Listing())
      let first = try await fixture.start("00000001")
      let second = try await fixture.start("00000002", hasDisplay: true)
      let lockdown = try await fixture.start("00000003", serves: false)
      let question = ApprovalQuestion(
        kind: .open, subject: "https://example.org/ä\"\\\u{7F}", host: "example.org",
        notes: ["one", "two"], choices: [.allow, .proxy])
      let waits = await asked(question, in: first.queue)
      let listing = try await fixture.client.list()
      #expect(listing.silent.isEmpty)
      #expect(listing.states.map(\.session.id) == ["00000001", "00000002"])
      #expect(listing.states.map(\.hasDisplay) == [false, true])
      #expect(
        listing.states[0].pending == [
          PendingApproval(id: "00000001-1", question: question, secondsLeft: 120)
        ])
      for one in [first, second, lockdown] { try await fixture.stop(one) }
      #expect(await waits.value == .deny(.gone))
    }
  }

  @Test func answersReachTheRightSessionByTheEndOfAnID() async throws {
    try await with { fixture in
      let first = try await fixture.start("00000001")
      let second = try await fixture.start("00000002", hasDisplay: true)
      await #expect(throws: ApprovalError.nothingPending) {
        try await fixture.client.answer("1", .allow)
      }
      let one = await asked(ApprovalFixture.page(1), in: first.queue)
      let two = await asked(ApprovalFixture.page(2), in: second.queue)
      await #expect(throws: ApprovalError.ambiguous("1", ["00000001-1", "00000002-1"])) {
        try await fixture.client.answer("1", .allow)
      }
      await #expect(throws: ApprovalError.unknown("7")) {
        try await fixture.client.answer("7", .allow)
      }
      await #expect(throws: ApprovalError.notOffered(id: "00000002-1")) {
        try await fixture.client.answer("2-1", .proxy)
      }
      // No display there: the address is for the user to open, whole.
      #expect(
        try await fixture.client.answer("00000001-1", .allow)
          == ApprovalClient.Answer(
            id: "00000001-1", decision: .allow, url: "https://example.org/1"))
      #expect(await one.value == .allow)
      await #expect(
        throws: ApprovalError.settled(id: "00000001-1", outcome: "allowed (command)")
      ) { try await fixture.client.answer("1-1", .deny(.user)) }
      #expect(
        try await fixture.client.answer("1", .allow)
          == ApprovalClient.Answer(id: "00000002-1", decision: .allow, url: nil))
      #expect(await two.value == .allow)
      for one in [first, second] { try await fixture.stop(one) }
    }
  }

  @Test func aRedirectGoesToTheSessionThatWaitsForIt() async throws {
    try await with { fixture in
      await #expect(throws: ApprovalError.noSession) { try await fixture.client.callback("u") }
      let other = try await fixture.start("00000001")
      await #expect(throws: ApprovalError.notReplayed("no login waits for this")) {
        try await fixture.client.callback("u")
      }
      let waiting = try await fixture.start("00000002") { url throws(ChannelFault) in
        if url == "bad" { throw ChannelFault(.invalidURL, "not an address") }
        return "took \(url)"
      }
      #expect(try await fixture.client.callback("http://x/?a=b") == "took http://x/?a=b")
      await #expect(throws: ApprovalError.notReplayed("not an address")) {
        try await fixture.client.callback("bad")
      }
      for one in [other, waiting] { try await fixture.stop(one) }
    }
  }

  @Test func watchingFollowsSessionsThatStartAndEnd() async throws {
    try await with { fixture in
      let first = try await fixture.start("00000001")
      let early = await asked(ApprovalFixture.page(1), in: first.queue)
      await first.queue.notice("listening")
      var events = fixture.client.watch().makeAsyncIterator()
      let session = ApprovalSession(id: "00000001", agent: "claude", workspace: "/work")
      guard case .asked(let pending, by: session)? = await events.next() else {
        Issue.record("nothing was asked")
        return
      }
      #expect(pending.id == "00000001-1" && pending.question == ApprovalFixture.page(1))
      #expect(await events.next() == .notice("listening", from: session))
      _ = try await first.queue.answer("00000001-1", .deny(.user), by: "zenity")
      #expect(
        await events.next()
          == .settled(
            SettledApproval(id: "00000001-1", decision: .deny(.user), answeredBy: "zenity")))
      #expect(await early.value == .deny(.user))
      try await fixture.stop(first)

      let second = try await fixture.start("00000002")
      let late = await asked(ApprovalFixture.page(2), in: second.queue)
      guard case .asked(let next, by: _)? = await events.next() else {
        Issue.record("nothing was asked")
        return
      }
      #expect(next.id == "00000002-1")
      try await fixture.stop(second)
      #expect(await late.value == .deny(.gone))
    }
  }

  @Test func otherSidecarsAskAndTakeBack() async throws {
    try await with { fixture in
      let running = try await fixture.start("00000001")
      let question = ApprovalQuestion(kind: .clipboardRead, subject: "text/plain")
      let sockets = running.sockets
      func ask(_ body: @escaping @Sendable (ApprovalReply) -> Void) -> Task<Void, any Error> {
        Task {
          try await ApprovalConnection.exchange(.ask(question), in: sockets, limit: nil) {
            body($0)
            return $0 == .waiting ? .goesOn : .finished
          }
        }
      }
      let (replies, continuation) = AsyncStream<ApprovalReply>.makeStream()
      let first = ask { continuation.yield($0) }
      var received = replies.makeAsyncIterator()
      #expect(await received.next() == .waiting)
      _ = try await fixture.client.answer("1", .allow)
      #expect(await received.next() == .decision(.allow))
      try await first.value

      let second = ask { continuation.yield($0) }
      #expect(await received.next() == .waiting)
      second.cancel()
      _ = await second.result
      // Its connection is gone, and so is the question.
      try await eventually { await running.queue.state(hasDisplay: false).pending.isEmpty }
      try await fixture.stop(running)
    }
  }

  @Test func aSessionThatSaysNothingIsNamedAndKeepsNobody() async throws {
    try await with { fixture in
      var fixture = fixture
      fixture.limit = .seconds(3)
      let stopped = try await fixture.start("00000001", serves: false)
      let good = try await fixture.start("00000002")
      // Takes connections and never answers, as a stopped process does.
      let silent = try ListeningSocket(stopped.sockets.appending("approvals.sock"))
      let listing = try await fixture.client.list()
      #expect(listing.silent == ["00000001"])
      #expect(listing.states.map(\.session.id) == ["00000002"])
      await #expect(throws: ApprovalError.silent(session: "00000001")) {
        try await fixture.client.answer("1", .allow)
      }
      #expect(silent.owner == getuid())
      for one in [stopped, good] { try await fixture.stop(one) }
    }
  }

  @Test(arguments: [
    "nonsense", "{}", #"{"v":2,"type":"list"}"#, #"{"v":1,"type":"x"}"#,
    #"{"v":1,"type":"answer","id":"1","decision":"yes"}"#, #"{"v":1,"type":"answer"}"#,
    #"{"v":1,"type":"ask","question":{"kind":"open"}}"#,
    #"{"v":1,"type":"ask","question":{"kind":"x","subject":"","notes":[],"choices":[]}}"#,
    #"{"v":1,"type":"ask","question":{"kind":"open","subject":"","notes":[1],"choices":[]}}"#,
    #"{"v":1,"type":"ask","question":{"kind":"open","subject":"","notes":[],"choices":["x"]}}"#,
  ])
  func badRequestsAreRefused(_ line: String) {
    #expect(throws: ChannelFault.self) { try ApprovalRequest.decode(Array(line.utf8)) }
  }

  @Test func everyMessageComesBackAsItWas() throws {
    let question = ApprovalFixture.page(choices: [.allow, .proxy])
    let requests: [ApprovalRequest] = [
      .list, .watch, .answer(id: "a-1", decision: .deny(.user)),
      .answer(id: "a-1", decision: .proxy), .callback(url: "http://x"), .ask(question),
    ]
    for request in requests {
      #expect(try ApprovalRequest.decode(Array(request.encoded().dropLast())) == request)
    }
    let replies: [ApprovalReply] = [
      .state(
        ApprovalState(
          session: ApprovalFixture.session, hasDisplay: true,
          pending: [PendingApproval(id: "a-2", question: question, secondsLeft: 3)],
          settled: [
            SettledApproval(id: "a-1", decision: .deny(.timeout)),
            SettledApproval(id: "a-0", decision: .allow, answeredBy: "zenity"),
          ])),
      .notice(ApprovalNotice(number: 4, text: "x\ny")), .refused(.unknown),
      .answered(id: "a-1", decision: .allow, url: "https://x"), .refused(.settled("allowed")),
      .answered(id: "a-1", decision: .deny(.user), url: nil), .refused(.notOffered), .waiting,
      .decision(.deny(.flooding)), .done("text"), .failure(ChannelFault(.denied, "no")),
    ]
    for reply in replies {
      #expect(try ApprovalReply.decode(Array(reply.encoded().dropLast())) == reply)
    }
  }
}
