import AGSTestSupport
import SystemPackage
import Testing

extension EndToEnd {
  /// 3-run "Exit status".
  @Suite struct StatusTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    @Test(arguments: [
      ("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("no-such-command", 127), ("/etc", 126),
      ("kill -TERM $$", 143), ("kill -KILL $$", 137),
    ])
    func statusIsTheAgents(script: String, status: Int) async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(script, in: path)
        #expect(outcome.ending == .exited(Int32(status)), "\(outcome)")
      }
    }

    @Test(arguments: [
      ["--no-such-flag"], ["--agent"], ["--agent", "nobody"], [],
      ["--agent", "shell", "--stop-when-done"], ["--agent", "shell", "--psp-keep"],
      ["--agent", "shell", "--lockdown", "--root"],
      ["--agent", "shell", "--config", "/no/such/file.toml"],
      ["--agent", "shell", "--add-dir", "/no/such/directory"],
      ["--agent", "shell", "--add-dir", "/"],
      ["plan", "--agent", "shell", "--format", "xml"],
    ])
    func wrongUsageEndsWithTwoAndOneErrorOnly(arguments: [String]) async throws {
      try await withRepository(fixture) { path in
        let ags = fixture.programs.appending("ags").string
        let outcome = try await fixture.call(ags, arguments, in: path).run()
        #expect(outcome.ending == .exited(2), "\(outcome)")
        #expect(outcome.standardOutput == "")
        #expect(outcome.standardError != "")
      }
    }

    @Test func workspaceThatMayNotBeMountedIsRefusedWithAHint() async throws {
      let outcome = try await fixture.sandbox("true", in: fixture.home)
      #expect(outcome.ending == .exited(2), "\(outcome)")
      #expect(outcome.standardError.contains(fixture.home.string))
      #expect(outcome.standardError.contains("hint: "))
    }

    @Test func helpNeedsNothing() async throws {
      let outcome = try await fixture.call(
        fixture.programs.appending("ags").string, ["--help"],
        adding: ["HOME": "/nonexistent", "XDG_RUNTIME_DIR": nil, "PATH": "/nonexistent:/usr/bin"]
      ).run()
      #expect(outcome.ending == .exited(0), "\(outcome)")
      #expect(outcome.standardOutput.contains("USAGE: ags"))
    }
  }
}
