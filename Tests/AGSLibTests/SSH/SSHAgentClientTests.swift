import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// Whatever answers where the agent should: nothing but a whole right answer is one.
@Suite struct SSHAgentClientTests {
  private static let two = [
    SSHIdentity(blob: Array("first key".utf8), comment: Array("one".utf8)),
    SSHIdentity(blob: Array("second".utf8), comment: []),
  ]

  private func problem(
    _ answer: ScriptedAgent.Answer, limit: Duration = .seconds(20)
  ) async throws -> SSHAgentProblem? {
    try await withTemporaryDirectory { directory in
      let (client, agent) = try ScriptedAgent.client(in: directory, answering: answer, limit: limit)
      defer { agent.stop() }
      do throws(SSHAgentProblem) {
        _ = try client.identities()
        return nil
      } catch {
        return error
      }
    }
  }

  @Test(arguments: [[], two]) func keysAreListed(keys: [SSHIdentity]) async throws {
    try await withTemporaryDirectory { directory in
      let answer = ScriptedAgent.framed(ScriptedAgent.listing(keys))
      for way in [ScriptedAgent.Answer.bytes(answer), .drip(answer)] {
        let (client, agent) = try ScriptedAgent.client(in: directory, answering: way)
        #expect(try client.identities() == keys)
        agent.stop()
        unlink(directory.appending(SSHAgent.socketName).string)
      }
    }
  }

  @Test func shortAnswersAreAnEndTooEarly() async throws {
    let whole = ScriptedAgent.framed(ScriptedAgent.listing(Self.two))
    for count in [0, 1, 3, 4, 5, whole.count - 1] {
      #expect(try await problem(.bytes(Array(whole.prefix(count)))) == .closedEarly, "\(count)")
    }
  }

  @Test func answerOfAnyLengthIsNotWaitedFor() async throws {
    #expect(try await problem(.bytes([0xff, 0xff, 0xff, 0xff])) == .tooLong(0xffff_ffff))
    let limit = SSHAgentClient.longestMessage
    #expect(
      try await problem(.bytes(SSHWireReader.number(limit + 1))) == .tooLong(limit + 1))
  }

  @Test(
    arguments: [
      [], [12], [12, 0, 0, 0], [12, 0, 0, 0, 1], [12, 0xff, 0xff, 0xff, 0xff],
      [12, 0, 0, 0, 1, 0, 0, 0, 9, 1, 0, 0, 0, 0], [12, 0, 0, 0, 1, 0, 0, 0, 1, 7],
      [12, 0, 0, 0, 0, 0], [6], [11, 0, 0, 0, 0],
    ] as [[UInt8]])
  func contradictionIsNoAnswer(body: [UInt8]) async throws {
    guard case .garbled = try await problem(.bytes(ScriptedAgent.framed(body))) else {
      Issue.record("\(body) was taken")
      return
    }
  }

  @Test func refusalIsOne() async throws {
    #expect(try await problem(.bytes(ScriptedAgent.framed([5]))) == .refused)
  }

  @Test func slowAnswersEndAtTheLimit() async throws {
    let limit = Duration.milliseconds(200)
    #expect(try await problem(.silence, limit: limit) == .slow(limit))
    // Each byte comes in time; all of them do not.
    let long = ScriptedAgent.framed([UInt8](repeating: 0, count: 4000))
    #expect(try await problem(.drip(long), limit: limit) == .slow(limit))
  }

  @Test func nobodyThereIsToldFromABadAnswer() async throws {
    try await withTemporaryDirectory { directory in
      let client = SSHAgentClient(directory: directory, name: SSHAgent.socketName)
      #expect(throws: SSHAgentProblem.absent) { try client.identities() }
      // A socket that nobody listens on any more.
      try ScriptedAgent(in: directory).stop()
      #expect(throws: SSHAgentProblem.absent) { try client.identities() }
      let gone = SSHAgentClient(directory: directory.appending("x"), name: "y")
      #expect(throws: SSHAgentProblem.absent) { try gone.identities() }
    }
  }

  @Test func noMutationOfAnAnswerIsACrash() {
    var random = SystemRandomNumberGenerator()
    let answer = ScriptedAgent.listing(Self.two)
    for _ in 0..<20_000 {
      var bytes = answer
      for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
          bytes[Int.random(in: bytes.indices, using: &random)] = .random(
            in: 0...255, using: &random)
        case 1: bytes.remove(at: Int.random(in: bytes.indices, using: &random))
        default:
          bytes.insert(
            .random(in: 0...255, using: &random),
            at: Int.random(in: bytes.indices, using: &random))
        }
      }
      do throws(SSHAgentProblem) {
        let found = try SSHIdentity.list(from: bytes)
        // What is taken is what was there, all of it.
        #expect(ScriptedAgent.listing(found) == bytes)
      } catch {
        continue
      }
    }
  }
}
