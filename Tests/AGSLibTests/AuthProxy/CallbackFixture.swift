import NIOCore
import NIOPosix

@testable import AGSLib

/// A callback server on an event loop of its own, a sandbox, and one port.
struct CallbackFixture {
  let loop: any EventLoop
  let sandbox: ScriptedSandbox
  let audit = RecordedAudit()
  let server: CallbackServer
  let port = freePort()

  static func with<Result>(
    _ limits: CallbackServer.Limits = .init(afterAnswer: .milliseconds(100)),
    _ body: (CallbackFixture) async throws -> Result
  ) async throws -> Result {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let fixture = CallbackFixture(on: group.next(), limits)
    let result: Result
    do {
      result = try await body(fixture)
    } catch {
      await fixture.server.close()
      try await group.shutdownGracefully()
      throw error
    }
    await fixture.server.close()
    try await group.shutdownGracefully()
    return result
  }

  private init(on loop: any EventLoop, _ limits: CallbackServer.Limits) {
    self.loop = loop
    sandbox = ScriptedSandbox(on: loop)
    server = CallbackServer(on: loop, dialing: sandbox, audit: audit, limits: limits)
  }

  func target(state: String? = "right", port: UInt16? = nil) throws -> CallbackTarget {
    let redirect = "redirect_uri=http://localhost:\(port ?? self.port)/auth/callback"
    let url = "https://login.example/?\(redirect)\(state.map { "&state=\($0)" } ?? "")"
    guard let target = CallbackTarget(of: try CheckedURL(url)) else { throw NeverHappened() }
    return target
  }

  func request(_ target: String = "/auth/callback?code=1&state=right", more: String = "") -> String
  {
    "GET \(target) HTTP/1.1\r\nHost: localhost:\(port)\r\n\(more)\r\n"
  }

  /// One request on a connection of its own, and all that comes back.
  func answer(to request: String, host: String = "127.0.0.1") async throws -> String {
    let connection = try await TestConnection.toPort(port, host: host)
    defer { connection.close() }
    try await connection.send(request)
    return try await connection.whole()
  }

  /// Nobody has the port any more.
  func waitForRelease() async throws {
    let port = port
    try await eventually {
      guard let holder = PortHolder(port, host: "127.0.0.1", shares: true) else { return false }
      holder.close()
      return true
    }
  }

  /// Answers each connection once, with a status and what it got.
  func helloServer() async throws -> AgentServer {
    let agent = try await AgentServer { received in
      if received.text.contains("\r\n\r\n") {
        received.finish("HTTP/1.1 200 Fine\r\nConnection: close\r\n\r\nhello")
      }
    }
    sandbox.serve(port, by: agent)
    return agent
  }
}
