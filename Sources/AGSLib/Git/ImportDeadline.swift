/// One end for all an import does: an agent can make each of its commands slow, and there
/// may be many of them.
struct ImportDeadline: CommandRunner {
  /// Far above what an honest import takes.
  static let limit = Duration.seconds(1800)

  private let runner: any CommandRunner
  private let limit: Duration
  private let end: ContinuousClock.Instant

  init(_ runner: any CommandRunner, limit: Duration) {
    self.runner = runner
    self.limit = limit
    end = .now + limit
  }

  /// - Throws: when the time is over.
  func check() throws(GitDataError) {
    guard end > .now else { throw GitDataError("it took longer than \(limit)") }
  }

  func run(_ command: Command) async throws(CommandError) -> CommandResult {
    try await runner.run(limited(command))
  }

  func stream(
    _ command: Command, onLine: @escaping @Sendable (String, OutputStream) -> Void
  ) async throws(CommandError) -> TerminationStatus {
    try await runner.stream(limited(command), onLine: onLine)
  }

  private func limited(_ command: Command) throws(CommandError) -> Command {
    let left = ContinuousClock.Instant.now.duration(to: end)
    guard left > .zero else { throw CommandError.timedOut(command.executable, after: limit) }
    var command = command
    command.timeout = min(command.timeout ?? left, left)
    return command
  }
}
