internal import AGSWire
internal import CPosix
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import SystemPackage

/// A client's connection to one session's `approvals.sock`.
enum ApprovalConnection {
  static let socketName = "approvals.sock"

  enum Problem: Error, Equatable {
    /// No socket, or nobody behind it: a session without such questions, or one that ends.
    case absent
    /// No answer in time, or half of one.
    case silent
  }

  /// Sends `request` and hands over the replies until `body` says that it was the last one.
  /// - Parameters:
  ///   - directory: of the socket; its path may be longer than a socket's address.
  ///   - limit: for all of it; nil is without one.
  static func exchange(
    _ request: ApprovalRequest, in directory: FilePath, limit: Duration?,
    _ body: (ApprovalReply) async throws -> Reading
  ) async throws {
    let socket = try connect(directory)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .withConnectedSocket(socket) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(LineDecoder()))
          return try NIOAsyncChannel<[UInt8], ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    let deadline = limit.map { limit in
      channel.channel.eventLoop.scheduleTask(in: TimeAmount(limit)) {
        channel.channel.close(promise: nil)
      }
    }
    defer { deadline?.cancel() }
    try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(bytes: request.encoded()))
      for try await line in inbound {
        if try await body(ApprovalReply.decode(line)) == .finished { return }
      }
      try Task.checkCancellation()
      throw Problem.silent
    }
  }

  enum Reading {
    case goesOn
    case finished
  }

  private static func connect(_ directory: FilePath) throws(Problem) -> CInt {
    let place = cposix_open(directory.string, CPOSIX_O_PATH | O_DIRECTORY | O_CLOEXEC, 0)
    guard place >= 0 else { throw .absent }
    defer { close(place) }
    let socket = cposix_connect_at(place, socketName)
    guard socket >= 0 else { throw errno == EAGAIN ? .silent : .absent }
    return socket
  }
}

/// Lines without their newline, no longer than a frame.
private struct LineDecoder: ByteToMessageDecoder {
  typealias InboundOut = [UInt8]

  mutating func decode(
    context: ChannelHandlerContext, buffer: inout ByteBuffer
  ) throws -> DecodingState {
    let bytes = buffer.readableBytesView
    guard let end = bytes.firstIndex(of: 0x0A) else {
      guard bytes.count <= ChannelFrame.maximumSize else {
        throw ChannelFault(.tooLarge, "a line of over 1 MiB")
      }
      return .needMoreData
    }
    let line = Array(bytes[bytes.startIndex..<end])
    buffer.moveReaderIndex(forwardBy: line.count + 1)
    context.fireChannelRead(wrapInboundOut(line))
    return .continue
  }
}
