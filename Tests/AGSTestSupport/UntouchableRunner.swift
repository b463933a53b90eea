public import AGSLib

/// A runner for tests that must start no program: touching it ends the test run.
public struct UntouchableRunner: CommandRunner {
  public init() {}

  public func run(_ command: Command) async throws(CommandError) -> CommandResult {
    fatalError("a program was started where none may be: \(command.executable)")
  }

  public func stream(
    _ command: Command, onLine: @escaping @Sendable (String, OutputStream) -> Void
  ) async throws(CommandError) -> TerminationStatus {
    fatalError("a program was started where none may be: \(command.executable)")
  }
}
