internal import NIOCore

/// Cuts what a client of the filter says into messages and reads the next one only when the
/// one before is answered.
final class SSHFilterHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// How long a message may take from its first byte to its last.
  static let patience = TimeAmount.seconds(10)

  /// Gets a message without its length, on the event loop, and calls back with the answer.
  private let receive: (any Channel, [UInt8]) -> Void
  private let patience: TimeAmount
  private var buffer = ByteBuffer()
  private var isBusy = false
  private var inputEnded = false
  private var deadline: Scheduled<Void>?

  init(
    patience: TimeAmount = SSHFilterHandler.patience,
    receive: @escaping (any Channel, [UInt8]) -> Void
  ) {
    self.patience = patience
    self.receive = receive
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { context.read() }
  }

  func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

  func channelActive(context: ChannelHandlerContext) {
    context.read()
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var more = unwrapInboundIn(data)
    buffer.writeBuffer(&more)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if !isBusy { takeMessage(context.channel) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .inputClosed? = event as? ChannelEvent else { return }
    inputEnded = true
    if !isBusy { takeMessage(context.channel) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  /// Goes on after an answer was taken by the client.
  func resume(_ channel: any Channel) {
    isBusy = false
    takeMessage(channel)
  }

  private func takeMessage(_ channel: any Channel) {
    if let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) {
      guard (1...SSHAgentClient.longestMessage).contains(Int(length)) else {
        channel.close(promise: nil)
        return
      }
      if buffer.readableBytes >= 4 + Int(length) {
        buffer.moveReaderIndex(forwardBy: 4)
        let message = buffer.readBytes(length: Int(length)) ?? []
        buffer.discardReadBytes()
        deadline?.cancel()
        deadline = nil
        isBusy = true
        receive(channel, message)
        return
      }
    }
    guard !inputEnded else {
      channel.close(promise: nil)
      return
    }
    if buffer.readableBytes > 0, deadline == nil {
      deadline = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
    }
    channel.read()
  }
}
