import AGSTestSupport
import Glibc
import NIOCore
import Synchronization
import SystemPackage
import Testing

@testable import AGSLib

/// Clients of the filter that are slow, endless or gone, and agents that are odd.
@Suite struct SSHFilterClientTests {
  private let key = SSHFilter.Key(name: "auth_key", blob: Array("blob".utf8))
  private let sign: [UInt8] = SSHWireReader.encoded(
    [SSHAgentMessage.signRequest] + SSHWireReader.encoded(Array("blob".utf8))
      + SSHWireReader.encoded([1, 2, 3]) + SSHWireReader.number(0))

  private func with<Result>(
    answering answer: ScriptedAgent.Answer, connections: Int = 256, patience: Int64 = 10_000,
    _ body: (FilePath, RecordedAudit) async throws -> Result
  ) async throws -> Result {
    try await withTemporaryDirectory { root in
      let (client, agent) = try ScriptedAgent.client(in: root, answering: answer)
      defer { agent.stop() }
      let audit = RecordedAudit()
      let socket = root.appending("ssh.sock")
      return try await SSHFilterFixture.serve(
        at: socket, agent: client, keys: [key], audit: audit, connections: connections,
        messagePatience: .milliseconds(patience)
      ) { _ in try await body(socket, audit) }
    }
  }

  @Test func oddAnswersOfTheAgentAreFailures() async throws {
    for answer in [
      [], [SSHAgentMessage.success], [SSHAgentMessage.failure], [14], [14, 0, 0, 0, 9, 1],
      [14] + SSHWireReader.encoded([1]) + [0], [12, 0, 0, 0, 0],
    ] as [[UInt8]] {
      try await with(answering: .bytes(ScriptedAgent.framed(answer))) { socket, audit in
        let connection = try await TestConnection.toSocket(socket)
        try await connection.send(sign)
        #expect(try await SSHFilterFixture.answer(of: connection) == [SSHAgentMessage.failure])
        #expect(audit.events.isEmpty)
        connection.close()
      }
    }
  }

  @Test func requestReachesTheAgentAsItWasUnderstood() async throws {
    let answer = [14] + SSHWireReader.encoded(Array("signature".utf8))
    try await with(answering: .bytes(ScriptedAgent.framed(answer))) { socket, audit in
      let connection = try await TestConnection.toSocket(socket)
      // In drops, and its end before the answer.
      for byte in sign { try await connection.send([byte]) }
      try await connection.closeOutput()
      #expect(try await SSHFilterFixture.answer(of: connection) == answer)
      try await eventually { connection.hasEnded }
      #expect(audit.events.count == 1)
    }
  }

  @Test func oversizeEmptyAndSlowMessagesEndTheirConnectionOnly() async throws {
    try await with(answering: .silence, patience: 200) { socket, _ in
      let idle = try await TestConnection.toSocket(socket)
      for bytes in [
        [0, 0, 0, 0], [0, 4, 0, 1], [0xff, 0xff, 0xff, 0xff], [0x7f, 0, 0, 0, 1], [0, 0, 0, 9, 1],
        [0],
      ] as [[UInt8]] {
        let connection = try await TestConnection.toSocket(socket)
        try await connection.send(bytes)
        #expect(try await connection.whole().isEmpty)
      }
      // One that has said nothing yet is served.
      try await idle.send(SSHWireReader.encoded([99]))
      #expect(try await SSHFilterFixture.answer(of: idle) == [SSHAgentMessage.failure])
      idle.close()
    }
  }

  @Test func manyRequestsAtOnceAreAnsweredInTheirOrder() async throws {
    try await with(answering: .silence) { socket, _ in
      let connection = try await TestConnection.toSocket(socket)
      let count = 2000
      let one = SSHWireReader.encoded([SSHAgentMessage.removeAllIdentities])
      try await connection.send(Array(repeating: one, count: count).flatMap(\.self))
      let failures = Array(
        repeating: SSHWireReader.encoded([SSHAgentMessage.failure]), count: count)
      try await eventually { connection.received == failures.flatMap(\.self) }
      connection.close()
    }
  }

  @Test func connectionsAreLimited() async throws {
    try await with(answering: .silence, connections: 2) { socket, _ in
      let first = try await TestConnection.toSocket(socket)
      let second = try await TestConnection.toSocket(socket)
      for connection in [first, second] {
        try await connection.send(SSHWireReader.encoded([99]))
        #expect(try await SSHFilterFixture.answer(of: connection) == [SSHAgentMessage.failure])
      }
      let third = try await TestConnection.toSocket(socket)
      #expect(try await third.whole().isEmpty)
      first.close()
      try await eventually {
        let next = try await TestConnection.toSocket(socket)
        defer { next.close() }
        do {
          try await next.send(SSHWireReader.encoded([99]))
        } catch {
          // There is no room yet: it was closed before it could ask.
          return false
        }
        try await eventually { next.hasEnded || !next.received.isEmpty }
        return !next.received.isEmpty
      }
      second.close()
    }
  }

  /// Four silent agents' worth of requests: whoever is not waiting for the agent is served.
  @Test func agentThatIsSilentHoldsUpNobodyElse() async throws {
    try await with(answering: .silence) { socket, _ in
      var stuck: [TestConnection] = []
      for _ in 0..<6 {
        let connection = try await TestConnection.toSocket(socket)
        try await connection.send(sign)
        stuck.append(connection)
      }
      let other = try await TestConnection.toSocket(socket)
      try await other.send(SSHWireReader.encoded([99]))
      #expect(try await SSHFilterFixture.answer(of: other) == [SSHAgentMessage.failure])
      #expect(stuck.allSatisfy { !$0.hasEnded })
      for connection in stuck + [other] { connection.close() }
    }
  }

  @Test func purposeOfASignatureIsReadFromWhatIsSigned() {
    func login(_ user: [UInt8], service: String = "ssh-connection") -> [UInt8] {
      SSHWireReader.encoded([1, 2]) + [50] + SSHWireReader.encoded(user)
        + SSHWireReader.encoded(Array(service.utf8))
        + SSHWireReader.encoded(Array("publickey-hostbound-v00@openssh.com".utf8)) + [1]
    }
    func file(_ namespace: [UInt8]) -> [UInt8] {
      Array("SSHSIG".utf8) + SSHWireReader.encoded(namespace) + [0, 0]
    }
    #expect(SSHSignedData.facts(login(Array("git".utf8))) == ["for": "login", "user": "git"])
    #expect(
      SSHSignedData.facts(file(Array("a\u{1b}[2J".utf8)))
        == ["for": "signature", "namespace": "a\\u{1B}[2J"])
    let long = SSHSignedData.facts(file(Array(repeating: 0x61, count: 5000)))
    #expect(long["namespace"]?.count == 64)
    for data in [
      [], Array("SSHSIG".utf8), Array("SSHSIG".utf8) + [0, 0, 1], login([1], service: "x"),
      Array(login([1]).prefix(9)),
    ] {
      #expect(SSHSignedData.facts(data) == ["for": "unknown"])
    }
  }

  /// Whatever the bytes are, they are one of the two requests or none.
  @Test(arguments: 1...4)
  func mutatedMessagesAreReadOrRefused(seed: Int) {
    var generator = SeededNumbers(seed: seed)
    let base = Array(sign.dropFirst(4))
    for _ in 0..<5000 {
      var bytes = base
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let start = Int.random(in: 0...bytes.count, using: &generator)
        let end = min(bytes.count, start + Int.random(in: 0...4, using: &generator))
        let more = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
          [0, 1, 2, 4, 11, 13, 255].randomElement(using: &generator) ?? 0 as UInt8
        }
        bytes.replaceSubrange(start..<end, with: more)
      }
      if let request = SSHFilterRequest(bytes) { #expect(request.encoded == bytes) }
      _ = SSHSignedData.facts(bytes)
    }
  }
}
