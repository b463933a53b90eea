import Glibc
import NIOCore
import NIOPosix
import Synchronization
import SystemPackage

/// A client of a socket, of this process's own.
final class TestConnection: Sendable {
  let channel: any Channel
  private let collector: Collector

  private init(_ channel: any Channel, _ collector: Collector) {
    self.channel = channel
    self.collector = collector
  }

  static func toPort(_ port: UInt16, host: String = "127.0.0.1") async throws -> TestConnection {
    let collector = Collector()
    return TestConnection(
      try await bootstrap(collector).connect(host: host, port: Int(port)).get(), collector)
  }

  static func toSocket(_ path: FilePath) async throws -> TestConnection {
    let collector = Collector()
    return TestConnection(
      try await bootstrap(collector).connect(unixDomainSocketPath: path.string).get(), collector)
  }

  private static func bootstrap(_ collector: Collector) -> ClientBootstrap {
    ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(CollectingHandler(collector))
        }
      }
  }

  func send(_ bytes: some Collection<UInt8> & Sendable) async throws {
    try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
  }

  func send(_ text: String) async throws { try await send(Array(text.utf8)) }

  func closeOutput() async throws { try await channel.close(mode: .output).get() }

  func close() { channel.close(promise: nil) }

  var received: [UInt8] { collector.state.withLock { $0.bytes } }
  var text: String { String(decoding: received, as: UTF8.self) }
  var hasEnded: Bool { collector.state.withLock { $0.hasEnded } }

  /// Everything until the other side's end.
  func whole() async throws -> String {
    try await eventually { self.hasEnded }
    return text
  }

  func waitFor(_ part: String) async throws { try await eventually { self.text.contains(part) } }
}

private final class Collector: Sendable {
  let state = Mutex((bytes: [UInt8](), hasEnded: false))
}

private final class CollectingHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let collector: Collector

  init(_ collector: Collector) { self.collector = collector }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data).readableBytesView
    collector.state.withLock { $0.bytes += bytes }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed? = event as? ChannelEvent { end() }
  }

  func channelInactive(context: ChannelHandlerContext) { end() }

  // Its end says enough.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func end() { collector.state.withLock { $0.hasEnded = true } }
}

/// A condition that did not come.
struct NeverHappened: Error {}

/// Waits for what other threads bring about.
func eventually(_ condition: @escaping @Sendable () async throws -> Bool) async throws {
  for _ in 0..<4000 {
    if try await condition() { return }
    try await Task.sleep(for: .milliseconds(5))
  }
  throw NeverHappened()
}

/// A port nobody listens on, below those that the kernel gives to clients.
func freePort() -> UInt16 {
  while true {
    let port = UInt16.random(in: 15000...31999)
    if let listener = PortHolder(port, host: "127.0.0.1") {
      listener.close()
      return port
    }
  }
}

/// Somebody else who has a port.
final class PortHolder: Sendable {
  private let descriptor: CInt

  init?(_ port: UInt16, host: String, shares: Bool = false) {
    let isV6 = host.contains(":")
    descriptor = socket(isV6 ? AF_INET6 : AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    if shares {
      var yes: CInt = 1
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &yes, socklen_t(MemoryLayout<CInt>.size))
    }
    guard let address = try? SocketAddress(ipAddress: host, port: Int(port)) else { return nil }
    let isBound = address.withSockAddr { bind(descriptor, $0, socklen_t($1)) == 0 }
    guard isBound, listen(descriptor, 8) == 0 else {
      Glibc.close(descriptor)
      return nil
    }
  }

  func close() { Glibc.close(descriptor) }
}
