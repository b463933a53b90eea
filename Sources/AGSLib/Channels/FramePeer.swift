internal import AGSWire
internal import NIOCore

/// The other end of one connection to a `FrameServer`. May be used from anywhere; what it
/// does happens on the connection's event loop.
struct FramePeer: Sendable {
  let channel: any Channel

  /// Completes when the connection has gone, whoever closed it.
  var closed: EventLoopFuture<Void> { channel.closeFuture }

  func send(_ bytes: [UInt8]) {
    // A peer that does not read loses what it would have been told, and its connection at
    // the next limit; nobody waits for it.
    channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
  }

  func answer(_ answer: ChannelAnswer) { send(answer.encoded()) }

  /// One error line, then the end.
  func fail(_ error: ChannelFault) { finish(ChannelAnswer.failure(error).encoded()) }

  /// These bytes, then the end; also of a peer that does not read them.
  func finish(_ bytes: [UInt8]) {
    let channel = channel
    channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { _ in
      channel.close(promise: nil)
    }
    channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
  }

  func close() { channel.close(promise: nil) }

  /// Takes further lines of the connection, each by the server's `receive`. By default
  /// nothing is read after the first one.
  func keepReading() {
    channel.eventLoop.execute {
      channel.pipeline.handler(type: FrameHandler.self).map { $0.resume() }
        .whenFailure { _ in channel.close(promise: nil) }
    }
  }
}
