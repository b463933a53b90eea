import AGSTestSupport
import SystemPackage
import Testing

/// Everything that needs the real things. One after the other: several of these look at
/// all processes and containers of the user.
@Suite(.serialized) enum EndToEnd {}

extension SandboxFixture {
  /// `ags --agent shell … -- -c SCRIPT` in `directory`.
  func sandbox(
    _ script: String, in directory: FilePath, flags: [String] = [], input: String = "",
    adding variables: [String: String?] = [:], timeLimit: Duration = .seconds(120),
    while body: @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramOutcome {
    try await sandboxCall(
      script, in: directory, flags: flags, input: input, adding: variables, timeLimit: timeLimit
    ).run(while: body)
  }

  /// The same before it is run.
  func sandboxCall(
    _ script: String, in directory: FilePath, flags: [String] = [], input: String = "",
    adding variables: [String: String?] = [:], timeLimit: Duration = .seconds(120)
  ) -> ProgramCall {
    call(
      programs.appending("ags").string, ["--agent", "shell"] + flags + ["--", "-c", script],
      in: directory, input: input, adding: variables, timeLimit: timeLimit)
  }
}

extension Array {
  /// Two by two; what there is too many of is alone.
  var inPairs: [[Element]] {
    stride(from: 0, to: count, by: 2).map { Array(self[$0..<Swift.min($0 + 2, count)]) }
  }
}

/// Waits until `condition` holds. Only the failure depends on the clock.
func eventually(
  within limit: Duration = .seconds(30), _ what: String,
  _ condition: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock().now + limit
  while try await !condition() {
    guard ContinuousClock().now < deadline else { throw NeverHappened(what: what) }
    try await Task.sleep(for: .milliseconds(20))
  }
}

struct NeverHappened: Error, CustomStringConvertible {
  var what: String
  var description: String { "this did not happen in time: \(what)" }
}
