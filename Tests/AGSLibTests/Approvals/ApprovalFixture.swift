import AGSTestSupport
import Synchronization
import SystemPackage

@testable import AGSLib

/// Time that passes when a test says so.
final class ManualClock: Sendable {
  private struct State {
    var now = Duration.zero
    var sleepers: [Int: (until: Duration, continuation: CheckedContinuation<Void, any Error>)] = [:]
    var last = 0
    var cancelled: Set<Int> = []
  }
  private let state = Mutex(State())

  var clock: ApprovalClock {
    ApprovalClock(now: { self.state.withLock { $0.now } }, sleep: { try await self.sleep($0) })
  }

  var sleeperCount: Int { state.withLock { $0.sleepers.count } }

  func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.now += duration
      let due = state.sleepers.filter { $0.value.until <= state.now }
      for key in due.keys { state.sleepers[key] = nil }
      return due.values.map(\.continuation)
    }
    for one in due { one.resume() }
  }

  private func sleep(_ duration: Duration) async throws {
    let id = state.withLock { state in
      state.last += 1
      return state.last
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let isCancelled = state.withLock { state in
          if state.cancelled.remove(id) != nil { return true }
          state.sleepers[id] = (state.now + duration, continuation)
          return false
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      let sleeper = state.withLock { state in
        let sleeper = state.sleepers.removeValue(forKey: id)
        if sleeper == nil { state.cancelled.insert(id) }
        return sleeper
      }
      sleeper?.continuation.resume(throwing: CancellationError())
    }
  }
}

/// A dialog that a test answers.
final class ScriptedRenderer: ApprovalRenderer {
  private struct State {
    var shown: [ApprovalPrompt] = []
    var open: CheckedContinuation<ApprovalDialogAnswer, Never>?
    var waiting: [ApprovalDialogAnswer] = []
    var mostOpen = 0
    var closed = 0
  }
  private let state = Mutex(State())
  let name: String
  /// Without one it waits for `answer`.
  private let fixed: ApprovalDialogAnswer?

  init(_ name: String = "scripted", always fixed: ApprovalDialogAnswer? = nil) {
    self.name = name
    self.fixed = fixed
  }

  var shown: [ApprovalPrompt] { state.withLock { $0.shown } }
  var isOpen: Bool { state.withLock { $0.open != nil } }
  var closedUnanswered: Int { state.withLock { $0.closed } }

  func show(_ prompt: ApprovalPrompt) async -> ApprovalDialogAnswer {
    state.withLock { $0.shown.append(prompt) }
    if let fixed { return fixed }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isCancelled = Task.isCancelled
        state.withLock { state in
          precondition(state.open == nil, "two dialogs at the same time")
          if !isCancelled { state.open = continuation }
        }
        if isCancelled { continuation.resume(returning: .failed("cancelled")) }
      }
    } onCancel: {
      take { $0.closed += 1 }?.resume(returning: .failed("cancelled"))
    }
  }

  func answer(_ answer: ApprovalDialogAnswer) { take { _ in }?.resume(returning: answer) }

  private func take(
    _ note: (inout State) -> Void
  ) -> CheckedContinuation<ApprovalDialogAnswer, Never>? {
    state.withLock { state in
      guard let open = state.open else { return nil }
      note(&state)
      state.open = nil
      return open
    }
  }
}

/// A queue with all that is around it.
struct ApprovalFixture {
  static let session = ApprovalSession(
    id: "0123abcd", agent: "claude", workspace: "/home/anna/work")

  let clock = ManualClock()
  let audit = RecordedAudit()
  let queue: ApprovalQueue

  init(_ renderers: [any ApprovalRenderer] = []) {
    queue = ApprovalQueue(
      session: Self.session, renderers: renderers, clock: clock.clock, audit: audit,
      executor: DedicatedThread())
  }

  static func page(_ number: Int = 1, choices: Set<ApprovalChoice> = [.allow]) -> ApprovalQuestion {
    ApprovalQuestion(
      kind: .open, subject: "https://example.org/\(number)", host: "example.org", choices: choices)
  }

  /// Asks in a task of its own, and returns when the question is in the queue.
  func ask(_ question: ApprovalQuestion) async -> Task<ApprovalDecision, Never> {
    let (asked, continuation) = AsyncStream<Void>.makeStream()
    let task = Task {
      let decision = await queue.ask(question) { continuation.finish() }
      continuation.finish()
      return decision
    }
    for await _ in asked {}
    return task
  }

  var state: ApprovalState { get async { await queue.state(hasDisplay: true) } }

  /// The ids that wait.
  var pending: [String] { get async { await state.pending.map(\.id) } }
}

/// Waits for what another task brings about; a suite's time limit ends it.
func eventually(_ condition: () async throws -> Bool) async throws {
  while try await !condition() { try await Task.sleep(for: .milliseconds(2)) }
}

/// A program of the test's, made by another process: one that this process had open for
/// writing could not be started while a test beside this one starts something.
func makeProgram(_ path: FilePath, _ script: String) async throws {
  let result = try await SubprocessRunner().run(
    Command(
      executable: "/bin/sh",
      arguments: ["-c", #"cat >"$1" && chmod 755 "$1""#, "sh", path.string],
      environment: ["PATH": "/usr/bin:/bin"], input: Array("#!/bin/sh\n\(script)\n".utf8)))
  precondition(result.status.isSuccess, "no program at \(path)")
}
