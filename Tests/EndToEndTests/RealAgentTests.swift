import AGSTestSupport
import SystemPackage
import Testing

extension EndToEnd {
  /// The real Claude Code and Codex, as `ags update-agents` installed them from their wheels
  /// (scripts/test-agents).
  @Suite struct RealAgentTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    @Test func bothAnswerFromTheReadOnlyInstallation() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          """
          command -v claude codex; claude --version; codex --version
          : >/opt/ags/agents/x || : >"$(readlink -f "$(command -v codex)")"
          """, in: path)
        #expect(
          outcome.lines.prefix(2) == ["/opt/ags/agents/bin/claude", "/opt/ags/agents/bin/codex"])
        #expect(outcome.lines.count == 4, "\(outcome)")
        #expect(outcome.lines[2].hasSuffix("(Claude Code)"), "\(outcome)")
        #expect(outcome.lines[3].hasPrefix("codex-cli "), "\(outcome)")
        #expect(outcome.standardError.contains("Read-only file system"), "\(outcome)")
      }
    }

    @Test func doctorNamesThemWithoutStartingAnything() async throws {
      let outcome = try await fixture.ags("doctor")
      #expect(outcome.standardOutput.contains("agent claude is installed: "), "\(outcome)")
      #expect(outcome.standardOutput.contains("(Claude Code), from wheel claude-agent-sdk"))
      #expect(outcome.standardOutput.contains("agent codex is installed: codex-cli "))
    }
  }
}
