import AGSTestSupport
import FoundationEssentials
import SystemPackage
import Testing

extension EndToEnd {
  /// The real agents in lockdown: their login is there, the guard asks dcg, no hook, server
  /// or helper of the repository runs, and nothing is kept.
  @Suite struct LockdownSessionTests {
    private static let script: ModelFixture.Script = [
      "SCRIPTED": [
        .uses("Bash", ["command": "echo made-by-$((40 + 2))", "description": "x"]),
        .uses("Read", ["file_path": ModelFixture.guarded]), .says("all done"),
      ],
      "CODEX": [
        .uses("exec_command", ["cmd": "echo made-by-$((40 + 2))"]),
        .uses("view_image", ["path": ModelFixture.guarded]), .says("all done"),
      ],
    ]

    /// With a dcg that allows everything, root's alone.
    private func withImage(
      _ body: @escaping @Sendable (ModelFixture, String) async throws -> Void
    ) async throws {
      let image = "localhost/ags-e2e-dcg:latest"
      try await ModelFixture.with(Self.script) { model in
        try await model.sandbox.call(
          "podman", ["build", "--quiet", "--tag", image, "-"],
          input: """
            FROM \(model.sandbox.image)
            USER root
            RUN printf '#!/bin/sh\\ncat >/dev/null\\n' >/usr/local/bin/dcg && \
              chmod 755 /usr/local/bin/dcg
            USER dev

            """
        ).runOrThrow()
        try await body(model, image)
      }
    }

    /// Lets the fixture's configuration name another image.
    private func use(_ image: String, in model: ModelFixture) async throws {
      try await model.sandbox.shell(
        "sed -i 's|^\\[sandbox\\]|&\\nimage = \"\(image)\"|' config.toml", in: model.folder)
    }

    /// A login that Claude Code keeps in its settings, and a hook of the repository.
    private func prepareClaude(_ model: ModelFixture) async throws -> [String] {
      try await model.sandbox.shell(
        """
        umask 077
        mkdir -p \(model.home(of: "claude")) project/.claude
        echo '{"primaryApiKey":"made-key","hasCompletedOnboarding":true}' \
          >\(model.home(of: "claude"))/.claude.json
        echo '{"hooks":{"PreToolUse":[{"matcher":"*","hooks":[{"type":"command",\
        "command":"echo ran >>project-hook"}]}]},"enableAllProjectMcpServers":true,\
        "apiKeyHelper":"echo ran >>project-helper; echo key"}' >project/.claude/settings.json
        echo '{"mcpServers":{"x":{"command":"sh","args":["-c","echo ran >>project-server"]}}}' \
          >project/.mcp.json
        """, in: model.folder)
      let settings = try JSONText.object(["env": model.variables])
      return [
        "-p", "SCRIPTED, please", "--output-format", "stream-json", "--verbose", "--settings",
        settings,
      ]
    }

    @Test func claudeWorksAndLeavesNoHistory() async throws {
      try await withImage { model, image in
        try await use(image, in: model)
        let arguments = try await prepareClaude(model)
        let outcome = try await model.run(
          "claude", arguments + ["--dangerously-skip-permissions"], flags: ["--lockdown"])
        #expect(outcome.status == 0, "\(outcome)")
        let last = try #require(try model.requests().last { $0.results.count == 2 }, "\(outcome)")
        #expect(last.results[0] == "made-by-42")
        #expect(last.results[1].contains("ags guard: \(ModelFixture.guarded): "), "\(last)")
        let left = try await model.sandbox.shell(
          """
          find project -name 'project-*'
          grep -rl made-by state || true
          ls -A \(model.home(of: "claude"))
          """, in: model.folder)
        #expect(left.lines == [".claude.json"], "\(left)")
      }
    }

    /// Without the flags that `ags` gives it.
    @Test func claudeStartedFromAShellRunsNothingOfTheRepository() async throws {
      try await withImage { model, image in
        try await use(image, in: model)
        _ = try await prepareClaude(model)
        let settings = try JSONText.object(["env": model.variables])
        let outcome = try await model.run(
          "shell",
          [
            "-c",
            """
            export ANTHROPIC_API_KEY=made-key IS_SANDBOX=1
            timeout 60 claude -p 'SCRIPTED, please' --dangerously-skip-permissions \
              --settings '\(settings)' </dev/null
            """,
          ], flags: ["--lockdown"])
        #expect(outcome.status == 0 && outcome.lines.last == "all done", "\(outcome)")
        let left = try await model.sandbox.shell("find project -name 'project-*'", in: model.folder)
        #expect(left.lines == [], "\(left)")
      }
    }

    @Test func withoutDCGEveryCommandOfClaudeIsRefused() async throws {
      try await ModelFixture.with(Self.script) { model in
        let arguments = try await prepareClaude(model)
        let outcome = try await model.run("claude", arguments, flags: ["-D", "--lockdown"])
        #expect(outcome.status == 0, "\(outcome)")
        let last = try #require(try model.requests().last { $0.results.count == 2 }, "\(outcome)")
        #expect(last.results[0].contains("ags guard: in lockdown no command runs"), "\(last)")
      }
    }

    @Test func codexWorksAndLeavesNoHistory() async throws {
      try await withImage { model, image in
        try await use(image, in: model)
        let home = model.home(of: "codex").appending(".codex")
        try await model.sandbox.shell(
          "sed -i 's/^env_key = .*/experimental_bearer_token = \"made-key\"/' \(home)/config.toml")
        let outcome = try await model.run(
          "codex",
          [
            "exec", "--skip-git-repo-check", "--json",
            "--dangerously-bypass-approvals-and-sandbox", "CODEX, please",
          ], flags: ["--lockdown"])
        #expect(outcome.status == 0, "\(outcome)")
        let last = try #require(try model.requests().last { $0.results.count == 2 }, "\(outcome)")
        #expect(last.results[0].contains("made-by-42"), "\(last)")
        #expect(last.results[1].contains("ags guard: \(ModelFixture.guarded): "), "\(last)")
        let left = try await model.sandbox.shell(
          "grep -rl made-by state || true; ls -A \(home)", in: model.folder)
        #expect(left.lines == ["config.toml"], "\(left)")
      }
    }
  }
}

private enum JSONText {
  static func object(_ value: [String: [String: String]]) throws -> String {
    String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
  }
}
