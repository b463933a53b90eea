internal import AGSWire
internal import NIOCore
internal import NIOPosix

/// A browser's request without a browser: asks a port of this host, and tells the first line
/// of what comes back.
enum CallbackReplay {
  /// How long the answer may take to begin.
  private static let patience = TimeAmount.seconds(60)

  /// - Returns: the status line, made inert.
  static func send(
    _ request: [UInt8], to port: UInt16, on loop: any EventLoop
  ) async throws(ChannelFault) -> String {
    let line = loop.makePromise(of: String.self)
    do {
      let channel = try await ClientBootstrap(group: loop)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(StatusLineHandler(line))
          }
        }
        .connect(host: "127.0.0.1", port: Int(port)).get()
      loop.scheduleTask(in: patience) {
        line.fail(ChannelFault(.slow, "the login's answer was handed over; no reply in 60 s"))
      }
      channel.writeAndFlush(ByteBuffer(bytes: request), promise: nil)
    } catch {
      line.fail(ChannelFault(.failed, "cannot connect to port \(port) of this host"))
    }
    do {
      return try await line.futureResult.get()
    } catch {
      throw error as? ChannelFault ?? ChannelFault(.failed, "the connection broke")
    }
  }
}

/// Takes the first line, reads the rest until the end so that its sender is not disturbed,
/// and throws it away.
private final class StatusLineHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private static let maximumLength = 256
  private let result: EventLoopPromise<String>
  private var line: [UInt8] = []
  private var isDone = false

  init(_ result: EventLoopPromise<String>) { self.result = result }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isDone else { return }
    for byte in unwrapInboundIn(data).readableBytesView {
      if byte == 0x0A || line.count >= Self.maximumLength {
        isDone = true
        if line.last == 0x0D { line.removeLast() }
        result.succeed(TerminalText.escaped(String(decoding: line, as: UTF8.self)))
        return
      }
      line.append(byte)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    result.fail(ChannelFault(.failed, "the program in the sandbox gave no reply"))
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
