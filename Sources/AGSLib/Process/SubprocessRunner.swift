internal import Synchronization

/// The `CommandRunner` of the programs, over swift-subprocess.
///
/// Both output streams are drained while the command runs. A command that exceeds its
/// time or output, or whose task is cancelled, is stopped: SIGTERM, its grace period,
/// SIGKILL, to the whole group when it owns one. What a finished command left running
/// is not waited for.
public struct SubprocessRunner: CommandRunner {
  public init() {}

  public func run(_ command: Command) async throws(CommandError) -> CommandResult {
    let collected = CollectedOutput(limit: command.outputLimit)
    let status = try await SupervisedCommand(command: command, sink: collected).finish()
    return CommandResult(
      status: status, standardOutput: collected.bytes(of: .standardOutput),
      standardError: collected.bytes(of: .standardError))
  }

  public func stream(
    _ command: Command, onLine: @escaping @Sendable (String, OutputStream) -> Void
  ) async throws(CommandError) -> TerminationStatus {
    let lines = LineSplitter(onLine: onLine)
    let status = try await SupervisedCommand(command: command, sink: lines).finish()
    lines.flush()
    return status
  }
}

/// Takes a command's output as it arrives.
protocol OutputSink: Sendable {
  /// Takes one chunk; `false` stops the command.
  func take(_ chunk: UnsafeRawBufferPointer, from stream: OutputStream) -> Bool
}

/// Keeps both streams, each up to a limit.
final class CollectedOutput: OutputSink {
  private let limit: Int
  private let kept = Mutex<(output: [UInt8], error: [UInt8])>(([], []))

  init(limit: Int) { self.limit = limit }

  func take(_ chunk: UnsafeRawBufferPointer, from stream: OutputStream) -> Bool {
    let bytes = [UInt8](chunk)
    return kept.withLock { kept in
      switch stream {
      case .standardOutput:
        guard kept.output.count + bytes.count <= limit else { return false }
        kept.output += bytes
      case .standardError:
        guard kept.error.count + bytes.count <= limit else { return false }
        kept.error += bytes
      }
      return true
    }
  }

  func bytes(of stream: OutputStream) -> [UInt8] {
    kept.withLock { stream == .standardOutput ? $0.output : $0.error }
  }
}

/// Cuts both streams into lines. One lock is held over `onLine`, so its calls do not
/// overlap.
final class LineSplitter: OutputSink {
  static let longestLine = 16 << 10

  private let onLine: @Sendable (String, OutputStream) -> Void
  private let pending = Mutex<[OutputStream: [UInt8]]>([:])

  init(onLine: @escaping @Sendable (String, OutputStream) -> Void) { self.onLine = onLine }

  func take(_ chunk: UnsafeRawBufferPointer, from stream: OutputStream) -> Bool {
    let bytes = [UInt8](chunk)
    pending.withLock { pending in
      var line = pending[stream] ?? []
      for byte in bytes {
        if byte == UInt8(ascii: "\n") {
          if line.last == UInt8(ascii: "\r") { line.removeLast() }
          onLine(String(decoding: line, as: UTF8.self), stream)
          line.removeAll(keepingCapacity: true)
        } else {
          line.append(byte)
          if line.count == Self.longestLine {
            onLine(String(decoding: line, as: UTF8.self), stream)
            line.removeAll(keepingCapacity: true)
          }
        }
      }
      pending[stream] = line
    }
    return true
  }

  /// Hands over what came after the last line break.
  func flush() {
    pending.withLock { pending in
      for stream in OutputStream.allCases {
        if let rest = pending[stream], !rest.isEmpty {
          onLine(String(decoding: rest, as: UTF8.self), stream)
        }
      }
      pending = [:]
    }
  }
}
