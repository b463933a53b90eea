internal import CPosix
internal import Glibc

/// SIGINT, SIGTERM and SIGHUP of this process as a stream that can be polled, so that a
/// session ends in order. It changes the process's signal handlers: programs make one,
/// the library never does by itself.
public struct TerminationSignals: Sendable {
  struct Received {
    var number: CInt
    /// From the terminal: the whole foreground group got it, podman included.
    var isFromKernel: Bool
  }

  let descriptor: CInt
  /// Where the handlers write: the number, and 1 for a signal from the kernel.
  let writeEnd: CInt

  /// Starts catching. Nil when no pipe could be made.
  public static func caught() -> TerminationSignals? {
    var ends: [CInt] = [-1, -1]
    guard cposix_pipe(&ends) == 0 else { return nil }
    for end in ends { _ = cposix_set_nonblocking(end) }
    cposix_catch_signals(ends[1])
    return TerminationSignals(descriptor: ends[0], writeEnd: ends[1])
  }

  /// Catches again after something else had the handlers meanwhile.
  public func resume() { cposix_catch_signals(writeEnd) }

  /// Gives the default actions back, and can `resume`.
  func pause() { cposix_catch_signals(-1) }

  /// Gives the default actions back, for good.
  public func release() {
    cposix_catch_signals(-1)
    close(writeEnd)
    close(descriptor)
  }

  /// The next one waiting, or nil.
  func next() -> Received? {
    var note: [UInt8] = [0, 0]
    guard read(descriptor, &note, 2) == 2 else { return nil }
    return Received(number: CInt(note[0]), isFromKernel: note[1] == 1)
  }
}
