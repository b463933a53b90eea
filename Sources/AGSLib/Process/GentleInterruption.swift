/// A program that must not be signalled, because it would leave something behind: when its task
/// is cancelled, what it works on is ended under it, which it sees and ends by itself.
struct GentleInterruption: Sendable {
  /// How long it may take to notice; then it is cancelled.
  var limit: Duration
  /// Between two tries: what is to be ended may not be there yet.
  var interval: Duration
  /// Ends what the program works on. Tried again and again, so its failures count for nothing.
  var endWork: @Sendable () async -> Void

  /// Runs `body` in a task that cancelling this one does not reach.
  func run<Answer: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () async throws(Failure) -> Answer
  ) async -> Result<Answer, Failure> {
    let work = Task { () async -> Result<Answer, Failure> in
      do throws(Failure) {
        return .success(try await body())
      } catch {
        return .failure(error)
      }
    }
    let (ended, hasEnded) = AsyncStream<Void>.makeStream()
    let result = await withTaskCancellationHandler {
      await work.value
    } onCancel: {
      let ending = Task {
        let deadline = ContinuousClock.now + limit
        while !Task.isCancelled, ContinuousClock.now < deadline {
          await endWork()
          // Cancelled means it has ended, which the loop sees.
          try? await Task.sleep(for: interval)
        }
        work.cancel()
      }
      Task {
        for await _ in ended {}
        ending.cancel()
      }
    }
    hasEnded.finish()
    return result
  }
}
