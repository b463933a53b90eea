import Testing

@testable import AGSLib

/// 4-channels "Approvals", with a clock of the test's own.
@Suite(.timeLimit(.minutes(5))) struct ApprovalQueueTests {
  private typealias Fixture = ApprovalFixture

  @Test func anAnswerReachesWhoeverAskedAndIsRemembered() async throws {
    let fixture = Fixture()
    let asked = await fixture.ask(Fixture.page())
    #expect(await fixture.pending == ["0123abcd-1"])
    let question = try await fixture.queue.answer("0123abcd-1", .allow, by: "command")
    #expect(question == Fixture.page())
    #expect(await asked.value == .allow)
    let state = await fixture.state
    #expect(state.pending.isEmpty && state.session == Fixture.session)
    #expect(state.settled.map(\.outcome) == ["allowed (command)"])
    #expect(
      fixture.audit.events == [
        AuditEvent(
          "approval-asked", ["id": "0123abcd-1", "kind": "open", "host": "example.org"]),
        AuditEvent(
          "approval-answered",
          [
            "id": "0123abcd-1", "kind": "open", "host": "example.org", "decision": "allow",
            "by": "command",
          ]),
      ])
    #expect(fixture.clock.sleeperCount == 0)
  }

  @Test func theFirstAnswerWinsAndALaterOneIsToldSo() async throws {
    let fixture = Fixture()
    let asked = await fixture.ask(Fixture.page())
    _ = try await fixture.queue.answer("0123abcd-1", .deny(.user), by: "command")
    await #expect(throws: AnswerRefusal.settled("denied (command)")) {
      try await fixture.queue.answer("0123abcd-1", .allow, by: "command")
    }
    await #expect(throws: AnswerRefusal.unknown) {
      try await fixture.queue.answer("0123abcd-2", .allow, by: "command")
    }
    #expect(await asked.value == .deny(.user))
  }

  @Test func anAnswerNeverReachesAnotherQuestion() async throws {
    let fixture = Fixture()
    let first = await fixture.ask(Fixture.page(1))
    first.cancel()
    #expect(await first.value == .deny(.gone))
    // The same place in the list, another number.
    let second = await fixture.ask(Fixture.page(2))
    await #expect(throws: AnswerRefusal.self) {
      try await fixture.queue.answer("0123abcd-1", .allow, by: "command")
    }
    #expect(await fixture.pending == ["0123abcd-2"])
    _ = try await fixture.queue.answer("0123abcd-2", .deny(.user), by: "command")
    #expect(await second.value == .deny(.user))
  }

  @Test func onlyWhatIsOfferedCanBeChosen() async throws {
    let fixture = Fixture()
    let asked = await fixture.ask(Fixture.page(choices: [.proxy]))
    await #expect(throws: AnswerRefusal.notOffered) {
      try await fixture.queue.answer("0123abcd-1", .allow, by: "command")
    }
    _ = try await fixture.queue.answer("0123abcd-1", .proxy, by: "command")
    #expect(await asked.value == .proxy)
  }

  @Test func nobodyAnsweringForTwoMinutesIsANo() async throws {
    let fixture = Fixture()
    let asked = await fixture.ask(Fixture.page())
    try await eventually { fixture.clock.sleeperCount == 1 }
    fixture.clock.advance(by: .seconds(119))
    #expect(await fixture.state.pending.map(\.secondsLeft) == [1])
    fixture.clock.advance(by: .seconds(1))
    #expect(await asked.value == .deny(.timeout))
    #expect(fixture.audit.events.last?.fields["reason"] == "timeout")
  }

  @Test func equalQuestionsAreOneAndAnsweredTogether() async throws {
    let fixture = Fixture()
    let both = [await fixture.ask(Fixture.page()), await fixture.ask(Fixture.page())]
    let other = await fixture.ask(Fixture.page(choices: [.allow, .proxy]))
    #expect(await fixture.pending == ["0123abcd-1", "0123abcd-2"])
    _ = try await fixture.queue.answer("0123abcd-1", .allow, by: "command")
    for one in both { #expect(await one.value == .allow) }
    #expect(await fixture.pending == ["0123abcd-2"])
    other.cancel()
    #expect(await other.value == .deny(.gone))
  }

  @Test func aQuestionLivesAsLongAsSomebodyWaitsForIt() async throws {
    let fixture = Fixture()
    let first = await fixture.ask(Fixture.page())
    let second = await fixture.ask(Fixture.page())
    first.cancel()
    #expect(await first.value == .deny(.gone))
    #expect(await fixture.pending == ["0123abcd-1"])
    second.cancel()
    #expect(await second.value == .deny(.gone))
    #expect(await fixture.pending.isEmpty)
    #expect(fixture.audit.events.last?.fields["reason"] == "gone")
  }

  @Test func aTaskThatIsCancelledAlreadyAsksNothing() async {
    let fixture = Fixture()
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await fixture.queue.ask(Fixture.page()) { Issue.record("asked") }
    }
    #expect(await task.value == .deny(.gone))
    #expect(fixture.audit.events.isEmpty)
  }

  @Test func theSeventeenthQuestionIsDeniedButAMergedOneIsNot() async throws {
    let fixture = Fixture()
    var asked: [Task<ApprovalDecision, Never>] = []
    for number in 1...16 { asked.append(await fixture.ask(Fixture.page(number))) }
    let refused = await fixture.queue.ask(Fixture.page(17)) { Issue.record("asked") }
    #expect(refused == .deny(.tooMany))
    let merged = await fixture.ask(Fixture.page(16))
    _ = try await fixture.queue.answer("0123abcd-16", .allow, by: "command")
    #expect(await merged.value == .allow)
    await fixture.queue.end()
    for one in asked.dropLast() { #expect(await one.value == .deny(.gone)) }
  }

  @Test func threeDenialsInAMinuteDenyEverythingForFive() async throws {
    let fixture = Fixture()
    let pending = await fixture.ask(Fixture.page(9))
    for number in 2...4 {
      let asked = await fixture.ask(Fixture.page(number))
      _ = try await fixture.queue.answer("0123abcd-\(number)", .deny(.user), by: "command")
      #expect(await asked.value == .deny(.user))
    }
    // What waits already, too.
    #expect(await pending.value == .deny(.flooding))
    #expect(await fixture.queue.ask(Fixture.page(5)) { Issue.record("asked") } == .deny(.flooding))
    #expect(await fixture.queue.notices.map(\.text) == [DenialReason.flooding.explanation])
    #expect(fixture.audit.events.count { $0.name == "approval-flood" } == 1)
    fixture.clock.advance(by: .seconds(299))
    #expect(await fixture.queue.ask(Fixture.page(5)) {} == .deny(.flooding))
    fixture.clock.advance(by: .seconds(1))
    let asked = await fixture.ask(Fixture.page(5))
    _ = try await fixture.queue.answer("0123abcd-5", .allow, by: "command")
    #expect(await asked.value == .allow)
  }

  @Test func denialsThatAreFurtherApartDoNot() async throws {
    let fixture = Fixture()
    for number in 1...5 {
      let asked = await fixture.ask(Fixture.page(number))
      _ = try await fixture.queue.answer("0123abcd-\(number)", .deny(.user), by: "command")
      #expect(await asked.value == .deny(.user))
      fixture.clock.advance(by: .seconds(30))
    }
  }

  @Test func askingAndTakingBackAgainAndAgainIsAFloodToo() async throws {
    let fixture = Fixture()
    for number in 1...10 {
      let asked = await fixture.ask(Fixture.page(number))
      asked.cancel()
      #expect(await asked.value == .deny(.gone))
    }
    #expect(await fixture.queue.ask(Fixture.page()) {} == .deny(.flooding))
  }

  @Test(arguments: [
    "", "b\u{FC}cher.example", "a b", "ex\u{202E}ample.org", "x.org\n", "x/y",
    String(repeating: "a", count: 254),
  ])
  func aHostThatCannotBeShownWholeIsNobodys(_ host: String) async {
    let fixture = Fixture()
    let question = ApprovalQuestion(kind: .open, subject: "https://x", host: host)
    #expect(await fixture.queue.ask(question) { Issue.record("asked") } == .deny(.unshowable))
  }

  @Test func changesThatComeTogetherAreOne() async throws {
    let fixture = Fixture()
    var changes = await fixture.queue.changes().makeAsyncIterator()
    #expect(await changes.next() != nil)
    for number in 1...30 { await fixture.queue.notice("line \(number)") }
    #expect(await changes.next() != nil)
    #expect(await fixture.queue.notices.map(\.number) == Array(11...30))
    await fixture.queue.end()
    #expect(await changes.next() == nil)
  }
}
