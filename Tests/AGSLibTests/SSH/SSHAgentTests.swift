import AGSTestSupport
import Glibc
import Synchronization
import SystemPackage
import Testing

@testable import AGSLib

/// The agent of ags' own, with the real ssh-agent and ssh-add.
@Suite struct SSHAgentTests {
  @Test func firstRunStartsItAndLaterOnesStartNothing() async throws {
    try await AgentFixture.with { fixture in
      let keys = try await fixture.bothKeys()
      try await fixture.makeReady(keys, fixture.agent())
      let first = try fixture.processID()
      let blobs = try fixture.agent().client.identities().map(\.blob)
      #expect(blobs == keys.map(\.identity.blob))
      #expect(mode(of: SSHAgent.directory(in: fixture.cache)) == 0o700)

      // This runner fails the test when it is asked for anything.
      try await fixture.makeReady(keys, fixture.agent(UntouchableRunner()))
      #expect(try fixture.processID() == first)
    }
  }

  @Test func manyFirstRunsAtOnceStartOneAgent() async throws {
    try await AgentFixture.with { fixture in
      let keys = try await fixture.bothKeys()
      let copy = fixture
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<6 { group.addTask { try await copy.makeReady(keys, copy.agent()) } }
        try await group.waitForAll()
      }
      #expect(try fixture.agent().client.identities().count == 2)
      #expect(fixture.runningAgents().count == 1)
    }
  }

  /// Longer than a socket's address can be.
  @Test func longCacheDirectoryWorks() async throws {
    try await AgentFixture.with { fixture in
      fixture.cache = fixture.root.appending(String(repeating: "long/", count: 40))
      let keys = try await fixture.bothKeys()
      try await fixture.makeReady(keys, fixture.agent())
      #expect(try fixture.agent().client.identities().count == 2)
    }
  }

  @Test func staleSocketIsReplacedAndAForeignProcessLeftAlone() async throws {
    try await AgentFixture.with { fixture in
      let keys = try await fixture.bothKeys()
      let directory = SSHAgent.directory(in: fixture.cache)
      try makeDirectory(directory)
      #expect(chmod(directory.string, 0o700) == 0)
      try ScriptedAgent(in: directory).stop()
      // Ours, and no agent: whoever got the number since.
      let other = try AttachedProcess.spawn(
        "/bin/sleep", arguments: ["60"], environment: [:], passing: [])
      defer {
        other.send(SIGKILL)
        _ = other.reap()
      }
      for text in ["\(other.pid) x.sock", "1 x.sock", "\(other.pid)", "-1 60", "x y z", ""] {
        try write(text + "\n", to: directory.appending("pid"))
        #expect(!fixture.agent().endRunning(), "\(text)")
      }
      try await fixture.makeReady(keys, fixture.agent())
      #expect(try fixture.agent().client.identities().count == 2)
      #expect(kill(other.pid, 0) == 0)
      #expect(try fixture.processID() != other.pid)
    }
  }

  @Test func killedAgentIsReplaced() async throws {
    try await AgentFixture.with { fixture in
      let keys = try await fixture.bothKeys()
      try await fixture.makeReady(keys, fixture.agent())
      let first = try fixture.processID()
      #expect(fixture.agent().endRunning())
      try await fixture.makeReady(keys, fixture.agent())
      #expect(try fixture.processID() != first)
      #expect(fixture.runningAgents().count == 1)
    }
  }

  @Test func keysThatAreNotOursAreRemovedAndNamed() async throws {
    try await AgentFixture.with { fixture in
      let keys = try await fixture.bothKeys()
      let old = try await fixture.key(.signing, "replaced")
      try await fixture.makeReady([keys[0], old], fixture.agent())
      let warnings = Warnings()
      try await fixture.makeReady(keys, fixture.agent(warning: { warnings.add($0) }))
      #expect(try fixture.agent().client.identities().map(\.blob) == keys.map(\.identity.blob))
      #expect(warnings.all.count == 1 && warnings.all[0].hasSuffix("sign_key: replaced"))
    }
  }

  /// What reaches the agent itself can lock it with a word nobody knows.
  @Test func lockedAgentIsReplaced() async throws {
    try await AgentFixture.with { fixture in
      let keys = try await fixture.bothKeys()
      try await fixture.makeReady(keys, fixture.agent())
      let first = try #require(try fixture.processID())
      let lock: [UInt8] = [22] + SSHWireReader.encoded(Array("a word".utf8))
      #expect(try fixture.agent().client.exchange(lock) == [SSHAgentMessage.success])
      #expect(try fixture.agent().client.identities().isEmpty)
      let warnings = Warnings()
      try await fixture.makeReady(keys, fixture.agent(warning: { warnings.add($0) }))
      #expect(try fixture.agent().client.identities().count == 2)
      #expect(warnings.all == ["ags' ssh agent was locked, so another one is started"])
      #expect(fixture.runningAgents().map(\.processID) == [try fixture.processID()])
      #expect(try fixture.processID() != first)
    }
  }

  @Test func passphraseWithoutATerminalIsAnErrorAndAsksNobody() async throws {
    try await AgentFixture.with { fixture in
      let keys = [
        try await fixture.key(.authentication, "auth"),
        try await fixture.key(.signing, "sign", passphrase: "secret"),
      ]
      fixture.host.environment["DISPLAY"] = ":77"
      fixture.host.environment["SSH_ASKPASS"] = fixture.root.appending("ask").string
      fixture.host.environment["SSH_ASKPASS_REQUIRE"] = "force"
      let agent = fixture.agent()
      let error = await #expect(throws: SSHError.self) { try await agent.prepare(keys) }
      #expect(error?.summary.contains("\(keys[1].privateFile) has a passphrase") == true)
      #expect(error?.hint?.contains("ssh-add \(keys[1].privateFile)") == true)

      // A key that turns out to need one is not asked for either.
      var hidden = keys[1]
      hidden.hasPassphrase = false
      await #expect(throws: SSHError.self) { try await agent.load([hidden]) }
      #expect(try agent.client.identities().isEmpty)
    }
  }

  @Test func publicHalfOfAnotherKeyIsAnError() async throws {
    try await AgentFixture.with { fixture in
      let path = try await fixture.makeKey("auth")
      let other = try await fixture.makeKey("other")
      try write(try read(FilePath("\(other).pub")), to: FilePath("\(path).pub"))
      let key = try #require(try SSHKey.find(.authentication, at: path))
      let copy = fixture
      let error = await #expect(throws: SSHError.self) {
        try await copy.makeReady([key], copy.agent())
      }
      #expect(error?.summary.contains("is not the public half of \(path)") == true)
    }
  }

  @Test func directoryOpenToOthersIsRefused() async throws {
    try await AgentFixture.with { fixture in
      let keys = try await fixture.bothKeys()
      let directory = SSHAgent.directory(in: fixture.cache)
      try makeDirectory(directory)
      #expect(chmod(directory.string, 0o755) == 0)
      let agent = fixture.agent(UntouchableRunner())
      await #expect(throws: DirectoryError.self) { try await agent.prepare(keys) }
    }
  }

  @Test func garbledAnswerIsAnErrorAndStartsNothing() async throws {
    try await AgentFixture.with { fixture in
      let keys = try await fixture.bothKeys()
      let directory = SSHAgent.directory(in: fixture.cache)
      try makeDirectory(directory)
      #expect(chmod(directory.string, 0o700) == 0)
      let (_, server) = try ScriptedAgent.client(
        in: directory, answering: .bytes(ScriptedAgent.framed([99])))
      defer { server.stop() }
      let agent = fixture.agent(UntouchableRunner())
      await #expect(throws: SSHAgentProblem.self) { try await agent.prepare(keys) }
    }
  }
}
