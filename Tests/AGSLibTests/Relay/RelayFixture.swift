import AGSTestSupport
import AGSWire
import NIOCore
import NIOPosix
import Synchronization
import SystemPackage
import Testing

@testable import AGSLib

/// A relay that serves `path`, and what it wrote down.
struct RelayFixture: Sendable {
  let service: RelayService
  let path: FilePath
  let audit: RecordedAudit
  let directory: FilePath
  /// Of the relay; the far side has one of its own.
  let loop: any EventLoop
  let farLoop: any EventLoop

  /// A far side that does what init does.
  func farSide() async throws -> ScriptedFarSide {
    let side = try await ScriptedFarSide(path, on: farLoop)
    try await until { await service.isConnected }
    return side
  }

  /// A connection whose first line is that request.
  func ask(_ request: ChannelRequest) async throws -> TestSocket {
    let socket = try TestSocket(path)
    try await socket.send(request.encoded())
    return socket
  }

  /// A control connection that is known to be in place, and does nothing by itself.
  func control() async throws -> TestSocket {
    let socket = try await ask(.control)
    try await until { await service.isConnected }
    return socket
  }

  /// Registers and returns host name and port.
  func register(_ port: UInt16, _ base: String = "/") async throws -> (host: String, port: UInt16) {
    let url = try await service.register(port: port, base: base)
    let match = try #require(try /http:\/\/([0-9a-f]+\.localhost):([0-9]+)\/.*/.wholeMatch(in: url))
    return (String(match.1), try #require(UInt16(match.2)))
  }
}

/// Waits for something that happens by itself, half a minute at most.
func until(_ condition: () async throws -> Bool) async throws {
  let end = ContinuousClock.now + .seconds(30)
  while try await !condition() {
    try #require(ContinuousClock.now < end, "it never happened")
    try await Task.sleep(for: .milliseconds(5))
  }
}

/// Runs `body` with a relay and takes that down again.
func withRelay(
  forwards: [UInt16: ForwardTarget] = [:], connections: Int = 256,
  _ body: (RelayFixture) async throws -> Void
) async throws {
  try await withTemporaryDirectory { directory in
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let loop = group.next()
    let audit = RecordedAudit()
    let limits = try await loop.submit {
      NIOLoopBound(ConnectionLimits(maximum: connections), eventLoop: loop)
    }.get()
    let service = RelayService(on: loop, limits: limits, forwards: forwards, audit: audit)
    let path = directory.appending("relay.sock")
    var failure: (any Error)?
    do {
      try await service.listen(at: path, mode: 0o600)
      try await body(
        RelayFixture(
          service: service, path: path, audit: audit, directory: directory, loop: loop,
          farLoop: group.next()))
    } catch {
      failure = error
    }
    await service.close()
    try await group.shutdownGracefully()
    if let failure { throw failure }
  }
}

final class RecordedAudit: AuditRecording {
  private let kept = Mutex<[AuditEvent]>([])

  var events: [AuditEvent] { kept.withLock { $0 } }

  func record(_ event: AuditEvent) { kept.withLock { $0.append(event) } }
}

/// What init does inside, in the test's process: dials what it is told to on 127.0.0.1.
final class ScriptedFarSide: Sendable {
  private let path: FilePath
  private let loop: any EventLoop
  /// The control connection, on a thread that does not wait for commands.
  private let reports: TestSocket

  init(_ path: FilePath, on loop: any EventLoop) async throws {
    self.path = path
    self.loop = loop
    let control = try TestSocket(path)
    try await control.send(ChannelRequest.control.encoded())
    reports = try await control.twin()
    Task { [self] in
      while true {
        do {
          let line = try await control.line()
          guard line.last == 0x0A else { return }
          let command = try RelayCommand.decode(Array(line.dropLast()))
          switch command {
          case .connect(let id, let port, _): Task { await dial(port, id) }
          }
        } catch Errno.wouldBlock {
          // Nothing was wanted for long.
          continue
        }
      }
    }
  }

  /// Like init's death.
  func close() async { await reports.end() }

  private func dial(_ port: UInt16, _ id: String) async {
    do {
      let app = try await ForwardTarget.host(port).dial(on: loop)
      _ = try await Self.connect(path, on: loop, asking: .stream(id: id)) { peer, line in
        guard let answer = try? ChannelAnswer.decode(line), answer == .done else {
          app.close(promise: nil)
          return peer.close()
        }
        StreamPair.join(peer.channel, app)
      }
    } catch {
      // A control connection that has gone needs no report.
      try? await reports.send(RelayReport.refused(id: id, message: "nothing there").encoded())
    }
  }

  private static func connect(
    _ path: FilePath, on loop: any EventLoop, asking request: ChannelRequest,
    receive: @escaping @Sendable (FramePeer, [UInt8]) -> Void
  ) async throws -> any Channel {
    let channel = try await ClientBootstrap(group: loop)
      .streamOptions()
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(FrameHandler(receive: receive))
        }
      }
      .connect(unixDomainSocketPath: path.string).get()
    try await channel.writeAndFlush(ByteBuffer(bytes: request.encoded()))
    return channel
  }
}
