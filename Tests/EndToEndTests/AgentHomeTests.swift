import AGSTestSupport
import SystemPackage
import Testing

extension EndToEnd {
  /// Homes of agents: kept, apart from the user's own, and looked at (3-run "Agents").
  @Suite struct AgentHomeTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    private static let agent = """
      [[agent]]
      name = "own"
      command = ["sh", "-c"]
      defaults = ["echo by default"]
      homes = ["/home/dev/.own"]

      """

    private func own(
      _ script: String, in path: FilePath, flags: [String]
    ) async throws -> ProgramOutcome {
      try await fixture.call(
        fixture.programs.appending("ags").string, ["--agent", "own"] + flags + ["--", script],
        in: path
      ).run()
    }

    @Test func homeIsKeptAndTheShellSeesAllOfThem() async throws {
      try await withRepository(fixture) { path in
        let flags = try await fixture.configuration(Self.agent, beside: path)
        let first = try await own("echo kept >~/.own/file", in: path, flags: flags)
        #expect(first.status == 0, "\(first)")
        #expect(try await own("cat ~/.own/file", in: path, flags: flags).lines == ["kept"])
        let shell = try await fixture.sandbox(
          "cat ~/.own/file; ls -d ~/.claude ~/.codex ~/.gemini ~/.pi", in: path, flags: flags)
        #expect(
          shell.lines == ["kept"] + ["claude", "codex", "gemini", "pi"].map { "/home/dev/.\($0)" },
          "\(shell)")
        let host = try await fixture.shell(
          "cat ~/.local/state/ags/homes/own/.own/file 2>/dev/null || find ~/.local/state/ags/homes/own"
        )
        #expect(host.lines == ["kept"])
        try await fixture.shell("rm -rf ~/.local/state/ags/homes/own")
      }
    }

    @Test func homesOfProjectsAreApartAndNoneKeepsNothing() async throws {
      try await withRepository(fixture) { path in
        for (policy, sees) in [("project", "here"), ("none", "")] {
          let flags = try await fixture.configuration(
            "[sandbox]\nhomes = \"\(policy)\"\n" + Self.agent, beside: path)
          let fill = try await own(
            "mkdir -p ~/.own; echo here >~/.own/file", in: path, flags: flags)
          #expect(fill.status == 0, "\(fill)")
          let look = "cat ~/.own/file 2>/dev/null; true"
          #expect(
            try await own(look, in: path, flags: flags).standardOutput.filter { $0 != "\n" } == sees
          )
          try await withRepository(fixture, named: "another") { other in
            let there = try await own(look, in: other, flags: flags)
            #expect(there.lines == [], "\(there)")
          }
        }
        try await fixture.shell("rm -rf ~/.local/state/ags/homes/own")
      }
    }

    @Test func defaultsComeFirst() async throws {
      try await withRepository(fixture) { path in
        let flags = try await fixture.configuration(Self.agent, beside: path)
        let outcome = try await own("ignored", in: path, flags: flags + ["-D"])
        #expect(outcome.lines == ["by default"], "\(outcome)")
      }
    }

    @Test func homeThatIsALinkIsAnErrorBeforeAnythingStarts() async throws {
      try await withRepository(fixture) { path in
        try await fixture.shell(
          "mkdir -p ~/.local/state/ags/homes/codex ~/elsewhere; "
            + "rm -rf ~/.local/state/ags/homes/codex/.codex; "
            + "ln -s ~/elsewhere ~/.local/state/ags/homes/codex/.codex")
        let outcome = try await fixture.ags("--agent", "codex", "--", "--version", in: path)
        #expect(outcome.status == 2, "\(outcome)")
        #expect(outcome.standardOutput == "")
        #expect(outcome.standardError.contains("link"), "\(outcome)")
        #expect(outcome.standardError.contains("homes/codex/.codex"), "\(outcome)")
        #expect(outcome.standardError.contains("hint: "), "\(outcome)")
        try await fixture.shell("rm -rf ~/elsewhere ~/.local/state/ags/homes/codex")
      }
    }

    @Test func hookPlantedInAHomeIsSaid() async throws {
      try await withRepository(fixture) { path in
        let plant = #"echo '{"hooks":{"PreToolUse":[{"matcher":"*"}]}}' >~/.claude/settings.json"#
        let outcome = try await fixture.sandbox(plant, in: path)
        #expect(outcome.status == 0)
        let line = outcome.standardError.split(separator: "\n").filter { $0.contains("(hooks)") }
        #expect(line.count == 1, "\(outcome)")
        #expect(line.first?.contains("homes/claude/.claude/settings.json") == true)
        let again = try await fixture.sandbox(plant, in: path)
        #expect(!again.standardError.contains("(hooks)"), "\(again)")
        try await fixture.shell("rm -rf ~/.local/state/ags/homes/claude")
      }
    }
  }
}
