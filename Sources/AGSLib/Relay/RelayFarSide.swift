internal import AGSWire
internal import NIOCore
internal import SystemPackage

/// The host's end of a relay into another network, into which the host cannot connect: over
/// there somebody holds a control connection, is told what to dial, and connects back with
/// the stream (4-channels "relay.sock"). One is for the sandbox, one for a confined browser.
/// What either says can answer its own dials only.
actor RelayFarSide {
  /// Dials that wait at the same time.
  static let maximumDials = 256
  /// How much longer than its patience a dial may take.
  static let grace = Duration.seconds(5)
  /// The longest patience the other side takes.
  static let longestPatience = Duration.seconds(60)

  private struct Dial {
    var deadline: Scheduled<Void>
    var finish: (Result<any Channel, ChannelFault>) -> Void
  }

  private let loop: any EventLoop
  private var control: FramePeer?
  /// By the bytes of their ids: text may be equal without being the same.
  private var dials: [[UInt8]: Dial] = [:]
  private var server: (any Channel)?

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.executor.asUnownedSerialExecutor()
  }

  init(on loop: any EventLoop) { self.loop = loop }

  /// Whether somebody over there holds a control connection.
  var isConnected: Bool { control != nil }

  /// Listens at `path` for this far side alone: nobody can register or forward there.
  func listen(
    at path: FilePath, mode: CInterop.Mode, limits: NIOLoopBound<ConnectionLimits>
  ) async throws {
    server = try await FrameServer.bind(path, mode: mode, on: loop, limits: limits) {
      peer, line in
      self.assumeIsolated {
        if $0.take(line, from: peer) != nil {
          peer.fail(ChannelFault(.unknownType, "no such request here"))
        }
      }
    }
  }

  /// Ends the control connection and all dials; streams that were handed out live on.
  func close() async {
    server?.close(promise: nil)
    server = nil
    control?.close()
    end(.unavailable, "the session ends")
  }

  /// Handles what belongs to a far side, and returns any other request.
  func take(_ line: [UInt8], from peer: FramePeer) -> ChannelRequest? {
    do throws(ChannelFault) {
      if let control, control.channel === peer.channel {
        try report(RelayReport.decode(line))
        peer.keepReading()
        return nil
      }
      switch try ChannelRequest.decode(line) {
      case .control: try attach(peer)
      case .stream(let id): try deliver(peer, for: id)
      case let other: return other
      }
    } catch {
      detach(peer)
      peer.fail(error)
    }
    return nil
  }

  /// See `SandboxDialing`.
  func dial(port: UInt16, patience: Duration) async throws(ChannelFault) -> any Channel {
    let id = Self.randomID()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        start(id, port, min(max(patience, .zero), Self.longestPatience)) {
          continuation.resume(returning: $0)
        }
      }
    } onCancel: {
      // After this job, so after the start.
      loop.execute {
        self.assumeIsolated {
          $0.finish(Array(id.utf8), .failure(ChannelFault(.unavailable, "given up")))
        }
      }
    }
    return try result.get()
  }

  private func start(
    _ id: String, _ port: UInt16, _ patience: Duration,
    finish: @escaping (Result<any Channel, ChannelFault>) -> Void
  ) {
    guard let control else {
      finish(.failure(ChannelFault(.unavailable, "nobody inside serves the relay")))
      return
    }
    guard dials.count < Self.maximumDials else {
      finish(.failure(ChannelFault(.limit, "too many connections are being made")))
      return
    }
    // Commands are not kept for somebody who does not read them.
    guard control.channel.isWritable else {
      detach(control)
      control.close()
      finish(.failure(ChannelFault(.unavailable, "the relay inside is stuck")))
      return
    }
    let key = Array(id.utf8)
    let deadline = loop.scheduleTask(in: TimeAmount(patience + Self.grace)) {
      self.assumeIsolated {
        $0.finish(key, .failure(ChannelFault(.unavailable, "no answer from inside")))
      }
    }
    dials[key] = Dial(deadline: deadline, finish: finish)
    control.send(
      RelayCommand.connect(id: id, port: port, patience: Int64(patience / .milliseconds(1)))
        .encoded())
  }

  private func finish(_ id: [UInt8], _ result: Result<any Channel, ChannelFault>) {
    guard let dial = dials.removeValue(forKey: id) else { return }
    dial.deadline.cancel()
    dial.finish(result)
  }

  private func attach(_ peer: FramePeer) throws(ChannelFault) {
    guard control == nil else {
      throw ChannelFault(.limit, "there is a control connection already")
    }
    control = peer
    peer.closed.whenComplete { _ in self.assumeIsolated { $0.detach(peer) } }
    peer.keepReading()
  }

  private func detach(_ peer: FramePeer) {
    guard let control, control.channel === peer.channel else { return }
    self.control = nil
    end(.unavailable, "the relay inside has gone")
  }

  private func end(_ code: ChannelFault.Code, _ message: String) {
    for id in dials.keys { finish(id, .failure(ChannelFault(code, message))) }
  }

  private func deliver(_ peer: FramePeer, for id: String) throws(ChannelFault) {
    let id = Array(id.utf8)
    guard dials[id] != nil else { throw ChannelFault(.failed, "nobody waits for this stream") }
    peer.answer(.done)
    finish(id, .success(peer.channel))
  }

  private func report(_ report: RelayReport) {
    // An unknown id is one that was given up meanwhile, or made up.
    switch report {
    case .refused(let id, let message):
      let message = TerminalText.escaped(message.prefix(200))
      finish(Array(id.utf8), .failure(ChannelFault(.unavailable, message)))
    }
  }

  /// 128 bits: nobody inside who was not told it finds it.
  private static func randomID() -> String {
    var random = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let digits = String(random.next(), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
