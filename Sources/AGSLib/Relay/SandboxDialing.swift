internal import AGSWire
internal import NIOCore

/// Whoever gets the host's connections to servers inside.
protocol SandboxDialing: Sendable {
  /// A stream to 127.0.0.1:`port`, then [::1]:`port`, inside; a refused one is tried again for
  /// `patience`, at most a minute. It reads nothing yet: hand it to `StreamPair`. Cancelling
  /// the task gives up.
  func dial(port: UInt16, patience: Duration) async throws(ChannelFault) -> any Channel

  /// The URL by which the user's browser finds that port of the sandbox. The same port gives
  /// the same origin again, until the session ends.
  func register(port: UInt16, base: String) async throws(ChannelFault) -> String
}
