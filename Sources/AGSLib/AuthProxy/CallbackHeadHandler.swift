internal import NIOCore

/// Reads the head of a connection's first request, and no more than that, and keeps every
/// byte for whoever takes the connection over.
final class CallbackHeadHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  enum Outcome: Sendable {
    /// Its bytes, the empty line included.
    case head(ArraySlice<UInt8>)
    case tooLarge
  }

  private let patience: TimeAmount
  private let receive: (any Channel, Outcome) -> Void
  private var head = HeadBuffer()
  private var later = ByteBuffer()
  private var isWhole = false
  private var inputEnded = false
  private var deadline: Scheduled<Void>?

  /// - Parameters:
  ///   - patience: how long the head may take; then the connection ends.
  ///   - receive: is called once, on the channel's event loop.
  init(patience: TimeAmount, receive: @escaping (any Channel, Outcome) -> Void) {
    self.patience = patience
    self.receive = receive
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    deadline = context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
    if channel.isActive { context.read() }
  }

  func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

  func channelActive(context: ChannelHandlerContext) {
    context.read()
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var more = unwrapInboundIn(data)
    guard !isWhole else {
      later.writeBuffer(&more)
      return
    }
    let length = head.append(more.readableBytesView)
    guard length != nil || head.bytes.count > RequestHead.maximumSize else { return }
    isWhole = true
    deadline?.cancel()
    if let length, length <= RequestHead.maximumSize {
      receive(context.channel, .head(head.bytes[..<length]))
    } else {
      receive(context.channel, .tooLarge)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if !isWhole, !inputEnded { context.read() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .inputClosed? = event as? ChannelEvent else { return }
    inputEnded = true
    if !isWhole { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  /// Hands on everything that came, and its end.
  func removeHandler(
    context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken
  ) {
    var bytes = context.channel.allocator.buffer(bytes: head.bytes)
    bytes.writeBuffer(&later)
    context.fireChannelRead(wrapInboundOut(bytes))
    context.fireChannelReadComplete()
    if inputEnded { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    context.leavePipeline(removalToken: removalToken)
  }
}

/// Says when bytes come from the sandbox, and when its connection ends.
final class AnswerWatch: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let notice: () -> Void

  init(notice: @escaping () -> Void) { self.notice = notice }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    notice()
    context.fireChannelRead(data)
  }

  func channelInactive(context: ChannelHandlerContext) {
    notice()
    context.fireChannelInactive()
  }
}
