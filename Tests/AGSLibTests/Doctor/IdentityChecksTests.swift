import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// `ags doctor` on keys, the ssh agent and git's settings.
@Suite struct IdentityChecksTests {
  private func findings(_ fixture: AgentFixture, _ sandbox: SandboxSection) async throws
    -> [String: Finding.Status]
  {
    let ssh = try await SSHCheck(
      observing: fixture.host, sandbox: sandbox, runner: UntouchableRunner()
    ).findings
    let git = try GitCheck(observing: fixture.host, sandbox: sandbox).findings
    return Dictionary(uniqueKeysWithValues: (ssh + git).map { ($0.id, $0.status) })
  }

  @Test func eachStateHasItsFinding() async throws {
    try await AgentFixture.with { fixture in
      var sandbox = SandboxSection(home: fixture.root)
      sandbox.cacheDirectory = fixture.cache
      sandbox.authKey = fixture.root.appending("auth")
      sandbox.signKey = fixture.root.appending("sign")
      #expect(
        try await findings(fixture, sandbox) == [
          "ssh.auth_key": .warn, "ssh.sign_key": .warn, "ssh.agent": .ok, "git.user": .warn,
          "git.configuration": .ok,
        ])
      let keys = try await fixture.bothKeys()
      try write(
        "[user]\nname = Ada\nemail = ada@example.org\n", to: fixture.root.appending(".gitconfig"))
      let fine = try await findings(fixture, sandbox)
      #expect(fine.count == 5 && fine.values.allSatisfy { $0 == .ok })

      try await fixture.makeReady(keys, fixture.agent())
      #expect(try await findings(fixture, sandbox)["ssh.agent"] == .ok)
      #expect(chmod(sandbox.signKey.string, 0o644) == 0)
      let open = try await findings(fixture, sandbox)
      #expect(open["ssh.sign_key"] == .fail)
      // Without the signing key the agent holds one too many.
      #expect(open["ssh.agent"] == .warn)
      fixture.host.environment["PATH"] = fixture.root.string
      #expect(try await findings(fixture, sandbox)["ssh.agent"] == .fail)
    }
  }
}
