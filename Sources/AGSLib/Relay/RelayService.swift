internal import AGSWire
internal import NIOCore
internal import SystemPackage

/// `relay.sock` (4-channels): ports of the sandbox for the user's browser, and ports of the
/// host for the sandbox. Everything happens on one event loop.
///
/// Owners: a `RelayFarSide` has control connection and dials, `hostConnections` those of
/// browsers; a stream belongs to its `StreamPair` once it is joined.
actor RelayService: SandboxDialing {
  /// Connections to relayed ports, of browsers and whoever else, all ports together.
  static let maximumHostConnections = 256

  private struct Registration {
    var name: String
    var listener: Task<LoopbackListener, any Error>
  }

  private let loop: any EventLoop
  private let limits: NIOLoopBound<ConnectionLimits>
  private let audit: any AuditRecording
  private let sandbox: RelayFarSide
  private var forwards: [UInt16: ForwardTarget]
  private var registrations: [UInt16: Registration] = [:]
  private var hostConnections: [ObjectIdentifier: any Channel] = [:]
  /// Asked for before: the log is not for counting connections.
  private var auditedForwards: Set<UInt16> = []
  private var server: (any Channel)?
  private var isClosed = false

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.executor.asUnownedSerialExecutor()
  }

  /// - Parameter forwards: by the port inside. No other is ever dialled.
  init(
    on loop: any EventLoop, limits: NIOLoopBound<ConnectionLimits>,
    forwards: [UInt16: ForwardTarget], audit: any AuditRecording
  ) {
    self.loop = loop
    self.limits = limits
    self.forwards = forwards
    self.audit = audit
    sandbox = RelayFarSide(on: loop)
  }

  /// Whether init's control connection is there.
  var isConnected: Bool { sandbox.assumeIsolated { $0.isConnected } }

  /// How many browsers' connections there are.
  var connections: Int { hostConnections.count }

  func listen(at path: FilePath, mode: CInterop.Mode) async throws {
    server = try await FrameServer.bind(path, mode: mode, on: loop, limits: limits) {
      peer, line in self.assumeIsolated { $0.take(line, from: peer) }
    }
  }

  /// One more port that the sandbox may connect to: the browser's, once that is known.
  func forward(_ port: UInt16, to target: ForwardTarget) { forwards[port] = target }

  /// Stops listening everywhere and ends every connection to a relayed port.
  func close() async {
    isClosed = true
    server?.close(promise: nil)
    server = nil
    await sandbox.close()
    for registration in registrations.values {
      // One that is still being made is closed by whoever makes it.
      if let listener = try? await registration.listener.value { listener.close() }
    }
    registrations = [:]
    for channel in hostConnections.values { channel.close(promise: nil) }
  }

  func dial(port: UInt16, patience: Duration) async throws(ChannelFault) -> any Channel {
    try await sandbox.dial(port: port, patience: patience)
  }

  func register(port: UInt16, base: String) async throws(ChannelFault) -> String {
    let base = try RelayBase(base)
    guard !isClosed else { throw ChannelFault(.unavailable, "the session ends") }
    let isNew = registrations[port] == nil
    if isNew {
      guard registrations.count < ChannelFrame.maximumRegistrations else {
        throw ChannelFault(
          .limit, "\(ChannelFrame.maximumRegistrations) ports are relayed already")
      }
      registrations[port] = Registration(name: Self.randomName(), listener: listen(for: port))
    }
    guard let registration = registrations[port] else { preconditionFailure("just made") }
    let listener: LoopbackListener
    do {
      listener = try await registration.listener.value
    } catch {
      if registrations[port]?.name == registration.name { registrations[port] = nil }
      throw error as? ChannelFault ?? ChannelFault(.failed, "cannot listen on the host")
    }
    guard !isClosed else {
      listener.close()
      throw ChannelFault(.unavailable, "the session ends")
    }
    let origin = "http://\(registration.name).localhost:\(listener.port)"
    if isNew { audit.record(AuditEvent("relay-registered", ["port": "\(port)", "url": origin])) }
    return origin + base.path
  }

  private func listen(for port: UInt16) -> Task<LoopbackListener, any Error> {
    Task {
      try await LoopbackListener.bind(on: loop) { channel in
        channel.eventLoop.makeCompletedFuture {
          try self.assumeIsolated { try $0.accept(channel, for: port) }
        }
      }
    }
  }

  /// A browser, or anything else on this host, connects to a relayed port.
  private func accept(_ channel: any Channel, for port: UInt16) throws {
    guard !isClosed, hostConnections.count < Self.maximumHostConnections else {
      throw ChannelFault(.limit, "too many connections to relayed ports")
    }
    try StreamPair.prepare(channel)
    let key = ObjectIdentifier(channel)
    hostConnections[key] = channel
    let dialling = Task {
      do throws(ChannelFault) {
        StreamPair.join(channel, try await sandbox.dial(port: port, patience: .zero))
      } catch {
        // Nothing can be said in a protocol that is not known; so the connection breaks.
        StreamPair.reset(channel)
      }
    }
    channel.closeFuture.whenComplete { _ in
      dialling.cancel()
      self.assumeIsolated { $0.hostConnections[key] = nil }
    }
  }

  private func take(_ line: [UInt8], from peer: FramePeer) {
    switch sandbox.assumeIsolated({ $0.take(line, from: peer) }) {
    case nil: break
    case .register(let port, let base):
      Task {
        do throws(ChannelFault) {
          let url = try await register(port: port, base: base)
          peer.finish(ChannelAnswer.registered(url: url).encoded())
        } catch {
          peer.fail(error)
        }
      }
    case .forward(let port): forward(peer, to: port)
    default: peer.fail(ChannelFault(.unknownType, "no such request on this socket"))
    }
  }

  private func forward(_ peer: FramePeer, to port: UInt16) {
    let target = forwards[port]
    if auditedForwards.insert(port).inserted {
      audit.record(
        AuditEvent("forward", ["port": "\(port)", "answer": target == nil ? "not listed" : "yes"]))
    }
    guard let target else {
      peer.fail(ChannelFault(.notListed, "no forward of port \(port) is configured"))
      return
    }
    let dialling = Task {
      do throws(ChannelFault) {
        let channel = try await target.dial(on: loop)
        peer.answer(.done)
        StreamPair.join(peer.channel, channel)
      } catch {
        peer.fail(error)
      }
    }
    peer.closed.whenComplete { _ in dialling.cancel() }
  }

  /// Of an origin: long enough that no two sessions ever share cookies.
  private static func randomName() -> String {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
