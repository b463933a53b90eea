import AGSTestSupport
import Testing

/// The environment itself: when these fail, nothing below them says anything.
@Suite struct EnvironmentTests {
  let fixture: SandboxFixture

  init() throws { fixture = try SandboxFixture() }

  @Test func programsRunAsTheFixtureUser() async throws {
    let outcome = try await fixture.call("id", ["-u"]).run()
    #expect(outcome.lines == ["\(fixture.userID)"])
  }

  @Test func podmanIsRootlessAndHasTheImages() async throws {
    let rootless = try await fixture.podman("info", "--format", "{{.Host.Security.Rootless}}")
    #expect(rootless.lines == ["true"])
    for image in [fixture.image, fixture.busyboxImage] {
      #expect(try await fixture.podman("image", "exists", image).status == 0)
    }
  }

  @Test func keyringIsUnlocked() async throws {
    let outcome = try await fixture.call("secret-tool", ["lookup", "ags-e2e", "ready"]).run()
    #expect(outcome.standardOutput == "ready\n")
  }

  @Test func programThatTakesTooLongIsKilled() async throws {
    let outcome = try await fixture.call("sleep", ["60"], timeLimit: .milliseconds(200)).run()
    #expect(outcome.timedOut)
    #expect(outcome.ending == .signalled(9))
  }

  @Test func processIDIsTheProgramsOwn() async throws {
    let outcome = try await fixture.call("sleep", ["60"], timeLimit: .seconds(20)).run {
      // The identity is changed first, and only then is it `sleep` that can be ended so.
      try await Task.sleep(for: .milliseconds(300))
      $0.send(15)
    }
    #expect(outcome.ending == .signalled(15))
    #expect(!outcome.timedOut)
  }

  @Test func terminalIsTheProgramsControllingOne() async throws {
    let call = fixture.call("/bin/sh", ["-c", "stty size; read line; echo got $line >/dev/tty"])
    let outcome = try await TerminalSession.run(call, of: fixture, rows: 31, columns: 97) {
      session, _ in
      try await session.expect("31 97")
      session.type("this\r")
      try await session.expect("got this")
    }
    #expect(outcome.ending == .exited(0))
  }

  @Test func repositoryHasOneCommitOfTheFixtureUser() async throws {
    try await withRepository(fixture, named: "a, \"b\" c") { path in
      let log = try await fixture.call("git", ["log", "--format=%s"], in: path).run()
      #expect(log.lines == ["first commit"])
    }
  }
}
