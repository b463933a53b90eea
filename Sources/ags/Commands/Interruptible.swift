import CPosix
import Dispatch
import Glibc

/// Runs `work` so that SIGINT, SIGTERM and SIGHUP cancel it instead of ending the
/// program: what was started is stopped in order and cleaned up.
func interruptible<Value: Sendable>(
  _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  var ends: [CInt] = [-1, -1]
  guard pipe(&ends) == 0 else {
    // Without the pipe a signal ends the program at once, as it would by default.
    return try await work()
  }
  for end in ends {
    _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    _ = fcntl(end, F_SETFL, O_NONBLOCK)
  }
  let (reading, writing) = (ends[0], ends[1])
  let task = Task { try await work() }
  let source = DispatchSource.makeReadSource(fileDescriptor: reading)
  source.setEventHandler {
    var notes = [UInt8](repeating: 0, count: 64)
    if read(reading, &notes, notes.count) > 0 { task.cancel() }
  }
  source.setCancelHandler {
    close(reading)
    close(writing)
  }
  source.activate()
  cposix_catch_signals(writing)
  defer {
    cposix_catch_signals(-1)
    source.cancel()
  }
  return try await task.value
}
