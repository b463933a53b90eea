import Glibc
public import Subprocess
import Synchronization
public import SystemPackage

/// A program while it runs, as the body of `ProgramCall.run` sees it.
public struct RunningProgram: Sendable {
  public let processID: pid_t

  /// Sends it a signal; false when it has gone already.
  @discardableResult
  public func send(_ signal: Int32) -> Bool {
    kill(processID, signal) == 0
  }

  /// Whether it has ended, waited for or not.
  public var hasEnded: Bool {
    guard let file = fopen("/proc/\(processID)/stat", "r") else { return true }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 512)
    guard fgets(&line, 512, file) != nil else { return true }
    // After the name, which is in parentheses and may hold anything.
    return String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      .split(separator: ") ").last?.hasPrefix("Z") ?? true
  }
}

/// One program to run in a test: everything it gets is named here, nothing is inherited.
public struct ProgramCall: Sendable {
  public var program: FilePath
  public var arguments: [String]
  public var environment: [String: String]
  public var directory: FilePath
  public var input: Input = .text("")
  /// Killed after this long, with `timedOut` set in the outcome.
  public var timeLimit: Duration = .seconds(120)

  public enum Input: Sendable {
    case text(String)
    /// All three standard streams are this terminal.
    case terminal(FileDescriptor)
  }

  public init(
    program: FilePath, arguments: [String], environment: [String: String], directory: FilePath
  ) {
    self.program = program
    self.arguments = arguments
    self.environment = environment
    self.directory = directory
  }

  /// Runs it to its end. `body` runs beside it, and its result is lost.
  public func run(
    while body: @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramOutcome {
    let watchdog = Watchdog(limit: timeLimit)
    defer { watchdog.stop() }
    switch input {
    case .text(let text):
      let result = try await Subprocess.run(
        configuration, input: .string(text), output: .bytes(limit: 64 << 20),
        error: .bytes(limit: 64 << 20)
      ) { execution in
        try await supervise(execution.processIdentifier.value, watchdog, body)
      }
      return ProgramOutcome(
        ending: Self.ending(result.terminationStatus),
        standardOutput: String(decoding: result.standardOutput, as: UTF8.self),
        standardError: String(decoding: result.standardError, as: UTF8.self),
        timedOut: watchdog.fired)
    case .terminal(let terminal):
      let result = try await Subprocess.run(
        configuration,
        input: .fileDescriptor(terminal, closeAfterSpawningProcess: false),
        output: .fileDescriptor(terminal, closeAfterSpawningProcess: false),
        error: .fileDescriptor(terminal, closeAfterSpawningProcess: false)
      ) { execution in
        try await supervise(execution.processIdentifier.value, watchdog, body)
      }
      return ProgramOutcome(
        ending: Self.ending(result.terminationStatus), standardOutput: "", standardError: "",
        timedOut: watchdog.fired)
    }
  }

  private var configuration: Configuration {
    Configuration(
      executable: .path(program), arguments: Arguments(arguments),
      environment: .custom(
        Dictionary(
          uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })),
      workingDirectory: directory)
  }

  /// A body that fails must not leave the program running: its own test has failed.
  private func supervise(
    _ processID: pid_t, _ watchdog: Watchdog,
    _ body: @Sendable (RunningProgram) async throws -> Void
  ) async throws {
    watchdog.start(processID)
    do {
      try await body(RunningProgram(processID: processID))
    } catch {
      kill(processID, SIGKILL)
      throw error
    }
  }

  private static func ending(_ status: TerminationStatus) -> ProgramOutcome.Ending {
    switch status {
    case .exited(let code): .exited(code)
    case .signaled(let signal): .signalled(signal)
    }
  }
}

/// Kills a process that outlives its time limit.
private final class Watchdog: Sendable {
  private let limit: Duration
  private let state = Mutex<(task: Task<Void, Never>?, fired: Bool)>((nil, false))

  init(limit: Duration) { self.limit = limit }

  var fired: Bool { state.withLock { $0.fired } }

  func start(_ processID: pid_t) {
    let task = Task { [limit] in
      // Cancelled is what it is when the program ended in time.
      guard (try? await Task.sleep(for: limit)) != nil else { return }
      state.withLock { $0.fired = true }
      kill(processID, SIGKILL)
    }
    state.withLock { $0.task = task }
  }

  func stop() { state.withLock { $0.task?.cancel() } }
}
