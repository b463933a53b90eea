import AGSTestSupport
import FoundationEssentials
import SystemPackage
import Testing

@testable import AGSLib

/// How a plan makes agents ask the guard (docs/guard.md "How agents ask").
@Suite struct GuardWiringTests {
  @Test(arguments: ["pi", "claude", "codex", "gemini", "opencode", "shell"])
  func everyRunHasTheManagedSettingsReadOnly(agent: String) async throws {
    try await PlanFixture.with { fixture in
      for modes: Set<RunMode> in [[], [.root], [.yolo], [.here, .defaults]] {
        let plan = try fixture.plan(LaunchRequest(agent: agent, modes: modes))
        let mounts = plan.mounts.filter { $0.origin == .guardSettings }
        #expect(
          mounts.map(\.target.description)
            == ["/etc/claude-code", "/etc/codex", "/home/dev/.codex/.env"])
        #expect(mounts.map(\.kind) == [.directory, .directory, .file])
        #expect(mounts.allSatisfy { $0.mode == .readOnly && !$0.createsSource })
        #expect(mounts.allSatisfy { $0.source.starts(with: fixture.shim.directory) })
      }
    }
  }

  @Test func usersMountsDoNotReachThem() async throws {
    try await PlanFixture.with { fixture in
      let own = fixture.root.appending("own")
      try makeDirectory(own)
      try write("", to: fixture.root.appending("env"))
      for target in ["/etc", "/etc/claude-code", "/etc/codex/x", "/home/dev/.codex/.env"] {
        let isFile = target.hasSuffix(".env")
        fixture.configuration.mounts = [
          ConfiguredMount(
            host: isFile ? fixture.root.appending("env") : own,
            container: try ContainerPath(target), mode: .readOnly,
            kind: isFile ? .file : .directory)
        ]
        let planned = fixture
        #expect(throws: MountError.self, "\(target)") { try planned.plan() }
      }
    }
  }

  /// It cannot be made in there, and nobody can put it there either.
  @Test func codexHomeThatCannotBeWrittenIsNotSealed() async throws {
    try await PlanFixture.with { fixture in
      let own = fixture.root.appending("codex")
      try makeDirectory(own)
      fixture.configuration.mounts = [
        ConfiguredMount(
          host: own, container: try ContainerPath("/home/dev/.codex"), mode: .readOnly)
      ]
      let plan = try fixture.plan(LaunchRequest(agent: "claude"))
      #expect(!plan.mounts.contains { $0.target.description == "/home/dev/.codex/.env" })
      fixture.configuration.mounts[0].mode = .readWrite
      let sealed = try fixture.plan(LaunchRequest(agent: "claude"))
      #expect(sealed.mounts.contains { $0.target.description == "/home/dev/.codex/.env" })
    }
  }

  @Test func commandLinesSayWhatTheHookNeeds() async throws {
    try await PlanFixture.with { fixture in
      fixture.configuration.agents = [
        AgentDeclaration(name: "mine", command: ["mine"], guardKind: .claude),
        AgentDeclaration(name: "other", command: ["other"]),
      ]
      func command(_ agent: String) throws -> [String] {
        try fixture.plan(LaunchRequest(agent: agent, agentArguments: ["mcp", "list"])).commands[0]
      }
      let plugin = ["--plugin-dir", "/opt/ags/share/claude-plugin"]
      let claude = try command("claude")
      #expect(claude.prefix(3) == ["claude"] + plugin && claude.suffix(2) == ["mcp", "list"])
      let mine = try command("mine")
      #expect(mine == ["mine"] + plugin + ["mcp", "list"])
      #expect(try command("other") == ["other", "mcp", "list"])
      let pi = try command("pi")
      #expect(pi.prefix(3) == ["pi", "-e", "/opt/ags/share/guard.ts"])
      let codex = try command("codex")
      #expect(codex.prefix(2) == ["codex", "-c"])
      for agent in ["gemini", "opencode", "shell"] {
        let words = try command(agent)
        #expect(words.count == 3)
      }
    }
  }

  private struct ClaudeSettings: Decodable {
    struct Group: Decodable {
      var matcher: String
      var hooks: [Hook]
    }
    struct Hook: Decodable {
      var type: String
      var command: String
      var args: [String]
      var timeout: Int
    }
    var hooks: [String: [Group]]
  }

  /// Without a shell between, that a variable could turn into something else.
  @Test func claudesHookIsTheShimItselfForEveryTool() throws {
    let settings = try JSONDecoder().decode(
      ClaudeSettings.self, from: Data(PackageResources.managed_settings_json))
    #expect(Array(settings.hooks.keys) == ["PreToolUse"])
    let group = try #require(settings.hooks["PreToolUse"]?.first)
    let hook = try #require(group.hooks.first)
    #expect(group.matcher == "*" && hook.type == "command")
    #expect(hook.command == "/opt/ags/bin/ags-shim" && hook.args == ["guard"])
    // The guard itself refuses what takes it longer than ten seconds.
    #expect(hook.timeout > 10)
  }
}
