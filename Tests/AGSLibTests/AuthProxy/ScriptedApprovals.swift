import Synchronization

@testable import AGSLib

/// The user, as a test plays him.
final class ScriptedApprovals: ApprovalAsking {
  private struct State {
    var questions: [ApprovalQuestion] = []
    var withdrawn = 0
    var waiting: [CheckedContinuation<ApprovalDecision, Never>] = []
  }

  private let state = Mutex(State())
  /// Nil: he thinks until `answer`.
  private let decision: ApprovalDecision?

  init(_ decision: ApprovalDecision?) { self.decision = decision }

  var questions: [ApprovalQuestion] { state.withLock { $0.questions } }
  var withdrawn: Int { state.withLock { $0.withdrawn } }

  func ask(
    _ question: ApprovalQuestion, waiting: @escaping @Sendable () -> Void
  ) async -> ApprovalDecision {
    state.withLock { $0.questions.append(question) }
    waiting()
    if let decision { return decision }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        state.withLock { $0.waiting.append(continuation) }
        if Task.isCancelled { withdraw() }
      }
    } onCancel: {
      withdraw()
    }
  }

  func answer(_ decision: ApprovalDecision) {
    let all = state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in all { continuation.resume(returning: decision) }
  }

  /// Only for tests with one question.
  private func withdraw() {
    state.withLock { $0.withdrawn += 1 }
    answer(.deny(.gone))
  }
}
