internal import CPosix
internal import Glibc
internal import Synchronization

/// Hands the launch document from the task that resolves the secrets to the thread that
/// writes it, and wakes that thread.
final class DocumentSlot: Sendable {
  /// Readable when something was put in.
  let descriptor: CInt
  private let bytes = Mutex<[UInt8]?>(nil)

  init() { descriptor = cposix_eventfd() }
  deinit { close(descriptor) }

  func put(_ document: [UInt8]) {
    bytes.withLock { $0 = document }
    var one: UInt64 = 1
    write(descriptor, &one, 8)
  }

  func take() -> [UInt8]? {
    var count: UInt64 = 0
    read(descriptor, &count, 8)
    return bytes.withLock { bytes in
      defer { bytes = nil }
      return bytes
    }
  }
}
