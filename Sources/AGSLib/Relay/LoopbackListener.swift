internal import AGSWire
internal import NIOCore
internal import NIOPosix

/// One port of the host, chosen by the kernel, on 127.0.0.1 and on ::1: a browser takes
/// either for a name below `localhost`.
struct LoopbackListener: Sendable {
  /// How often another port is tried, when somebody has the chosen one on ::1.
  private static let attempts = 16

  let port: Int
  private let servers: [any Channel]

  /// - Parameter accept: gets each connection on `loop`, reading nothing.
  static func bind(
    on loop: any EventLoop,
    accept: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) async throws(ChannelFault) -> LoopbackListener {
    let bootstrap = ServerBootstrap(group: loop, childGroup: loop)
      .serverChannelOption(.backlog, value: 256)
      .childStreamOptions()
      .childChannelInitializer(accept)
    do {
      for _ in 1...attempts {
        let first = try await bootstrap.bind(to: SocketAddress(ipAddress: "127.0.0.1", port: 0))
          .get()
        guard let port = first.localAddress?.port else { break }
        do {
          let second = try await bootstrap.bind(to: SocketAddress(ipAddress: "::1", port: port))
            .get()
          return LoopbackListener(port: port, servers: [first, second])
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
          try await first.close()
        } catch let error as IOError
          where error.errnoCode == EADDRNOTAVAIL || error.errnoCode == EAFNOSUPPORT
        {
          // A host without IPv6 has nobody else there either.
          return LoopbackListener(port: port, servers: [first])
        } catch {
          try await first.close()
          throw error
        }
      }
    } catch {
      throw ChannelFault(.failed, "cannot listen on the host: \(error)")
    }
    throw ChannelFault(.failed, "found no port on the host that is free on 127.0.0.1 and ::1")
  }

  /// Connections that were accepted live on.
  func close() { for server in servers { server.close(promise: nil) } }
}
