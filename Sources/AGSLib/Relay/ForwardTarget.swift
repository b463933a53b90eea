internal import AGSWire
internal import NIOCore
internal import NIOPosix

/// Where a forwarded port of the sandbox leads.
enum ForwardTarget: Sendable {
  /// 127.0.0.1:port of the host, then [::1]:port.
  case host(UInt16)
  /// A port in another confined network, the browser's.
  case farSide(RelayFarSide, UInt16)

  /// How long a connection to either address may take to be made.
  static let patience = TimeAmount.seconds(5)

  /// A stream that reads nothing yet.
  func dial(on loop: any EventLoop) async throws(ChannelFault) -> any Channel {
    switch self {
    case .farSide(let side, let port): return try await side.dial(port: port, patience: .zero)
    case .host(let port):
      for address in ["127.0.0.1", "::1"] where !Task.isCancelled {
        do {
          return try await ClientBootstrap(group: loop)
            .connectTimeout(Self.patience)
            .streamOptions()
            .channelInitializer { channel in
              channel.eventLoop.makeCompletedFuture { try StreamPair.prepare(channel) }
            }
            .connect(to: SocketAddress(ipAddress: address, port: Int(port))).get()
        } catch {
          // The other address is next; why not is said below.
          continue
        }
      }
      throw ChannelFault(.unavailable, "nothing on the host listens on 127.0.0.1:\(port)")
    }
  }
}
