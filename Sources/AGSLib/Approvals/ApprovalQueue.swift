/// The questions of one session, until each is answered by a dialog, by `ags approvals`, or
/// by nobody in time (4-channels "Approvals").
///
/// A question has a number that is never used again, and a decision names one: no answer can
/// reach another question than the one it was given for.
actor ApprovalQueue: ApprovalAsking {
  /// After this a question is denied.
  static let patience = Duration.seconds(120)
  /// Questions that may wait at the same time.
  static let capacity = 16
  private static let rememberedNotices = 20
  private static let rememberedAnswers = 64

  struct Entry {
    let number: Int
    let question: ApprovalQuestion
    let deadline: Duration
    var waiters: [Int: CheckedContinuation<ApprovalDecision, Never>] = [:]
    var timer: Task<Void, Never>?
    /// Its dialog is there, was there, or could not be shown.
    var wasShown = false
  }

  let session: ApprovalSession
  let renderers: [any ApprovalRenderer]
  private let clock: ApprovalClock
  private let audit: any AuditRecording
  private let executor: any SerialExecutor

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  var entries: [Entry] = []
  /// The dialog that is up, or is being closed.
  var dialog: (number: Int, task: Task<Void, Never>)?
  private var settled: [SettledApproval] = []
  private(set) var notices: [ApprovalNotice] = []
  private var history = DenialHistory()
  private var hasEnded = false
  private var lastNumber = 0
  private var lastWaiter = 0
  private var lastNotice = 0
  private var watchers: [Int: AsyncStream<Void>.Continuation] = [:]

  /// - Parameters:
  ///   - renderers: tried in this order; without any, only `ags approvals` answers.
  ///   - executor: what the queue runs on: the proxy's event loop.
  init(
    session: ApprovalSession, renderers: [any ApprovalRenderer], clock: ApprovalClock = .system,
    audit: any AuditRecording, executor: any SerialExecutor
  ) {
    self.session = session
    self.renderers = renderers
    self.clock = clock
    self.audit = audit
    self.executor = executor
  }

  func ask(
    _ question: ApprovalQuestion, waiting: @escaping @Sendable () -> Void
  ) async -> ApprovalDecision {
    if let reason = refusal(of: question) { return .deny(reason) }
    lastWaiter += 1
    let waiter = lastWaiter
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        admit(question, waiter: waiter, continuation)
        waiting()
      }
    } onCancel: {
      // Behind the admission, because that is one piece of the actor's work.
      Task { await leave(waiter) }
    }
  }

  /// Takes the answer of a user.
  /// - Parameter by: the dialog program, or `command`.
  /// - Throws: when the question is not there any more, or does not offer this.
  func answer(
    _ id: String, _ decision: ApprovalDecision, by: String
  ) throws(AnswerRefusal) -> ApprovalQuestion {
    guard let entry = entries.first(where: { self.id($0.number) == id }) else {
      guard let old = settled.last(where: { $0.id == id }) else { throw .unknown }
      throw .settled(old.outcome)
    }
    switch decision {
    case .allow: guard entry.question.choices.contains(.allow) else { throw .notOffered }
    case .proxy: guard entry.question.choices.contains(.proxy) else { throw .notOffered }
    case .deny: break
    }
    settle(entry.number, decision, by: by)
    return entry.question
  }

  /// Keeps a line for the user, and shows it to those who watch.
  func notice(_ text: String) {
    lastNotice += 1
    notices.append(ApprovalNotice(number: lastNotice, text: text))
    if notices.count > Self.rememberedNotices { notices.removeFirst() }
    changed()
  }

  func state(hasDisplay: Bool) -> ApprovalState {
    let now = clock.now()
    return ApprovalState(
      session: session, hasDisplay: hasDisplay,
      pending: entries.map {
        PendingApproval(
          id: id($0.number), question: $0.question,
          secondsLeft: max(Int(($0.deadline - now).components.seconds), 0))
      },
      settled: settled)
  }

  /// A value now and after each change; changes that come faster than they are taken become
  /// one.
  func changes() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream<Void>.makeStream(
      bufferingPolicy: .bufferingNewest(1))
    lastWaiter += 1
    let watcher = lastWaiter
    continuation.onTermination = { [weak self] _ in
      Task { [weak self] in await self?.stopWatching(watcher) }
    }
    if hasEnded {
      continuation.finish()
    } else {
      watchers[watcher] = continuation
      continuation.yield()
    }
    return stream
  }

  /// Denies what waits, closes the dialog and takes no more questions. Returns when the
  /// dialog is gone.
  func end() async {
    hasEnded = true
    for entry in entries { settle(entry.number, .deny(.gone), by: nil) }
    for watcher in watchers.values { watcher.finish() }
    watchers = [:]
    await dialog?.task.value
  }

  func id(_ number: Int) -> String { "\(session.id)-\(number)" }

  private func refusal(of question: ApprovalQuestion) -> DenialReason? {
    if hasEnded || Task.isCancelled { return .gone }
    if !question.isShowable { return .unshowable }
    if history.isFlooded(at: clock.now()) { return .flooding }
    if entries.count >= Self.capacity, !entries.contains(where: { $0.question == question }) {
      return .tooMany
    }
    return nil
  }

  private func admit(
    _ question: ApprovalQuestion, waiter: Int,
    _ continuation: CheckedContinuation<ApprovalDecision, Never>
  ) {
    if let index = entries.firstIndex(where: { $0.question == question }) {
      entries[index].waiters[waiter] = continuation
      return
    }
    lastNumber += 1
    let number = lastNumber
    var entry = Entry(
      number: number, question: question, deadline: clock.now() + Self.patience,
      waiters: [waiter: continuation])
    let clock = clock
    entry.timer = Task {
      do {
        try await clock.sleep(Self.patience)
      } catch {
        // Cancelled: it was decided before.
        return
      }
      settle(number, .deny(.timeout), by: nil)
    }
    entries.append(entry)
    record("approval-asked", number, question, [:])
    showNext()
    changed()
  }

  private func leave(_ waiter: Int) {
    guard let index = entries.firstIndex(where: { $0.waiters[waiter] != nil }) else { return }
    entries[index].waiters.removeValue(forKey: waiter)?.resume(returning: .deny(.gone))
    if entries[index].waiters.isEmpty { settle(entries[index].number, .deny(.gone), by: nil) }
  }

  /// The one place where a question ends.
  private func settle(_ number: Int, _ decision: ApprovalDecision, by: String?) {
    guard finish(number, decision, by: by) else { return }
    let now = clock.now()
    let isFlood =
      switch decision {
      case .deny(.user), .deny(.timeout): history.noteDenial(at: now)
      case .deny(.gone) where !hasEnded: history.noteWithdrawal(at: now)
      default: false
      }
    if isFlood {
      audit.record(AuditEvent("approval-flood"))
      notice(DenialReason.flooding.explanation)
      for entry in entries { _ = finish(entry.number, .deny(.flooding), by: nil) }
    }
    showNext()
    changed()
  }

  private func finish(_ number: Int, _ decision: ApprovalDecision, by: String?) -> Bool {
    guard let index = entries.firstIndex(where: { $0.number == number }) else { return false }
    let entry = entries.remove(at: index)
    entry.timer?.cancel()
    if dialog?.number == number { dialog?.task.cancel() }
    for waiter in entry.waiters.values { waiter.resume(returning: decision) }
    settled.append(SettledApproval(id: id(number), decision: decision, answeredBy: by))
    if settled.count > Self.rememberedAnswers { settled.removeFirst() }
    record(
      "approval-answered", number, entry.question,
      ["decision": decision.name, "by": by, "reason": decision.reason?.rawValue])
    return true
  }

  private func record(
    _ event: String, _ number: Int, _ question: ApprovalQuestion, _ more: [String: String?]
  ) {
    var fields = ["id": id(number), "kind": question.kind.rawValue]
    fields["host"] = question.host
    audit.record(AuditEvent(event, fields.merging(more.compactMapValues { $0 }) { $1 }))
  }

  private func changed() {
    for watcher in watchers.values { watcher.yield() }
  }

  private func stopWatching(_ watcher: Int) { watchers[watcher] = nil }
}

extension ApprovalDecision {
  /// As it is on the wire.
  var name: String {
    switch self {
    case .allow: "allow"
    case .proxy: "proxy"
    case .deny: "deny"
    }
  }

  var reason: DenialReason? {
    if case .deny(let reason) = self { reason } else { nil }
  }
}
