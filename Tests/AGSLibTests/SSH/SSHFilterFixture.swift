import AGSTestSupport
import FoundationEssentials
import NIOCore
import NIOPosix
import SystemPackage

@testable import AGSLib

/// A filter before a real agent with two keys.
struct SSHFilterFixture {
  let base: AgentFixture
  let keys: [SSHKey]
  let audit = RecordedAudit()
  var root: FilePath { base.root }
  var socket: FilePath { root.appending("ssh.sock") }
  var agent: SSHAgent { base.agent() }
  var agentClient: SSHAgentClient { agent.client }

  static func with<Result>(_ body: (SSHFilterFixture) async throws -> Result) async throws
    -> Result
  {
    try await AgentFixture.with { base in
      let fixture = SSHFilterFixture(base: base, keys: try await base.bothKeys())
      try await fixture.startAgent()
      let rules = fixture.keys.map { SSHFilter.Key(name: $0.role.rawValue, blob: $0.identity.blob) }
      return try await Self.serve(
        at: fixture.socket, agent: fixture.agentClient, keys: rules, audit: fixture.audit
      ) { _ in try await body(fixture) }
    }
  }

  /// A filter on an event loop of its own.
  static func serve<Result>(
    at socket: FilePath, agent: SSHAgentClient, keys: [SSHFilter.Key], audit: RecordedAudit,
    connections: Int = 256, messagePatience: TimeAmount = .seconds(10),
    _ body: (SSHFilter) async throws -> Result
  ) async throws -> Result {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let filter = SSHFilter(on: loop, agent: agent, keys: keys, audit: audit)
    let limits = try await loop.submit {
      NIOLoopBound(ConnectionLimits(maximum: connections), eventLoop: loop)
    }.get()
    try await filter.listen(
      at: socket, mode: 0o600, limits: limits, messagePatience: messagePatience)
    let result: Result
    do {
      result = try await body(filter)
    } catch {
      await filter.close()
      try await group.shutdownGracefully()
      throw error
    }
    await filter.close()
    try await group.shutdownGracefully()
    return result
  }

  func startAgent() async throws { try await base.makeReady(keys, agent) }

  func makeKey(_ name: String) async throws { try await base.makeKey(name) }

  /// Puts a third key into the agent, past the filter.
  @discardableResult
  func addForeignKey() async throws -> [UInt8] {
    let path = try await base.makeKey("foreign")
    try await ProgramCall(
      program: "/usr/bin/ssh-add", arguments: ["-q", path.string],
      environment: [
        "SSH_AUTH_SOCK": SSHAgent.directory(in: base.cache).appending(SSHAgent.socketName).string
      ], directory: root
    ).runOrThrow()
    guard let key = try SSHKey.find(.signing, at: path) else { throw NeverHappened() }
    return key.identity.blob
  }

  /// A program of OpenSSH that knows the filter only.
  func run(
    _ program: String, _ arguments: [String], input: FilePath? = nil
  ) async throws -> (status: Int32, text: String) {
    let result = try await SubprocessRunner().run(
      Command(
        executable: FilePath("/usr/bin/\(program)"), arguments: arguments,
        environment: [
          "SSH_AUTH_SOCK": socket.string, "HOME": root.string, "SSH_ASKPASS_REQUIRE": "never",
        ], workingDirectory: root,
        input: try input.map { Array(try read($0).utf8) } ?? [], timeout: .seconds(60)))
    return (
      result.status.shellStatus,
      String(decoding: result.standardOutput + result.standardError, as: UTF8.self)
    )
  }

  /// One request as it goes over the socket.
  func exchange(_ message: some Collection<UInt8>) async throws -> [UInt8] {
    let connection = try await TestConnection.toSocket(socket)
    defer { connection.close() }
    try await connection.send(SSHWireReader.encoded(Array(message)))
    return try await Self.answer(of: connection)
  }

  /// The next whole answer; the connection had none before.
  static func answer(of connection: TestConnection) async throws -> [UInt8] {
    try await eventually {
      var reader = SSHWireReader(connection.received)
      return (try? reader.string()) != nil
    }
    var reader = SSHWireReader(connection.received)
    return try reader.string()
  }
}
