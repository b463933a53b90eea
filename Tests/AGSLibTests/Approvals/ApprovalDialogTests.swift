import Testing

@testable import AGSLib

/// Which dialog is up when, and what counts as its answer.
@Suite(.timeLimit(.minutes(5))) struct ApprovalDialogTests {
  private typealias Fixture = ApprovalFixture

  @Test(arguments: [
    (ApprovalDialogAnswer.chosen(.allow), ApprovalDecision.allow),
    (.chosen(.proxy), .proxy), (.cancelled, .deny(.user)),
  ])
  func theDialogsAnswerDecides(
    _ answer: ApprovalDialogAnswer, _ decision: ApprovalDecision
  ) async throws {
    let dialog = ScriptedRenderer("zenity")
    let fixture = Fixture([dialog])
    let asked = await fixture.ask(Fixture.page(choices: [.allow, .proxy]))
    try await eventually { dialog.isOpen }
    dialog.answer(answer)
    #expect(await asked.value == decision)
    #expect(await fixture.state.settled.map(\.answeredBy) == ["zenity"])
    #expect(
      dialog.shown == [
        ApprovalPrompt(Fixture.page(choices: [.allow, .proxy]), of: Fixture.session)
      ])
  }

  @Test func oneDialogAtATimeAndAnAnswerElsewhereClosesIt() async throws {
    let dialog = ScriptedRenderer()
    let fixture = Fixture([dialog])
    let first = await fixture.ask(Fixture.page(1))
    let second = await fixture.ask(Fixture.page(2))
    try await eventually { dialog.isOpen }
    _ = try await fixture.queue.answer("0123abcd-1", .allow, by: "command")
    #expect(await first.value == .allow)
    try await eventually { dialog.shown.count == 2 && dialog.isOpen }
    #expect(dialog.closedUnanswered == 1)
    #expect(dialog.shown[1].text.contains("https://example.org/2"))
    dialog.answer(.chosen(.allow))
    #expect(await second.value == .allow)
    #expect(await fixture.state.settled.map(\.answeredBy) == ["command", "scripted"])
  }

  @Test func aWithdrawnQuestionTakesItsDialogWithIt() async throws {
    let dialog = ScriptedRenderer()
    let fixture = Fixture([dialog])
    let asked = await fixture.ask(Fixture.page())
    try await eventually { dialog.isOpen }
    asked.cancel()
    _ = await asked.value
    try await eventually { dialog.closedUnanswered == 1 }
  }

  @Test func aDialogThatFailsIsNoAnswerAndTheNextOneIsTried() async throws {
    let broken = ScriptedRenderer("zenity", always: .failed("no display"))
    let dialog = ScriptedRenderer("kdialog")
    let fixture = Fixture([broken, dialog])
    let asked = await fixture.ask(Fixture.page())
    try await eventually { dialog.isOpen }
    #expect(broken.shown.count == 1)
    dialog.answer(.chosen(.allow))
    #expect(await asked.value == .allow)
    #expect(await fixture.state.settled.map(\.answeredBy) == ["kdialog"])
  }

  @Test func whenAllFailTheQuestionStaysAndTheUserIsTold() async throws {
    let fixture = Fixture([
      ScriptedRenderer("zenity", always: .failed("no display")),
      ScriptedRenderer("kdialog", always: .failed("crashed")),
    ])
    let asked = await fixture.ask(Fixture.page())
    try await eventually { await !fixture.queue.notices.isEmpty }
    #expect(
      await fixture.queue.notices.map(\.text) == [
        "no dialog could be shown, run ags approvals (no display; crashed)"
      ])
    #expect(await fixture.pending == ["0123abcd-1"])
    _ = try await fixture.queue.answer("0123abcd-1", .allow, by: "command")
    #expect(await asked.value == .allow)
  }

  @Test func theEndClosesTheDialogBeforeItReturns() async throws {
    let dialog = ScriptedRenderer()
    let fixture = Fixture([dialog])
    let asked = [await fixture.ask(Fixture.page(1)), await fixture.ask(Fixture.page(2))]
    try await eventually { dialog.isOpen }
    await fixture.queue.end()
    #expect(dialog.closedUnanswered == 1 && dialog.shown.count == 1)
    for one in asked { #expect(await one.value == .deny(.gone)) }
    #expect(await fixture.queue.ask(Fixture.page()) { Issue.record("asked") } == .deny(.gone))
  }
}
