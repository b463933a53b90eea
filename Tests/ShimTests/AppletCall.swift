import AGSWire
import Glibc
import Testing

/// One call of an applet under a name of its own, with a host that a test plays.
final class AppletCall {
  let host: ScriptedHost
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    host = try ScriptedHost(at: "\(directory.path)/channel.sock")
  }

  func start(
    _ name: String, _ words: [String], environment: [String] = []
  ) throws -> ShimProcess {
    symlink(ShimProcess.binary, "\(directory.path)/\(name)")
    return try ShimProcess(
      arguments: ["\(directory.path)/\(name)"] + words,
      environment: [
        "\(GuestVariable.authProxySocket)=\(host.path)",
        "\(GuestVariable.webviewRelaySocket)=\(host.path)",
      ] + environment)
  }

  /// A call to which the host answers with these bytes and closes.
  func run(
    _ name: String, _ words: [String], answer: [UInt8]
  ) throws -> (request: ChannelRequest, status: Int32?, output: String) {
    let shim = try start(name, words)
    let request: ChannelRequest
    do {
      let (asked, connection) = try host.request()
      request = asked
      connection.send(answer)
    }
    return (request, shim.wait(), shim.read())
  }

  /// A call of which the host must hear nothing.
  func refuse(
    _ name: String, _ words: [String], environment: [String] = []
  ) throws -> (status: Int32?, output: String) {
    let shim = try start(name, words, environment: environment)
    let result = (shim.wait(), shim.read())
    #expect(!host.hasVisitor(within: 0))
    return result
  }
}
