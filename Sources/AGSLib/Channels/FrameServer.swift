internal import AGSWire
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import SystemPackage

/// A Unix socket whose clients speak in lines (4-channels "Frames"). A client that is slow,
/// talks nonsense or floods loses its own connection and nothing else happens.
enum FrameServer {
  /// Listens at `path`, which must not be there yet.
  /// - Parameters:
  ///   - mode: of the socket's file; who gets that far is up to its directory.
  ///   - limits: refuses connections above its maximum, with an error line.
  ///   - receive: gets the first line of each connection, without its newline, on `loop`; the
  ///     further ones if it calls `FramePeer.keepReading`.
  static func bind(
    _ path: FilePath, mode: mode_t, on loop: any EventLoop, limits: NIOLoopBound<ConnectionLimits>,
    receive: @escaping @Sendable (FramePeer, [UInt8]) -> Void
  ) async throws -> any Channel {
    try await listen(path, mode: mode, on: loop) { channel in
      channel.eventLoop.makeCompletedFuture {
        guard limits.value.take(channel) else {
          FramePeer(channel: channel).fail(
            ChannelFault(.limit, "too many connections of this session"))
          return
        }
        try channel.pipeline.syncOperations.addHandler(FrameHandler(receive: receive))
      }
    }
  }

  /// The same without lines: `accept` sets each connection up, on `loop`.
  static func listen(
    _ path: FilePath, mode: mode_t, on loop: any EventLoop,
    accept: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) async throws -> any Channel {
    let server = try await ServerBootstrap(group: loop, childGroup: loop)
      .serverChannelOption(.backlog, value: 256)
      .childChannelOption(.autoRead, value: false)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer(accept)
      .bind(unixDomainSocketPath: path.string).get()
    // Nobody else reaches it before this: its directory is ours alone.
    guard chmod(path.string, mode) == 0 else {
      let reason = String(cString: strerror(errno))
      try? await server.close()  // It is given up; why is said below.
      throw DirectoryError(summary: "cannot open \(path) to the sandbox", cause: reason)
    }
    return server
  }
}
