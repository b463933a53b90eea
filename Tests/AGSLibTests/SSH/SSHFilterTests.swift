import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// The filter before a real ssh-agent, with the programs of OpenSSH as its clients.
@Suite struct SSHFilterTests {
  @Test func onlyTheTwoKeysAreListed() async throws {
    try await SSHFilterFixture.with { fixture in
      // What a sandbox of an older version may have put there.
      try await fixture.addForeignKey()
      #expect(try fixture.agentClient.identities().count == 3)
      let listed = try await fixture.run("ssh-add", ["-L"])
      #expect(listed.status == 0)
      let lines = listed.text.split(separator: "\n").map { String($0) }
      #expect(lines.count == 2)
      for key in fixture.keys { #expect(lines.contains { $0.hasPrefix(key.publicText) }) }
    }
  }

  @Test func signingWorksVerifiesAndIsRemembered() async throws {
    try await SSHFilterFixture.with { fixture in
      let file = fixture.root.appending("file")
      try write("text", to: file)
      let key = "\(fixture.keys[1].privateFile).pub"
      let signed = try await fixture.run(
        "ssh-keygen", ["-q", "-Y", "sign", "-n", "git", "-f", key, file.string])
      #expect(signed.status == 0, "\(signed.text)")
      let checked = try await fixture.run(
        "ssh-keygen",
        ["-Y", "check-novalidate", "-n", "git", "-f", key, "-s", "\(file).sig"], input: file)
      #expect(checked.status == 0 && checked.text.hasPrefix("Good \"git\" signature"))
      #expect(
        fixture.audit.events == [
          AuditEvent("signature", ["key": "sign_key", "for": "signature", "namespace": "git"])
        ])
    }
  }

  /// 6-security 16b.
  @Test func nothingElseReachesTheAgent() async throws {
    try await SSHFilterFixture.with { fixture in
      try await fixture.makeKey("new")
      let before = try fixture.agentClient.identities()
      let passphrase = fixture.root.appending("word")
      try write("word\nword\n", to: passphrase)
      for arguments in [
        ["-q", fixture.root.appending("new").string], ["-D"],
        ["-d", "\(fixture.keys[0].privateFile).pub"], ["-s", "/usr/lib/x.so"],
        ["-e", "/usr/lib/x.so"],
      ] {
        let result = try await fixture.run("ssh-add", arguments)
        #expect(result.status != 0, "\(arguments)")
      }
      let extra: [UInt8] = SSHWireReader.encoded(Array("word".utf8))
      for type in UInt8.min...UInt8.max where type != SSHAgentMessage.requestIdentities {
        for body in [[], extra, extra + extra, extra + extra + [0, 0, 0, 0]] as [[UInt8]] {
          let answer = try await fixture.exchange([type] + body)
          #expect(answer == [SSHAgentMessage.failure], "\(type)")
        }
      }
      #expect(try await fixture.exchange([11, 0]) == [SSHAgentMessage.failure])
      #expect(try fixture.agentClient.identities() == before)
      #expect(fixture.audit.events.isEmpty)
    }
  }

  @Test func signaturesAreExactRequestsForOneOfTheKeys() async throws {
    try await SSHFilterFixture.with { fixture in
      let foreign = try await fixture.addForeignKey()
      let blob = fixture.keys[0].identity.blob
      func request(_ blob: [UInt8], _ flags: Int, more: [UInt8] = []) -> [UInt8] {
        [SSHAgentMessage.signRequest] + SSHWireReader.encoded(blob)
          + SSHWireReader.encoded(Array("data".utf8)) + SSHWireReader.number(flags) + more
      }
      for flags in [0, 2, 4] {
        let answer = try await fixture.exchange(request(blob, flags))
        #expect(answer.first == SSHAgentMessage.signResponse, "\(flags)")
      }
      #expect(
        fixture.audit.events
          == Array(
            repeating: AuditEvent("signature", ["key": "auth_key", "for": "unknown"]), count: 3))
      for refused in [
        request(foreign, 0), request([], 0), request(blob, 1), request(blob, 6),
        request(blob, 8), request(blob, 1 << 31), request(blob, 0, more: [0]),
        request(blob.dropLast(), 0), request(blob + [0], 0), request(blob, 0).dropLast(),
      ] {
        #expect(try await fixture.exchange(refused) == [SSHAgentMessage.failure])
      }
      #expect(fixture.audit.events.count == 3)
    }
  }

  @Test func agentThatIsGoneIsAFailureUntilItIsBack() async throws {
    try await SSHFilterFixture.with { fixture in
      #expect(fixture.agent.endRunning())
      #expect(try await fixture.exchange([11]) == [SSHAgentMessage.failure])
      try await fixture.startAgent()
      #expect(try await fixture.exchange([11]).first == SSHAgentMessage.identitiesAnswer)
    }
  }
}
