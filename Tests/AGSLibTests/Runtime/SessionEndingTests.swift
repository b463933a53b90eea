import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// 3-run "Lifetime": the ladder of endings.
@Suite struct SessionEndingTests {
  /// Signals that only this test sends, as if the handlers had caught them.
  private struct SentSignals {
    let signals: TerminationSignals
    private let writeEnd: FileDescriptor
    private let readEnd: FileDescriptor

    init() throws {
      (readEnd, writeEnd) = try FileDescriptor.pipe()
      for end in [readEnd, writeEnd] {
        #expect(fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) == 0)
        #expect(fcntl(end.rawValue, F_SETFL, O_NONBLOCK) == 0)
      }
      signals = TerminationSignals(descriptor: readEnd.rawValue, writeEnd: writeEnd.rawValue)
    }

    func send(_ number: Int32, fromKernel: Bool = false) throws {
      try writeEnd.writeAll([UInt8(number), fromKernel ? 1 : 0])
    }

    func close() throws {
      try readEnd.close()
      try writeEnd.close()
    }
  }

  /// A keyring whose owner does not answer.
  private struct HangingStore: SecretStore {
    func lookUp(_ attributes: [String: String]) async throws(SecretStoreError) -> Secret? {
      do {
        try await Task.sleep(for: .seconds(600))
      } catch {
        throw .cancelled
      }
      return nil
    }
    func store(
      label: String, attributes: [String: String], secret: Secret
    ) async throws(SecretStoreError) { throw .failed("read-only") }
  }

  /// Runs `script` and `body` beside it; the status, and how long both took.
  private func run(
    _ script: String, in fixture: PlanFixture, grace: Duration = .milliseconds(300),
    store: any SecretStore = EmptyStore(), leavesContainer: Bool = false,
    runtime: ((ScriptRuntime) -> Void)? = nil,
    _ body: (SentSignals) async throws -> Void
  ) async throws -> (status: Int32, time: Duration) {
    let sent = try SentSignals()
    let podman = try ScriptRuntime(
      script, in: fixture.root, leavesContainer: leavesContainer)
    let session = fixture.session(
      try fixture.plan(), runtime: podman, signals: sent.signals, secrets: store, grace: grace)
    let clock = ContinuousClock()
    let began = clock.now
    async let ending = session.run()
    try await body(sent)
    let status = try await ending.exitStatus
    runtime?(podman)
    try sent.close()
    return (status, clock.now - began)
  }

  private func started(_ fixture: PlanFixture) -> String {
    "cat <&3 >/dev/null; touch \(fixture.root)/started;"
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGINT]) func signalGoesToPodman(number: Int32) async throws {
    try await PlanFixture.withOwner { fixture in
      let name = [SIGTERM: "TERM", SIGHUP: "HUP", SIGINT: "INT"][number]!
      let script = """
        trap 'exit 77' \(name); \(started(fixture))
        while :; do sleep 0.02; done
        """
      let (status, _) = try await run(script, in: fixture, grace: .seconds(20)) { sent in
        try await fixture.waitFor("started")
        try sent.send(number)
      }
      #expect(status == 77)
      #expect(fixture.isClean)
    }
  }

  /// podman that cannot pass a signal on yet leaves by itself and calls that 0 or 1.
  @Test(arguments: [true, false])
  func podmanThatLeavesItsContainerBehindIsNotTheAgentsEnd(leavesContainer: Bool) async throws {
    try await PlanFixture.withOwner { fixture in
      let script = "trap 'exit 1' INT; \(started(fixture)) while :; do sleep 0.02; done"
      let (status, _) = try await run(
        script, in: fixture, grace: .seconds(20), leavesContainer: leavesContainer
      ) { sent in
        try await fixture.waitFor("started")
        try sent.send(SIGINT)
      }
      #expect(status == (leavesContainer ? 130 : 1))
    }
  }

  @Test func signalOfTheTerminalIsNotSentTwice() async throws {
    try await PlanFixture.withOwner { fixture in
      let script = """
        trap 'echo again >\(fixture.root)/again' INT; \(started(fixture))
        cat <&4 >/dev/null; exit 5
        """
      let (status, _) = try await run(script, in: fixture) { sent in
        try await fixture.waitFor("started")
        try sent.send(SIGINT, fromKernel: true)
      }
      #expect(status == 5)
      #expect(!exists(fixture.root.appending("again")))
    }
  }

  @Test func lifelineClosesAfterTheGrace() async throws {
    try await PlanFixture.withOwner { fixture in
      // Deaf to the signal, as an agent may be; ends with the lifeline as init does.
      let script = "trap '' TERM; \(started(fixture)) cat <&4 >/dev/null; exit 137"
      let (status, time) = try await run(script, in: fixture) { sent in
        try await fixture.waitFor("started")
        try sent.send(SIGTERM)
      }
      #expect(status == 137)
      #expect(time >= .milliseconds(300))
      #expect(fixture.isClean)
    }
  }

  @Test func secondSignalClosesTheLifelineAtOnce() async throws {
    try await PlanFixture.withOwner { fixture in
      let script = "trap '' TERM; \(started(fixture)) cat <&4 >/dev/null; exit 137"
      let (status, _) = try await run(script, in: fixture, grace: .seconds(600)) { sent in
        try await fixture.waitFor("started")
        try sent.send(SIGTERM)
        try sent.send(SIGTERM)
      }
      #expect(status == 137)
    }
  }

  @Test func podmanDeafToEverythingIsKilledAndItsContainerRemoved() async throws {
    try await PlanFixture.withOwner { fixture in
      let script = "trap '' TERM; \(started(fixture)) while :; do sleep 0.05; done"
      let name = try fixture.plan().containerName
      let (status, _) = try await run(
        script, in: fixture, grace: .milliseconds(100),
        runtime: { #expect($0.removedContainers == [name]) }
      ) { sent in
        try await fixture.waitFor("started")
        try sent.send(SIGTERM)
      }
      #expect(status == 137)
      #expect(fixture.isClean)
    }
  }

  /// The secret takes longer than the user waits: the agent was never started.
  @Test func interruptionBeforeTheDocumentIs130() async throws {
    try await PlanFixture.withOwner { fixture in
      let slow = try EnvironmentName("SLOW")
      fixture.configuration.secrets = [
        SecretDeclaration(env: slow, sources: [.secretStore(["service": "slow"])])
      ]
      let script = """
        touch \(fixture.root)/started
        cat <&3 >\(fixture.root)/document; cat <&4; exit 125
        """
      let (status, _) = try await run(
        script, in: fixture, grace: .seconds(600), store: HangingStore()
      ) { sent in
        try await fixture.waitFor("started")
        try sent.send(SIGINT)
      }
      #expect(status == 130)
      #expect(try read(fixture.root.appending("document")).isEmpty)
      #expect(fixture.isClean)
    }
  }

  @Test func lifelineIsOpenAsLongAsTheSessionLives() async throws {
    try await PlanFixture.withOwner { fixture in
      let script = """
        cat <&3 >/dev/null
        timeout 0.2 cat <&4; test $? = 124 && exit 3
        """
      let ending = try await fixture.run(script)
      #expect(ending.exitStatus == 3)
    }
  }

  @Test func caughtSignalsComeOutInOrderAndAreGivenBack() throws {
    let signals = try #require(TerminationSignals.caught())
    kill(getpid(), SIGHUP)
    var received: TerminationSignals.Received?
    for _ in 0..<2000 where received == nil {
      received = signals.next()
      if received == nil { usleep(1000) }
    }
    #expect(received?.number == SIGHUP)
    #expect(received?.isFromKernel == false)
    #expect(signals.next() == nil)
    signals.release()
    var action = sigaction()
    #expect(sigaction(SIGHUP, nil, &action) == 0)
    #expect(action.__sigaction_handler.sa_handler == nil)
  }
}
