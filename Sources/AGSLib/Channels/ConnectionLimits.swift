internal import AGSWire
internal import NIOCore

/// How many connections one session has open, all its channels together (4-channels). Lives
/// on one event loop.
final class ConnectionLimits {
  private let maximum: Int
  private(set) var count = 0

  init(maximum: Int = ChannelFrame.maximumConnections) { self.maximum = maximum }

  /// Counts `channel` until it closes; false when there is no room for it.
  func take(_ channel: any Channel) -> Bool {
    guard count < maximum else { return false }
    count += 1
    let limits = NIOLoopBound(self, eventLoop: channel.eventLoop)
    channel.closeFuture.whenComplete { _ in limits.value.count -= 1 }
    return true
  }
}
