internal import AGSWire
internal import Glibc
internal import NIOCore
internal import NIOPosix

/// One port of the host on which a login's answer is waited for. Lives on one event loop,
/// and belongs to a `CallbackServer`.
final class CallbackPort {
  /// A connection to it.
  private struct Connection {
    let channel: any Channel
    /// Which one came earlier.
    let number: Int
    /// Its bytes go into the sandbox.
    var isPassed = false
  }

  /// Which of all logins it waits for.
  private(set) var login: Int
  private(set) var target: CallbackTarget
  /// The answer has come: its browser may fetch what belongs to it.
  var gateIsOpen = false
  /// When the sandbox last said something to the browser.
  var lastAnswer: NIODeadline?
  /// Ends the waiting, then the connections.
  var expiry: Scheduled<Void>?
  /// Looks whether the answer has ended.
  var lookout: Scheduled<Void>?
  /// The sockets that listen; both are there or neither.
  let binding: Task<[any Channel], any Error>
  private var connections: [ObjectIdentifier: Connection] = [:]
  private var accepted = 0

  init(_ target: CallbackTarget, login: Int, binding: Task<[any Channel], any Error>) {
    self.target = target
    self.login = login
    self.binding = binding
  }

  var isIdle: Bool { connections.isEmpty }

  /// Waits for the answer of another login from now on.
  func restart(_ target: CallbackTarget, login: Int) {
    endConnections { _ in true }
    lookout?.cancel()
    (lookout, lastAnswer, gateIsOpen) = (nil, nil, false)
    self.target = target
    self.login = login
  }

  func add(_ channel: any Channel, maximumWaiting: Int) {
    let waiting = connections.values.filter { !$0.isPassed }
    // Whoever came last is more likely to be the browser than whoever said nothing yet.
    if waiting.count >= maximumWaiting, let oldest = waiting.min(by: { $0.number < $1.number }) {
      remove(oldest.channel)
      oldest.channel.close(promise: nil)
    }
    accepted += 1
    connections[ObjectIdentifier(channel)] = Connection(channel: channel, number: accepted)
  }

  func pass(_ channel: any Channel) { connections[ObjectIdentifier(channel)]?.isPassed = true }

  var passedCount: Int { connections.values.count { $0.isPassed } }

  func remove(_ channel: any Channel) { connections[ObjectIdentifier(channel)] = nil }

  /// Frees the port. Connections that carry something go on.
  func stopListening() {
    lookout?.cancel()
    lookout = nil
    endConnections { !$0 }
    Task { [binding] in
      // One that failed has nothing to close.
      for server in (try? await binding.value) ?? [] { server.close(promise: nil) }
    }
  }

  /// Ends those connections whose being passed on, or not, is so.
  func endConnections(where isMeant: (_ isPassed: Bool) -> Bool) {
    for connection in connections.values where isMeant(connection.isPassed) {
      connection.channel.close(promise: nil)
    }
  }

  /// Both loopback addresses, without sharing them with anybody.
  static func bind(
    _ port: UInt16, on loop: any EventLoop,
    accept: @escaping @Sendable (any Channel) throws -> Void
  ) async throws(ChannelFault) -> [any Channel] {
    let bootstrap = ServerBootstrap(group: loop, childGroup: loop)
      // Of connections that ended a moment ago; no other listener is passed over by it.
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.backlog, value: 128)
      .childChannelOption(.autoRead, value: false)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try accept(channel) }
      }
    var servers: [any Channel] = []
    do {
      servers.append(try await bootstrap.bind(host: "127.0.0.1", port: Int(port)).get())
      do {
        servers.append(try await bootstrap.bind(host: "::1", port: Int(port)).get())
      } catch let error as IOError
        where [EADDRNOTAVAIL, EAFNOSUPPORT].contains(error.errnoCode)
      {
        // A host without IPv6: nobody else can listen there either.
      }
      return servers
    } catch {
      for server in servers { server.close(promise: nil) }
      guard (error as? IOError)?.errnoCode == EADDRINUSE else {
        throw ChannelFault(.failed, "cannot listen on port \(port) of the host")
      }
      throw ChannelFault(
        .portInUse,
        "port \(port) of the host is taken by another program, so the login could not come back")
    }
  }
}
