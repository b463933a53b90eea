/// Runs helper programs. The library starts none but through a value of this type, so
/// tests see every one of them.
public protocol CommandRunner: Sendable {
  /// Runs `command` and collects what it writes. A non-zero status is a result, not an
  /// error.
  func run(_ command: Command) async throws(CommandError) -> CommandResult

  /// Runs `command` and hands over each line as it comes. Calls of `onLine` never
  /// overlap; lines are without their line break, invalid UTF-8 is repaired, and a line
  /// above 16 KiB arrives in pieces of that size.
  func stream(
    _ command: Command, onLine: @escaping @Sendable (String, OutputStream) -> Void
  ) async throws(CommandError) -> TerminationStatus
}
