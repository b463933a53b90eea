import CPosix

/// One end of a stream: a socket that never blocks, and what is known of it.
struct StreamEnd {
  var descriptor: Int32 = -1
  /// Until the kernel says otherwise.
  var mayRead = true
  var mayWrite = true

  mutating func note(_ events: UInt32) {
    if events & (Poller.reads | Poller.fails) != 0 { mayRead = true }
    if events & (Poller.writes | Poller.fails) != 0 { mayWrite = true }
  }
}

/// One direction of a stream. It holds bytes only while the reader is slower than the
/// writer, never more than one chunk of them, and reads no more until those are gone: so a
/// slow reader slows its writer down, and nobody else.
///
/// Copying through a chunk was measured against splice(2) through a pipe: that is no
/// quicker between these two kinds of socket, and costs each stream four descriptors and
/// its share of the pipe pages one user may have.
struct Flow {
  private var chunk: UnsafeMutableRawPointer?
  private var start = 0
  private var end = 0
  private var sourceHasEnded = false
  /// Its end has been passed on, or nobody takes it any more.
  private(set) var isDone = false

  enum Progress {
    /// Nothing to do until an end reports something.
    case waits
    /// More at once, after others had their turn.
    case goesOn
    /// The writer's connection broke: its reader must not take that for an end.
    case broken
  }

  private static var turns: Int { 4 }

  /// Bytes that came before the first that is read; fewer than a chunk.
  mutating func begin(with bytes: ArraySlice<UInt8>, _ chunks: ChunkPool) -> Bool {
    if bytes.isEmpty { return true }
    guard bytes.count <= ChunkPool.size, let chunk = chunks.take() else { return false }
    bytes.withUnsafeBytes { buffer in
      if let start = buffer.baseAddress { chunk.copyMemory(from: start, byteCount: buffer.count) }
    }
    self.chunk = chunk
    end = bytes.count
    return true
  }

  mutating func move(
    from source: inout StreamEnd, to sink: inout StreamEnd, _ chunks: ChunkPool
  ) -> Progress {
    defer { if start == end { release(chunks) } }
    var turns = 0
    while !isDone {
      guard flush(&sink) else { return .waits }
      if isDone { break }
      if sourceHasEnded {
        shutdown(sink.descriptor, SHUT_WR)
        isDone = true
        break
      }
      guard source.mayRead else { return .waits }
      if turns == Flow.turns { return .goesOn }
      turns += 1
      guard let chunk = chunk ?? chunks.take() else { return .broken }
      self.chunk = chunk
      let count = read(source.descriptor, chunk, ChunkPool.size)
      if count > 0 {
        (start, end) = (0, count)
      } else if count == 0 {
        sourceHasEnded = true
      } else if cposix_errno() == EAGAIN {
        source.mayRead = false
      } else if cposix_errno() != EINTR {
        return .broken
      }
    }
    return .waits
  }

  /// False when the sink takes no more now. One that is gone ends this direction only: what
  /// it said before may still be on its way in the other.
  private mutating func flush(_ sink: inout StreamEnd) -> Bool {
    guard let chunk else { return true }
    while start < end {
      guard sink.mayWrite else { return false }
      let count = cposix_send(sink.descriptor, chunk + start, end - start)
      if count >= 0 {
        start += count
      } else if cposix_errno() == EAGAIN {
        sink.mayWrite = false
      } else if cposix_errno() != EINTR {
        isDone = true
        start = end
      }
    }
    return true
  }

  mutating func release(_ chunks: ChunkPool) {
    if let chunk { chunks.give(chunk) }
    chunk = nil
    (start, end) = (0, 0)
  }
}

/// Memory for what is on its way. A few chunks are kept for the next; the rest goes back.
final class ChunkPool {
  static var size: Int { 128 << 10 }
  private static var spares: Int { 4 }
  private var free: [UnsafeMutableRawPointer] = []

  /// Nil when there is no memory.
  func take() -> UnsafeMutableRawPointer? { free.popLast() ?? cposix_map(ChunkPool.size) }

  func give(_ chunk: UnsafeMutableRawPointer) {
    if free.count < ChunkPool.spares {
      free.append(chunk)
    } else {
      cposix_unmap(chunk, ChunkPool.size)
    }
  }
}
