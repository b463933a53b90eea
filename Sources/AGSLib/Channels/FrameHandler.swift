internal import AGSWire
internal import NIOCore

/// Cuts what a connection brings into lines. Reads only as much as it was asked for, so that
/// what follows a request, the bytes of a stream, waits in the kernel or here.
final class FrameHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// How long a connection may be without its first whole line.
  static let patience = TimeAmount.seconds(10)

  private let receive: @Sendable (FramePeer, [UInt8]) -> Void
  private var buffer = ByteBuffer()
  /// Where in `buffer` no newline was found yet.
  private var searched = 0
  private var wantsLine = true
  private var context: ChannelHandlerContext?
  private var deadline: Scheduled<Void>?

  init(receive: @escaping @Sendable (FramePeer, [UInt8]) -> Void) { self.receive = receive }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    deadline = context.eventLoop.scheduleTask(in: Self.patience) {
      bound.value.fail(ChannelFault(.slow, "no request within 10 s"))
    }
    if context.channel.isActive { context.read() }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    deadline?.cancel()
    self.context = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    context.read()
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var more = unwrapInboundIn(data)
    buffer.writeBuffer(&more)
    takeLines()
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if wantsLine { context.read() }
  }

  /// A peer that will say nothing more, before it has said anything, is no peer. Afterwards
  /// it may still listen; a tool that asked and has gone is seen by this as well, because no
  /// client of ours closes one half while it waits.
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func resume() {
    wantsLine = true
    takeLines()
    if wantsLine { context?.read() }
  }

  /// Hands what was read behind the request on to whoever takes the connection over.
  func removeHandler(
    context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken
  ) {
    let rest = buffer
    buffer = ByteBuffer()
    // In this order: who has left the pipeline reaches nobody in it.
    if rest.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(rest)) }
    context.leavePipeline(removalToken: removalToken)
  }

  private func takeLines() {
    while wantsLine, let context {
      let bytes = buffer.readableBytesView
      guard let end = bytes[(bytes.startIndex + searched)...].firstIndex(of: 0x0A) else {
        searched = bytes.count
        if bytes.count > ChannelFrame.maximumSize {
          fail(ChannelFault(.tooLarge, "a line of over 1 MiB"))
        }
        return
      }
      let line = Array(bytes[bytes.startIndex..<end])
      buffer.moveReaderIndex(forwardBy: line.count + 1)
      buffer.discardReadBytes()
      searched = 0
      deadline?.cancel()
      wantsLine = false
      guard line.count <= ChannelFrame.maximumSize else {
        fail(ChannelFault(.tooLarge, "a line of over 1 MiB"))
        return
      }
      receive(FramePeer(channel: context.channel), line)
    }
  }

  private func fail(_ error: ChannelFault) {
    guard let context else { return }
    wantsLine = false
    buffer = ByteBuffer()
    FramePeer(channel: context.channel).fail(error)
  }
}
