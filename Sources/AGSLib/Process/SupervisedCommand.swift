internal import CPosix
internal import Glibc
internal import Subprocess
internal import SystemPackage

/// One run of a command under its limits. It lives in a task of its own, because a
/// cancelled task can neither sleep through the grace period nor drain a pipe.
struct SupervisedCommand {
  let command: Command
  let sink: any OutputSink

  private enum Event: Sendable {
    case exited
    case drained
    case tooMuch
    case unreadable(String)
    case deadline
    case cancelled
    case graceOver
    case idle
  }

  func finish() async throws(CommandError) -> TerminationStatus {
    try checkFiles()
    let (cancellation, signal) = AsyncStream<Void>.makeStream()
    let work = Task { await supervise(cancellation: cancellation) }
    let outcome = await withTaskCancellationHandler {
      await work.value
    } onCancel: {
      signal.yield()
    }
    signal.finish()
    return try outcome.get()
  }

  private func checkFiles() throws(CommandError) {
    var status = stat()
    guard command.executable.withPlatformString({ stat($0, &status) }) == 0 else {
      throw errno == EACCES ? .notExecutable(command.executable) : .notFound(command.executable)
    }
    guard ProgramLookup.isExecutableFile(command.executable) else {
      throw .notExecutable(command.executable)
    }
    if let directory = command.workingDirectory,
      directory.withPlatformString({ access($0, X_OK) }) != 0
    {
      throw .noWorkingDirectory(directory, command: command.executable)
    }
  }

  private var configuration: Subprocess.Configuration {
    var options = PlatformOptions()
    options.processGroupID = command.ownsProcessGroup ? 0 : nil
    let variables = command.environment.map { (Subprocess.Environment.Key(rawValue: $0)!, $1) }
    return Subprocess.Configuration(
      executable: .path(command.executable), arguments: Arguments(command.arguments),
      environment: .custom(Dictionary(uniqueKeysWithValues: variables)),
      workingDirectory: command.workingDirectory, platformOptions: options)
  }

  private func supervise(
    cancellation: AsyncStream<Void>
  ) async -> Result<TerminationStatus, CommandError> {
    do {
      let (status, stopped) =
        if command.input.isEmpty {
          try await launch(input: .none, cancellation: cancellation)
        } else {
          try await launch(
            input: .fileDescriptor(inputFile(), closeAfterSpawningProcess: true),
            cancellation: cancellation)
        }
      if let stopped { return .failure(stopped) }
      return .success(status)
    } catch let error as SubprocessError {
      return .failure(described(error))
    } catch let error as CommandError {
      return .failure(error)
    } catch {
      return .failure(.failed(command.executable, reason: "\(error)"))
    }
  }

  private func launch<Input: InputProtocol>(
    input: Input, cancellation: AsyncStream<Void>
  ) async throws -> (TerminationStatus, CommandError?) {
    let result = try await Subprocess.run(
      configuration, input: input, output: .sequence, error: .sequence
    ) { execution in
      await watch(execution, cancellation: cancellation)
    }
    switch result.terminationStatus {
    case .exited(let status): return (.exited(status), result.closureResult)
    case .signaled(let signal): return (.signalled(signal), result.closureResult)
    }
  }

  /// Drains both streams and waits for the exit; the answer says why the command was
  /// stopped. The process is not reaped before this returns, so its id stays its own.
  private func watch<Input: InputProtocol>(
    _ execution: Execution<Input, SequenceOutput, SequenceOutput>,
    cancellation: AsyncStream<Void>
  ) async -> CommandError? {
    let output = execution.standardOutput
    let error = execution.standardError
    return await withTaskGroup(of: Event.self) { group in
      group.addTask { await drain(output, as: .standardOutput) }
      group.addTask { await drain(error, as: .standardError) }
      group.addTask {
        // Signal 0 reaches nobody: this only waits, longer than any machine runs.
        let wait = TeardownStep.send(
          signal: Signal(rawValue: 0), allowedDurationToNextStep: .seconds(1 << 31))
        await execution.teardown(using: [wait])
        return .exited
      }
      if let timeout = command.timeout {
        group.addTask { await sleep(timeout, then: .deadline) }
      }
      group.addTask {
        for await _ in cancellation { return .cancelled }
        return .idle
      }

      var reason: CommandError?
      var unfinished = 3
      func stop(_ why: CommandError) {
        guard reason == nil else { return }
        reason = why
        send(.terminate, to: execution)
        group.addTask { await sleep(command.gracePeriod, then: .graceOver) }
      }
      while unfinished > 0, let event = await group.next() {
        switch event {
        case .exited, .drained: unfinished -= 1
        case .tooMuch:
          unfinished -= 1
          stop(.outputTooLarge(command.executable, limit: command.outputLimit))
        case .unreadable(let why):
          unfinished -= 1
          stop(.failed(command.executable, reason: why))
        case .deadline: stop(.timedOut(command.executable, after: command.timeout ?? .zero))
        case .cancelled: stop(.cancelled(command.executable))
        case .graceOver: send(.kill, to: execution)
        case .idle: break
        }
      }
      // Its leader went with SIGTERM, but a child of it may have chosen to ignore that.
      if reason != nil { send(.kill, to: execution) }
      group.cancelAll()
      return reason
    }
  }

  private func sleep(_ duration: Duration, then event: Event) async -> Event {
    do {
      try await Task.sleep(for: duration)
      return event
    } catch {
      // Cancelled: the command ended first.
      return .idle
    }
  }

  private func drain(_ output: SubprocessOutputSequence, as stream: OutputStream) async -> Event {
    do {
      for try await buffer in output {
        guard buffer.withUnsafeBytes({ sink.take($0, from: stream) }) else { return .tooMuch }
      }
      return .drained
    } catch {
      return .unreadable("\(error)")
    }
  }

  private func send<Input: InputProtocol>(
    _ signal: Signal, to execution: Execution<Input, SequenceOutput, SequenceOutput>
  ) {
    // Fails only where nobody is left to receive it, which is what it is for.
    try? execution.send(signal: signal, toProcessGroup: command.ownsProcessGroup)
  }

  /// The input in a file without a name: a pipe would need a writer that survives
  /// SIGPIPE when the command does not read it.
  private func inputFile() throws(CommandError) -> FileDescriptor {
    let number = cposix_memfd("ags-input")
    guard number >= 0 else { throw inputFailure(Errno(rawValue: errno)) }
    let file = FileDescriptor(rawValue: number)
    do {
      try file.writeAll(command.input)
      try file.seek(offset: 0, from: .start)
      return file
    } catch {
      close(number)
      throw inputFailure(error)
    }
  }

  private func inputFailure(_ error: any Error) -> CommandError {
    .failed(command.executable, reason: "its input could not be prepared: \(error)")
  }

  /// Built from the code alone: the library's own text may quote the environment.
  private func described(_ error: SubprocessError) -> CommandError {
    switch (error.code, error.underlyingError) {
    case (.executableNotFound, .some(.permissionDenied)): .notExecutable(command.executable)
    case (.executableNotFound, _): .notFound(command.executable)
    case (.failedToChangeWorkingDirectory, _):
      .noWorkingDirectory(command.workingDirectory ?? ".", command: command.executable)
    case (_, .some(let errno)): .failed(command.executable, reason: "\(errno)")
    case (_, .none): .failed(command.executable, reason: "an argument or variable is not valid")
    }
  }
}
