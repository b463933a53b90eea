import AGSTestSupport
import AGSWire
import NIOCore
import NIOPosix
import Synchronization
import SystemPackage
import Testing

@testable import AGSLib

/// A relay that serves `path`, and what it wrote down.
final class RelayFixture: Sendable {
  let service: RelayService
  let path: FilePath
  let audit: RecordedAudit
  let directory: FilePath
  /// Of the relay; the far side has one of its own.
  let loop: any EventLoop
  private let farLoop: any EventLoop
  private let sides = Mutex<[ScriptedFarSide]>([])

  init(
    _ service: RelayService, in directory: FilePath, on loop: any EventLoop, farLoop: any EventLoop,
    audit: RecordedAudit
  ) {
    self.service = service
    self.directory = directory
    self.audit = audit
    self.loop = loop
    path = directory.appending("relay.sock")
    self.farLoop = farLoop
  }

  /// Somebody who does what init does, until the test ends.
  func serveInside() async throws {
    try await serve(path)
    try await until { await service.isConnected }
  }

  /// The same for the socket of another far side.
  func serve(_ path: FilePath) async throws {
    let side = try await ScriptedFarSide(path, on: farLoop)
    sides.withLock { $0.append(side) }
  }

  func closeSides() async {
    for side in sides.withLock({ $0 }) { await side.close() }
  }

  /// A connection whose first line is that request.
  func ask(_ request: ChannelRequest) async throws -> TestSocket {
    let socket = try TestSocket(path)
    do {
      try await socket.send(request.encoded())
    } catch Errno.brokenPipe {
      // Refused before it could ask; the answer says why.
    }
    return socket
  }

  /// A control connection that is known to be in place, and does nothing by itself.
  func control() async throws -> TestSocket {
    let socket = try await ask(.control)
    try await until { await service.isConnected }
    return socket
  }

  /// Another network's far side, and where it is to call.
  func browserSide() async throws -> (RelayFarSide, FilePath) {
    let side = RelayFarSide(on: loop)
    let path = directory.appending("browser.sock")
    let loop = loop
    let limits = try await loop.submit {
      NIOLoopBound(ConnectionLimits(), eventLoop: loop)
    }.get()
    try await side.listen(at: path, mode: 0o600, limits: limits)
    return (side, path)
  }

  /// Registers and returns host name and port.
  func register(_ port: UInt16, _ base: String = "/") async throws -> (host: String, port: UInt16) {
    let url = try await service.register(port: port, base: base)
    let match = try #require(try /http:\/\/([0-9a-f]+\.localhost):([0-9]+)\/.*/.wholeMatch(in: url))
    return (String(match.1), try #require(UInt16(match.2)))
  }
}

/// Something else than what a test needs to go on.
struct Unexpected: Error {
  var value: String
  init(_ value: some Sendable) { self.value = "\(value)" }
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
    let relay = RelayFixture(service, in: directory, on: loop, farLoop: group.next(), audit: audit)
    var failure: (any Error)?
    do {
      try await service.listen(at: relay.path, mode: 0o600)
      try await body(relay)
    } catch {
      failure = error
    }
    await relay.closeSides()
    await service.close()
    try await group.shutdownGracefully()
    if let failure { throw failure }
  }
}
