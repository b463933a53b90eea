import AGSTestSupport
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

extension EndToEnd {
  /// Agents from registries: what is taken, what is refused, and what stays.
  @Suite struct AgentInstallTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    private static let declaration = """
      [[agent]]
      name = "made"
      command = ["made"]
      npm = "made-package"
      """

    private static func package(
      _ version: String, age: Int = 30, prints: String? = nil, more: String = ""
    ) -> String {
      """
      "\(version)": {"age": \(age), "bin": {"made": "run"}, "files": {
        "run": "#!/bin/sh\\n\(prints ?? "echo made \(version)")\\n"}\(more)}
      """
    }

    private static func npm(_ packages: String...) -> String {
      "{\"npm\": {\"made-package\": {\(packages.joined(separator: ", "))}}}"
    }

    @Test func npmPackageIsInstalledWithoutItsScriptsAndNotTooYoung() async throws {
      let script = #", "scripts": {"postinstall": "echo ran >ran; echo ran >/tmp/ran; false"}"#
      try await AgentRegistry.with(
        Self.npm(Self.package("1.0.0", more: script), Self.package("2.0.0", age: 0)),
        configuration: Self.declaration, fixture: fixture
      ) { registry in
        let outcome = try await registry.update("made")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(
          try outcome.agents() == [
            AgentOutcome(
              agent: "made", status: "installed", version: "made 1.0.0",
              source: "npm package made-package", problems: [])
          ])
        let run = try await registry.run(
          """
          made; find -L /opt/ags/agents/made -name ran
          : >/opt/ags/agents/new; : >"$(readlink -f "$(command -v made)")"
          rm /opt/ags/agents/bin/made; readlink /opt/ags/agents/bin/made
          """)
        #expect(run.lines.first == "made 1.0.0", "\(run)")
        #expect(run.lines.count == 2 && run.lines.last?.hasPrefix("../made/") == true, "\(run)")
        #expect(run.standardError.contains("Read-only file system"), "\(run)")
      }
    }

    @Test func versionThatDoesNotAnswerNeverTakesOver() async throws {
      try await AgentRegistry.with(
        Self.npm(Self.package("1.0.0")), configuration: Self.declaration, fixture: fixture
      ) { registry in
        #expect(try await registry.update("made").status == 0)
        let first = try registry.directories(of: "made")
        // Online is not enough: it is asked without a network and without a place to write.
        for broken in ["exit 3", "true", "mkdir /opt/ags/agents/made/x && echo made"] {
          try await registry.publish(
            Self.npm(Self.package("1.0.0"), Self.package("1.1.0", prints: broken)))
          let outcome = try await registry.update("made")
          #expect(outcome.status == 1, "\(outcome)")
          let agent = try #require(try outcome.agents().first)
          #expect(agent.status == "failed" && agent.version == "made 1.0.0")
          #expect(agent.problems.first?.contains("--version") == true, "\(agent)")
          #expect(try registry.directories(of: "made") == first)
          #expect(try await registry.run("made").lines == ["made 1.0.0"])
        }
        try await registry.publish(Self.npm(Self.package("1.2.0")))
        let updated = try await registry.update("made").agents()
        #expect(updated.first?.previous == "made 1.0.0")
        #expect(try await registry.run("made").lines == ["made 1.2.0"])
        // A session may still use the one before; the next update takes that away.
        let second = try registry.directories(of: "made")
        #expect(second.count == 2 && second.contains(first[0]))
        try await registry.publish(Self.npm(Self.package("1.3.0")))
        #expect(try await registry.update().status == 0)
        let third = try registry.directories(of: "made")
        #expect(third.count == 2 && !third.contains(first[0]))
      }
    }

    @Test func packageThatReachesOutOfItsDirectoryStaysInIt() async throws {
      let packages = """
        {"npm": {"made-package": {"1.0.0": {"bin": {"made": "run"}, "files": {
          "run": "#!/bin/sh\\necho made\\n", "../../../../escaped": "x", "/escaped": "x",
          "../bin/made": "x"}, "links": {"out": "/opt/ags/agents", "home": "/home"}}}},
        "wheels": {"claude-agent-sdk": {"1.0.0": {"files": {
          "claude_agent_sdk/_bundled/claude": "#!/bin/sh\\necho claude\\n",
          "claude_agent_sdk/_bundled/../../../escaped": "x"}}},
        "openai-codex-cli-bin": {"1.0.0": {"files": {
          "codex_cli_bin/bin/codex": "#!/bin/sh\\necho codex\\n"},
          "links": {"codex_cli_bin/out": "/opt/ags/agents"}}}}}
        """
      try await AgentRegistry.with(
        packages, configuration: Self.declaration, fixture: fixture
      ) { registry in
        let outcome = try await registry.update("made", "claude", "codex")
        #expect(outcome.status == 1, "\(outcome)")
        let agents = try outcome.agents()
        #expect(agents.map(\.status) == ["installed", "failed", "failed"], "\(outcome)")
        for agent in agents.dropFirst() {
          #expect(agent.problems.last?.contains("not a plain file") == true, "\(agent)")
          #expect(try registry.directories(of: agent.agent).isEmpty)
        }
        let directory = try #require(try registry.directories(of: "made").first)
        let strays = try await fixture.shell(
          """
          find \(registry.folder) -name escaped -not -path '*/agents/made/\(directory)/*'
          cd \(registry.agents); ls . bin; find made/\(directory) -type l -lname '/*'
          """)
        #expect(
          strays.lines == [
            ".:", "bin", "claude", "codex", "made", "", "bin:", "made",
          ], "\(strays)")
      }
    }

    @Test func sourceThatDoesNotAnswerLeavesTheNextWithALine() async throws {
      let packages = """
        {"wheels": {"claude-agent-sdk": {"1.2.0": {"files": {
          "claude_agent_sdk/_bundled/claude": "#!/bin/sh\\necho made claude\\n",
          "claude_agent_sdk/other.py": "x"}}, "9.0.0": {"age": 0, "files": {}}},
        "openai-codex-cli-bin": {"1.0.0": {"hash": "\(String(repeating: "0", count: 64))",
          "files": {"codex_cli_bin/bin/codex": "#!/bin/sh\\necho codex\\n"}}}}}
        """
      try await AgentRegistry.with(packages, fixture: fixture) { registry in
        let outcome = try await registry.update("claude", "codex", "gemini")
        #expect(outcome.status == 1, "\(outcome)")
        let agents = try outcome.agents()
        #expect(agents.map(\.status) == ["installed", "failed", "failed"], "\(outcome)")
        #expect(agents[0].version == "made claude" && agents[0].problems.count == 1)
        #expect(agents[0].source == "wheel claude-agent-sdk")
        let warnings = outcome.standardError.split(separator: "\n")
          .filter { $0.hasPrefix("warning: claude: ") }
        #expect(warnings.count == 1 && warnings[0].contains("claude's releases"), "\(outcome)")
        #expect(agents[1].problems.last?.contains("hash") == true, "\(agents[1])")
        #expect(outcome.standardError.contains("could not be installed: codex, gemini"))
        let run = try await registry.run("claude; ls /opt/ags/agents/claude/*/claude_agent_sdk")
        #expect(run.lines == ["made claude", "_bundled"], "\(run)")
        // The same once more: nothing is downloaded, nothing changes.
        let before = try registry.directories(of: "claude")
        let again = try await registry.update("claude").agents()
        #expect(again.first?.status == "unchanged")
        #expect(try registry.directories(of: "claude") == before)
      }
    }

    @Test func claudeComesFromItsVendorFirst() async throws {
      let packages = """
        {"claude": {"2.0.0": {"files": {"claude": "#!/bin/sh\\necho two\\n"}},
          "2.1.0": {"age": 0, "files": {"claude": "#!/bin/sh\\necho younger\\n"}}}}
        """
      try await AgentRegistry.with(packages, fixture: fixture) { registry in
        let outcome = try await registry.update("claude")
        #expect(outcome.status == 0, "\(outcome)")
        let agent = try #require(try outcome.agents().first)
        #expect(agent.version == "two" && agent.source == "claude's releases", "\(agent)")
        // The newest is too young by then, and the other channel is behind.
        try await registry.publish(
          """
          {"claude": {"1.9.0": {"files": {"claude": "#!/bin/sh\\necho older\\n"}},
            "2.1.0": {"age": 0, "files": {"claude": "#!/bin/sh\\necho younger\\n"}}}}
          """)
        let again = try await registry.update("claude").agents()
        #expect(again.first?.version == "two" && again.first?.status == "unchanged", "\(again)")
      }
    }

    @Test func releaseOfUnknownAgeIsRefusedUnlessAnyAgeWillDo() async throws {
      let packages = """
        {"wheels": {"claude-agent-sdk": {"1.0.0": {"undated": true, "files": {
          "claude_agent_sdk/_bundled/claude": "#!/bin/sh\\necho undated\\n"}}}}}
        """
      try await AgentRegistry.with(packages, fixture: fixture) { registry in
        let outcome = try await registry.update("claude")
        #expect(outcome.status == 1, "\(outcome)")
        #expect(
          try outcome.agents().first?.problems.last?.contains("minimum_release_age") == true)
      }
      try await AgentRegistry.with(
        packages, configuration: "[update]\nminimum_release_age = 0\n", fixture: fixture
      ) { registry in
        let outcome = try await registry.update("claude").agents()
        #expect(outcome.first?.version == "undated")
      }
    }

    @Test func wheelThatIsNotAsItShouldBeIsRefusedWhole() async throws {
      let program = ##""codex_cli_bin/bin/codex": "#!/bin/sh\necho codex\n""##
      let wheels = [
        (#""raw": "this is no archive""#, "cannot be unpacked"),
        (#""files": {"codex_cli_bin/bin/other": "x"}"#, "has no codex_cli_bin/bin/codex"),
        (#""files": {\#(program), "codex_cli_bin/a*": "x"}"#, "an unusual name"),
        (#""files": {\#(program), "codex_cli_bin": "x", "/x": "x"}"#, "not a plain file"),
        (#""files": {"codex_cli_bin/../x": "x", \#(program)}"#, "not a plain file"),
      ]
      try await AgentRegistry.with("{}", fixture: fixture) { registry in
        for (wheel, reason) in wheels {
          try await registry.publish(
            #"{"wheels": {"openai-codex-cli-bin": {"1.0.0": {\#(wheel)}}}}"#)
          let agent = try #require(try await registry.update("codex").agents().first)
          #expect(agent.status == "failed", "\(agent)")
          #expect(agent.problems.last?.contains(reason) == true, "\(agent)")
          #expect(try registry.directories(of: "codex").isEmpty)
        }
      }
    }

    @Test func passwordOfTheIndexIsUsedAndSeenNowhere() async throws {
      @Sendable func packages(_ more: String) -> String {
        """
        {"login": "reader:open sesame", "wheels": {"openai-codex-cli-bin": {"1.0.0": {
          \(more) "files": {"codex_cli_bin/bin/codex": "#!/bin/sh\\necho codex\\n"}}}}}
        """
      }
      try await AgentRegistry.with(packages(#""slow": true,"#), fixture: fixture) { registry in
        let index =
          registry.address
          .replacing("http://", with: "http://reader:open%20sesame@") + "/simple"
        let slow = registry.folder.appending("registry.json.slow")
        let outcome = try await registry.update("codex", adding: ["PIP_INDEX_URL": index]) {
          program in
          try await registry.fixture.waitForFile(slow)
          let seen = try await registry.fixture.shell(
            """
            podman inspect $(podman ps --quiet --filter label=io.ags.install)
            cd ~/.local/share/containers/storage
            grep -rsao -e io.ags.install -e 'open.*s[e]same' --exclude-dir=overlay . || :
            cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' || :
            """)
          for part in [#""io.ags.install": "1""#, ":io.ags.install\n", "curl --disable"] {
            #expect(seen.standardOutput.contains(part), "\(part): \(seen)")
          }
          #expect(!seen.standardOutput.contains("sesame"))
          program.send(SIGINT)
        }
        #expect(outcome.status == 130, "\(outcome)")
        #expect(!outcome.standardError.contains("sesame"), "\(outcome)")
        try await registry.publish(packages(""))
        let whole = try await registry.update("codex", adding: ["PIP_INDEX_URL": index])
        #expect(try whole.agents().first?.version == "codex", "\(whole)")
        let wrong = index.replacing("sesame", with: "wheat")
        let refused = try await registry.update("codex", adding: ["PIP_INDEX_URL": wrong])
        let problem = try #require(try refused.agents().first?.problems.last)
        #expect(problem.hasSuffix("/simple/openai-codex-cli-bin/ answered 401"), "\(problem)")
        #expect(!refused.standardError.contains("wheat"), "\(refused)")
      }
    }
  }
}
