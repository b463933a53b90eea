internal import Glibc
internal import NIOCore

/// Two connections whose bytes go from one to the other, unread and unchanged, both ways: as
/// fast as the slower one takes them, and one direction may end before the other.
enum StreamPair {
  /// Makes a connection that does not speak in lines keep what comes before it is joined:
  /// even if nothing is read, an end that comes early brings bytes along. Call it where the
  /// channel is initialized.
  static func prepare(_ channel: any Channel) throws {
    try channel.pipeline.syncOperations.addHandler(StreamHandler())
  }

  /// Joins connections of one event loop that read nothing by themselves (`autoRead` off).
  /// What was read of either already, behind its request, goes first. When one breaks, or
  /// both directions have ended, both are closed.
  static func join(_ first: any Channel, _ second: any Channel) {
    first.eventLoop.preconditionInEventLoop()
    second.eventLoop.preconditionInEventLoop()
    do {
      let one = try handler(of: first)
      let other = try handler(of: second)
      one.partner = other
      other.partner = one
      for channel in [first, second] {
        // One without such a handler never spoke in lines.
        if let frames = try? channel.pipeline.syncOperations.handler(type: FrameHandler.self) {
          channel.pipeline.syncOperations.removeHandler(frames, promise: nil)
        }
      }
      one.start()
      other.start()
    } catch {
      // One of them has gone already.
      first.close(promise: nil)
      second.close(promise: nil)
    }
  }

  /// Ends a connection so that the other side sees that something went wrong.
  static func reset(_ channel: any Channel) {
    guard let sockets = channel as? any SocketOptionProvider else {
      channel.close(promise: nil)
      return
    }
    sockets.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in
      // Where that cannot be set, the connection ends all the same.
      channel.close(promise: nil)
    }
  }

  private static func handler(of channel: any Channel) throws -> StreamHandler {
    guard channel.isActive else { throw ChannelError.alreadyClosed }
    try channel.syncOptions?.setOption(
      .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: StreamHandler.readSize))
    try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    // What one reading brought is all that waits for the other side.
    try channel.syncOptions?.setOption(
      .writeBufferWaterMark, value: ChannelOptions.Types.WriteBufferWaterMark(low: 1, high: 1))
    let operations = channel.pipeline.syncOperations
    // Not prepared: it gets its handler now.
    if let handler = try? operations.handler(type: StreamHandler.self) { return handler }
    let handler = StreamHandler()
    try operations.addHandler(handler)
    return handler
  }
}

private final class StreamHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// What is read at once, in bytes.
  static let readSize = 256 << 10

  /// Broken when either goes.
  var partner: StreamHandler?
  private var context: ChannelHandlerContext?
  /// What came before there was a partner.
  private var early: [ByteBuffer] = []
  private var waitsForPartner = false
  private var inputEnded = false
  private var outputEnded = false
  private var isBroken = false

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    end()
    self.context = nil
  }

  /// Call it when both have their partner.
  func start() {
    guard let partner else { return }
    for buffer in early { partner.context?.write(wrapOutboundOut(buffer), promise: nil) }
    early = []
    partner.context?.flush()
    if inputEnded { partner.endOutput() } else { readMore() }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if let partner {
      partner.context?.write(data, promise: nil)
    } else {
      early.append(unwrapInboundIn(data))
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    guard let partner else { return }
    partner.context?.flush()
    readMore()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable, let partner, partner.waitsForPartner {
      partner.waitsForPartner = false
      partner.readMore()
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .inputClosed? = event as? ChannelEvent else { return }
    inputEnded = true
    // A moment later, because it may be the end of everything, which is told after this.
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    context.eventLoop.execute { bound.value.partner?.endOutput() }
  }

  func channelInactive(context: ChannelHandlerContext) { end() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    isBroken = true
    context.close(promise: nil)
    end()
  }

  private func readMore() {
    guard let context, !inputEnded, let other = partner?.context else { return }
    if other.channel.isWritable { context.read() } else { waitsForPartner = true }
  }

  /// The partner will send nothing more: what it sent goes out first. (A closing of the
  /// output alone would drop it once the input has ended.)
  private func endOutput() {
    guard let context, !outputEnded else { return }
    outputEnded = true
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
      let handler = bound.value
      handler.context?.close(mode: handler.inputEnded ? .all : .output, promise: nil)
    }
  }

  /// This side is gone. If it went in order, the other one gets what was sent and then ends
  /// too. If not, it must not take half of something for the whole.
  private func end() {
    guard let partner else { return }
    self.partner = nil
    partner.partner = nil
    guard let channel = partner.context?.channel else { return }
    if isBroken || !outputEnded {
      StreamPair.reset(channel)
    } else {
      channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
    }
  }
}
