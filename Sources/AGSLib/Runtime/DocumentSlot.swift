internal import CPosix
internal import Glibc
internal import Synchronization

/// Hands the launch document from the task that resolves the secrets to the thread that
/// writes it, and a cancellation to the same thread, which either wakes.
final class DocumentSlot: Sendable {
  /// Readable when something was put in, or the session cancelled.
  let descriptor: CInt
  private let bytes = Mutex<[UInt8]?>(nil)
  private let cancelled = Atomic(false)
  private let error = Mutex<(any Error)?>(nil)

  init() { descriptor = cposix_eventfd() }
  deinit { close(descriptor) }

  func put(_ document: [UInt8]) {
    bytes.withLock { $0 = document }
    wake()
  }

  /// Whoever waits for the session wants it ended.
  func cancel() {
    cancelled.store(true, ordering: .releasing)
    wake()
  }

  /// There will be no document: the session is ended before the agent starts.
  func fail(_ error: any Error) {
    self.error.withLock { $0 = error }
    cancel()
  }

  /// Why there is no document.
  var failure: (any Error)? { error.withLock { $0 } }

  /// Makes the descriptor quiet until the next `put` or `cancel`.
  func settle() {
    var count: UInt64 = 0
    read(descriptor, &count, 8)
  }

  private func wake() {
    var one: UInt64 = 1
    write(descriptor, &one, 8)
  }

  /// True once after `cancel`.
  func takeCancellation() -> Bool { cancelled.exchange(false, ordering: .acquiring) }

  /// The document, once.
  func take() -> [UInt8]? {
    bytes.withLock { bytes in
      defer { bytes = nil }
      return bytes
    }
  }
}
