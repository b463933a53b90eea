import SystemPackage
import Testing

@testable import AGSLib

@Suite struct AgentSourceTests {
  private func agents(_ change: (inout Configuration) -> Void = { _ in }) -> [InstallableAgent] {
    var configuration = Configuration(home: "/home/tester")
    change(&configuration)
    return InstallableAgent.all(configuration)
  }

  @Test func builtInAgentsHaveTheirSourcesInOrder() {
    let names = agents().map { agent in
      "\(agent.name): " + agent.sources.map(\.description).joined(separator: ", ")
    }
    #expect(
      names == [
        "pi: npm package @earendil-works/pi-coding-agent",
        "claude: claude's releases, wheel claude-agent-sdk",
        "codex: npm package @openai/codex, wheel openai-codex-cli-bin",
        "gemini: npm package @google/gemini-cli",
        "opencode: npm package opencode-ai",
      ])
  }

  @Test func piComesFromTheConfiguredPackage() {
    let pi = agents { $0.update.piSpec = "@other/pi@1.2.3" }.first
    #expect(pi?.sources == [.npm(package: "@other/pi@1.2.3")])
  }

  @Test func declaredAgentNeedsAPackageAndANameOfItsOwn() {
    let own = agents { configuration in
      configuration.agents = [
        AgentDeclaration(name: "image-only", command: ["x"]),
        AgentDeclaration(name: "bin", command: ["x"], npm: "x"),
        AgentDeclaration(name: "mine", command: ["/opt/ags/agents/bin/tool", "-q"], npm: "pkg"),
      ]
    }.dropFirst(5)
    #expect(
      Array(own) == [
        InstallableAgent(name: "mine", program: "tool", sources: [.npm(package: "pkg")])
      ])
  }

  @Test func programsLieWhereTheirSourcePutsThem() {
    let paths = agents().flatMap { agent in
      agent.sources.map { $0.programPath(of: agent.program) }
    }
    #expect(
      paths == [
        "node_modules/.bin/pi", "bin/claude", "claude_agent_sdk/_bundled/claude",
        "node_modules/.bin/codex", "codex_cli_bin/bin/codex", "node_modules/.bin/gemini",
        "node_modules/.bin/opencode",
      ])
  }
}
