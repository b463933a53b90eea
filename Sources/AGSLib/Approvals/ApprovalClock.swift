/// The time as approvals know it: injected, so that two minutes pass in a test at once.
struct ApprovalClock: Sendable {
  /// Time since some moment that stays the same.
  var now: @Sendable () -> Duration
  /// - Throws: when the task is cancelled.
  var sleep: @Sendable (Duration) async throws -> Void

  /// Goes on while the machine sleeps: a question does not live longer for that.
  static var system: ApprovalClock {
    let clock = ContinuousClock()
    let start = clock.now
    return ApprovalClock(
      now: { start.duration(to: clock.now) },
      sleep: { try await clock.sleep(for: $0) })
  }
}
