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

    @Test(arguments: [("claude", "(Claude Code)"), ("codex", "codex-cli ")])
    func eachRunsByItsName(agent: String, says: String) async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.ags("--agent", agent, "--", "--version", in: path)
        #expect(outcome.status == 0 && outcome.lines.count == 1, "\(outcome)")
        #expect(outcome.standardOutput.contains(says), "\(outcome)")
      }
    }

    @Test func agentThatIsNotInstalledIsSaidBeforeAnyContainer() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.ags("--agent", "gemini", in: path)
        #expect(outcome.status == 2, "\(outcome)")
        #expect(outcome.standardError.contains("agent gemini is not installed"), "\(outcome)")
        #expect(outcome.standardError.contains("hint: ags update-agents gemini"), "\(outcome)")
        // The label of an image counts as much.
        let image = "localhost/ags-e2e-labelled:latest"
        try await fixture.call(
          "podman", ["build", "--quiet", "--tag", image, "-"],
          input: """
            FROM \(fixture.image)
            LABEL io.ags.contents="gemini"
            USER root
            RUN printf '#!/bin/sh\\necho made gemini\\n' >/usr/local/bin/gemini && \
              chmod 755 /usr/local/bin/gemini
            USER dev

            """
        ).runOrThrow()
        let flags = try await fixture.configuration(
          "[sandbox]\nimage = \"\(image)\"\n", beside: path)
        let labelled = try await fixture.ags("--agent", "gemini", flags[0], flags[1], in: path)
        #expect(labelled.lines == ["made gemini"], "\(labelled)")
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
