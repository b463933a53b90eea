internal import NIOCore

/// Two connections whose bytes go from one to the other, unread and unchanged, both ways: as
/// fast as the slower one takes them, and one direction may end before the other.
enum StreamPair {
  /// Joins connections of one event loop that read nothing by themselves (`autoRead` off).
  /// What was read of either already, behind its request, goes first. When one breaks, or
  /// both directions have ended, both are closed.
  static func join(_ first: any Channel, _ second: any Channel) {
    first.eventLoop.preconditionInEventLoop()
    second.eventLoop.preconditionInEventLoop()
    let (one, other) = (StreamHandler(), StreamHandler())
    one.partner = other
    other.partner = one
    do {
      try first.pipeline.syncOperations.addHandler(one)
      try second.pipeline.syncOperations.addHandler(other)
    } catch {
      // One of them has gone already.
      first.close(promise: nil)
      second.close(promise: nil)
      return
    }
    for channel in [first, second] {
      guard channel.isActive else {
        first.close(promise: nil)
        second.close(promise: nil)
        return
      }
      let operations = channel.pipeline.syncOperations
      guard let frames = try? operations.handler(type: FrameHandler.self) else {
        // A connection that never spoke in lines.
        continue
      }
      operations.removeHandler(frames, promise: nil)
    }
    one.start()
    other.start()
  }
}

private final class StreamHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Broken when either goes.
  var partner: StreamHandler?
  private var context: ChannelHandlerContext?
  private var waitsForPartner = false
  private var inputEnded = false
  private var outputEnded = false

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    end()
  }

  func start() { readMore() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let other = partner?.context else { return }
    other.write(wrapOutboundOut(unwrapInboundIn(data)), promise: nil)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    partner?.context?.flush()
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
    partner?.endOutput()
    closeIfDone()
  }

  func channelInactive(context: ChannelHandlerContext) { end() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
    end()
  }

  private func readMore() {
    guard let context, !inputEnded else { return }
    guard let other = partner?.context else { return }
    if other.channel.isWritable { context.read() } else { waitsForPartner = true }
  }

  /// The partner will send nothing more: what it sent goes out first.
  private func endOutput() {
    guard let context, !outputEnded else { return }
    outputEnded = true
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    context.flush()
    context.close(mode: .output).whenComplete { _ in bound.value.closeIfDone() }
  }

  private func closeIfDone() {
    guard inputEnded, outputEnded else { return }
    context?.close(promise: nil)
  }

  /// This side is gone: the other one gets what was sent, and then ends too.
  private func end() {
    guard let partner else { return }
    self.partner = nil
    partner.partner = nil
    guard let channel = partner.context?.channel else { return }
    channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
  }
}
