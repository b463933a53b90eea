import AGSWire
import CPosix
import Glibc
import Testing

/// `ags-shim init` with a host that a test plays.
final class RelayedShim {
  let host: ScriptedHost
  let shim: ShimProcess
  private(set) var control: Connection
  private var names = 0

  /// With its control connection made.
  init(
    _ script: String = "echo ready; exec sleep 1000", ports: [UInt16] = [],
    place: ShimProcess.Place = .ordinary, runner: [String] = []
  ) throws {
    host = try ScriptedHost()
    shim = try ShimProcess(
      place, runner: runner,
      environment: ["PATH=/usr/bin:/bin", "\(GuestVariable.webviewRelaySocket)=\(host.path)"])
    var document = LaunchDocument.shell(script)
    document.usesRelay = true
    document.ports = ports
    shim.send(document)
    control = try Self.control(host)
  }

  static func control(_ host: ScriptedHost) throws -> Connection {
    let (request, connection) = try host.request()
    try #require(request == .control)
    return connection
  }

  /// After it was lost.
  func acceptControl() throws { control = try Self.control(host) }

  /// Asks for a connection and returns its name.
  @discardableResult
  func ask(_ port: UInt16, patience: Int64 = 0) -> String {
    names += 1
    control.send(RelayCommand.connect(id: "s\(names)", port: port, patience: patience).encoded())
    return "s\(names)"
  }

  func refusal() throws -> (id: String, message: String) {
    switch try RelayReport.decode(try control.line()) {
    case .refused(let id, let message): (id, message)
    }
  }

  /// A stream to a listener inside: the host's end, and the program's.
  func connect(_ port: LoopbackPort) throws -> (host: Connection, inside: Connection) {
    let id = ask(port.number)
    let inside = try port.accept()
    let (request, outside) = try host.request()
    try #require(request == .stream(id: id))
    outside.answer(.done)
    return (outside, inside)
  }

  /// A stream from a program inside to a forward.
  func forward(
    _ port: UInt16, isV6: Bool = false
  ) throws -> (host: Connection, inside: Connection) {
    let inside = try LoopbackPort.connect(port, isV6: isV6)
    let (request, outside) = try host.request()
    try #require(request == .forward(port: port))
    outside.answer(.done)
    return (outside, inside)
  }

  /// Bytes both ways.
  static func expectEcho(_ pair: (host: Connection, inside: Connection)) throws {
    pair.host.send("from the host")
    #expect(try pair.inside.read(13) == "from the host")
    pair.inside.send("from inside")
    #expect(try pair.host.read(11) == "from inside")
  }
}

extension RelayedShim {
  /// What the shim has in memory.
  func residentKilobytes() throws -> Int {
    let status = try #require(textOfFile("/proc/\(shim.process)/status"))
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
    return try #require(Int(line.split(whereSeparator: { $0 == " " || $0 == "\t" })[1]))
  }

  /// Its time on the processor, in hundredths of a second.
  func processorTicks() throws -> Int {
    let fields = try #require(textOfFile("/proc/\(shim.process)/stat")).split(separator: " ")
    return try #require(Int(fields[13])) + (try #require(Int(fields[14])))
  }
}

extension Connection {
  /// Writes until nothing is taken any more, and nothing moves either. Returns how much.
  func writeUntilBlocked() -> Int { Self.writeUntilBlocked([self]) }

  /// The same for many at once: at most 64 MiB each.
  @discardableResult
  static func writeUntilBlocked(_ connections: [Connection]) -> Int {
    for connection in connections { _ = cposix_set_nonblocking(connection.descriptor) }
    defer {
      for connection in connections {
        _ = fcntl(
          connection.descriptor, F_SETFL, fcntl(connection.descriptor, F_GETFL) & ~O_NONBLOCK)
      }
    }
    let block = [UInt8](repeating: 0x61, count: 64 << 10)
    var written = 0
    while written < (64 << 20) * connections.count {
      var polled = connections.map {
        pollfd(fd: $0.descriptor, events: Int16(POLLOUT), revents: 0)
      }
      if poll(&polled, nfds_t(polled.count), 200) <= 0 { break }
      for ready in polled where ready.revents != 0 {
        written += max(0, Glibc.send(ready.fd, block, block.count, Int32(MSG_NOSIGNAL)))
      }
    }
    return written
  }
}
