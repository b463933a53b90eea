internal import CLibSecret
internal import Synchronization

/// A `GCancellable`, which any thread may cancel, and why it was. The address is kept as
/// a number because that is what crosses threads; GLib's own locking makes the use safe.
final class Cancellation: Sendable {
  private let address: UInt
  private let firstReason = Mutex<SecretStoreError?>(nil)

  init() { address = UInt(bitPattern: g_cancellable_new()) }

  deinit { g_object_unref(pointer) }

  var pointer: UnsafeMutablePointer<GCancellable>? { UnsafeMutablePointer(bitPattern: address) }

  var reason: SecretStoreError? { firstReason.withLock { $0 } }

  func cancel(for reason: SecretStoreError) {
    firstReason.withLock { $0 = $0 ?? reason }
    g_cancellable_cancel(pointer)
  }
}
