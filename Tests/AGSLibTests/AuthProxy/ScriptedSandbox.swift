import AGSWire
import NIOCore
import NIOPosix
import Synchronization

@testable import AGSLib

/// The sandbox as the host's services see it: its ports, behind which real servers of the
/// test listen somewhere else.
final class ScriptedSandbox: SandboxDialing {
  private struct State {
    var servers: [UInt16: Int] = [:]
    var dials: [UInt16] = []
    var registered: [String] = []
  }

  private let loop: any EventLoop
  private let state = Mutex(State())

  init(on loop: any EventLoop) { self.loop = loop }

  var dials: [UInt16] { state.withLock { $0.dials } }
  var registered: [String] { state.withLock { $0.registered } }

  func serve(_ port: UInt16, by server: AgentServer) {
    state.withLock { $0.servers[port] = server.port }
  }

  func dial(port: UInt16, patience: Duration) async throws(ChannelFault) -> any Channel {
    state.withLock { $0.dials.append(port) }
    let deadline = ContinuousClock.now + patience
    repeat {
      if let found = state.withLock({ $0.servers[port] }) {
        do {
          return try await ClientBootstrap(group: loop)
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: found).get()
        } catch {
          throw ChannelFault(.failed, "the test's server is gone")
        }
      }
      // Given up in the next round.
      try? await Task.sleep(for: .milliseconds(5))
    } while ContinuousClock.now < deadline && !Task.isCancelled
    throw ChannelFault(.unavailable, "nothing inside listens on port \(port)")
  }

  func register(port: UInt16, base: String) async throws(ChannelFault) -> String {
    state.withLock { $0.registered.append("\(port)\(base)") }
    return "http://0123abcd.localhost:40000\(base)"
  }
}

/// What listens inside: gets a connection's bytes as they come and answers them.
final class AgentServer: Sendable {
  let port: Int
  private let server: any Channel
  private let all: SharedConnections

  final class Received: Sendable {
    let channel: any Channel
    fileprivate let bytes = Mutex([UInt8]())

    fileprivate init(_ channel: any Channel) { self.channel = channel }

    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
    var count: Int { bytes.withLock { $0.count } }

    func send(_ text: String) {
      channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    func finish(_ text: String) {
      let channel = channel
      channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in
        channel.close(promise: nil)
      }
    }
  }

  /// - Parameter answer: called after each piece.
  init(answer: @escaping @Sendable (Received) -> Void) async throws {
    let all = SharedConnections()
    server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let received = Received(channel)
          all.list.withLock { $0.append(received) }
          try channel.pipeline.syncOperations.addHandler(AgentHandler(received, answer))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    port = server.localAddress?.port ?? 0
    self.all = all
  }

  var received: [Received] { all.list.withLock { $0 } }

  func close() async throws { try await server.close() }
}

private final class SharedConnections: Sendable {
  let list = Mutex([AgentServer.Received]())
}

private final class AgentHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let received: AgentServer.Received
  private let answer: @Sendable (AgentServer.Received) -> Void

  init(
    _ received: AgentServer.Received, _ answer: @escaping @Sendable (AgentServer.Received) -> Void
  ) {
    self.received = received
    self.answer = answer
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let more = unwrapInboundIn(data).readableBytesView
    received.bytes.withLock { $0 += more }
    answer(received)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
