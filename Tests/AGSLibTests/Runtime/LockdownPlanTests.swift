import AGSTestSupport
import AGSWire
import SystemPackage
import Testing

@testable import AGSLib

/// What a lockdown plan leaves out, and the little it adds (3-run "--lockdown").
@Suite struct LockdownPlanTests {
  private func plan(
    _ fixture: PlanFixture, _ agent: String = "claude", _ modes: Set<RunMode> = []
  ) throws -> LaunchPlan {
    try fixture.plan(LaunchRequest(agent: agent, modes: modes.union([.lockdown])))
  }

  @Test func nothingConfiguredIsHandedIn() async throws {
    try await PlanFixture.with { fixture in
      let data = fixture.root.appending("data")
      try makeDirectory(data)
      try write("tool", to: fixture.root.appending("tool"))
      let secret = SecretDeclaration(
        env: try EnvironmentName("TOKEN"), sources: [.environment(try EnvironmentName("TOKEN"))])
      fixture.host.environment["TOKEN"] = "value"
      fixture.host.environment["PASSED"] = "value"
      fixture.configuration.sandbox.passthroughEnvironment = [try EnvironmentName("PASSED")]
      fixture.configuration.secrets = [secret]
      fixture.configuration.mounts = [
        ConfiguredMount(host: data, container: try ContainerPath("/data"), mode: .readOnly)
      ]
      fixture.configuration.agentMounts = [
        AgentMount(host: data, container: try ContainerPath("/home/dev/x"))
      ]
      fixture.configuration.tools = [
        Tool(
          name: "t", path: fixture.root.appending("tool"),
          containerPath: try ContainerPath("/usr/local/bin/t"))
      ]
      fixture.configuration.forwards = [Forward(port: 5432)]
      let usual = try fixture.plan()
      #expect(usual.mounts.contains { $0.origin == .tool("t", nil) })
      #expect(usual.forwards.count == 1)

      let plan = try plan(fixture)
      let origins: [MountOrigin] = [
        .workspace, .home, .agentInstallations, .shim, .shim, .guardSettings, .guardSettings,
        .guardSettings, .sessionChannels,
      ]
      #expect(plan.mounts.map(\.origin) == origins)
      #expect(plan.secrets.isEmpty && plan.passthroughNames.isEmpty && plan.forwards.isEmpty)
      #expect(plan.identity == nil)
      #expect(plan.publicEnvironment.contains(.init("AGS_LOCKDOWN", "1")))
      #expect(!plan.launchEnvironment.contains { $0.name == "CARGO_HOME" })
      #expect(plan.guardRules.lockdown)
      #expect(!usual.publicEnvironment.contains { $0.name == "AGS_LOCKDOWN" })
    }
  }

  @Test func memoryFileSystemsAreLimited() async throws {
    try await PlanFixture.with { fixture in
      let arguments = try plan(fixture).podmanArguments.filter { $0.hasPrefix("--tmpfs=") }
      #expect(
        arguments == [
          "--tmpfs=/tmp:rw,size=1g,mode=1777,nosuid,nodev,exec,notmpcopyup",
          "--tmpfs=/var/tmp:rw,size=256m,mode=1777,nosuid,nodev,noexec,notmpcopyup",
          "--tmpfs=/run:rw,size=64m,mode=755,nosuid,nodev,noexec,notmpcopyup",
        ])
      let usual = try fixture.plan().podmanArguments
      #expect(!usual.contains { $0.hasPrefix("--tmpfs") })
    }
  }

  @Test func onlyAgentsThatAskTheGuardHearOfAMissingDCG() async throws {
    try await PlanFixture.with { fixture in
      let locked = try plan(fixture)
      #expect(locked.dcgNeed == .required)
      #expect(try fixture.plan(LaunchRequest(agent: "claude")).dcgNeed == .preferred)
      let yolo = LaunchRequest(agent: "claude", modes: [.yolo])
      #expect(try fixture.plan(yolo).dcgNeed == .none)
      #expect(try fixture.plan().dcgNeed == .none)
    }
  }

  @Test func addedDirectoriesStay() async throws {
    try await PlanFixture.with { fixture in
      let data = fixture.root.appending("data")
      try makeDirectory(data)
      let plan = try fixture.plan(
        LaunchRequest(agent: "shell", modes: [.lockdown], addedDirectories: [data]))
      #expect(plan.mounts.contains { $0.origin == .addedDirectory && $0.mode == .readWrite })
    }
  }

  @Test func privateGitDirectoriesGoWithTheSession() async throws {
    try await PlanFixture.with { fixture in
      try fixture.makeRepository()
      fixture.giveProjectToUser()
      let plan = try plan(fixture)
      #expect(plan.git == .discarded)
      #expect(plan.quarantineRequest(on: fixture.host).isDiscarded)
      fixture.configuration.git.mode = .direct
      #expect(try fixture.plan().git == .direct)
      let locked = try self.plan(fixture)
      #expect(locked.git == .discarded)
    }
  }

  @Test func patchesAreNotKeptWhereTheAgentWrites() async throws {
    try await PlanFixture.with { fixture in
      func keep(_ path: String) throws -> LaunchPlan {
        try fixture.plan(
          LaunchRequest(
            agent: "shell", modes: [.lockdown], patchesDirectory: FilePath(path)))
      }
      let inside = summary { _ = try keep("patches") }
      #expect(inside?.contains("where the agent can write") == true)
      let outside = try keep("../patches")
      #expect(outside.patchesDirectory == fixture.root.appending("patches"))
    }
  }

  @Test func gitReportIsNotWrittenWhereTheAgentWrites() async throws {
    try await PlanFixture.with { fixture in
      func report(_ path: String) throws -> LaunchPlan {
        try fixture.plan(LaunchRequest(agent: "shell", gitReportFile: FilePath(path)))
      }
      let inside = summary { _ = try report("report.json") }
      #expect(inside?.hasPrefix("--git-report: ") == true)
      let outside = try report("../report.json")
      #expect(outside.gitReportFile == fixture.root.appending("report.json"))
    }
  }

  @Test func proxyWithALoginIsLeftOutAndSaid() async throws {
    try await PlanFixture.with { fixture in
      fixture.host.environment["http_proxy"] = "http://me:pw@proxy:3128"
      fixture.host.environment["https_proxy"] = "http://proxy:3128"
      let plan = try plan(fixture)
      #expect(plan.passthroughNames == ["https_proxy"])
      #expect(plan.warnings.contains { $0.contains("http_proxy holds a login") })
      #expect(try fixture.plan().passthroughNames == ["http_proxy", "https_proxy"])
    }
  }

  @Test func homeIsCopiedFromWhereverItWouldBeMounted() async throws {
    try await PlanFixture.with { fixture in
      let state = fixture.configuration.sandbox.stateDirectory
      let copies = try plan(fixture).lockdownCopies
      #expect(copies.contains(state.appending("homes/claude/.claude/.credentials.json").string))
      #expect(copies.contains(state.appending("homes/claude/.claude.json").string))

      let own = fixture.home.appending(".claude")
      try makeDirectory(own)
      fixture.configuration.agentMounts = [
        AgentMount(host: own, container: try ContainerPath("/home/dev/.claude"))
      ]
      let plan = try plan(fixture)
      #expect(plan.lockdownCopies.contains(own.appending(".credentials.json").string))
      #expect(!plan.mounts.contains { $0.source == own })
    }
  }

  @Test func withoutLoginOnlySettingsAreCopied() async throws {
    try await PlanFixture.with { fixture in
      for agent in ["pi", "claude", "codex", "gemini", "opencode"] {
        let all = try plan(fixture, agent).lockdownHome.copies
        let some = try plan(fixture, agent, [.noLogin]).lockdownHome.copies
        #expect(!some.isEmpty && some.count < all.count)
        for copy in some {
          switch copy.excerpt.content {
          case .file(let kind): #expect(kind == .settings)
          case .json(_, let login), .toml(_, let login): #expect(login.isEmpty)
          case .directory: continue
          }
        }
      }
    }
  }

  @Test func shellSeesNoAgentsHome() async throws {
    try await PlanFixture.with { fixture in
      let copies = try plan(fixture, "shell").lockdownCopies
      #expect(copies.isEmpty)
    }
  }

  @Test func agentOfTheUsersOwnBringsNothingAndSaysSo() async throws {
    try await PlanFixture.with { fixture in
      fixture.configuration.agents = [
        AgentDeclaration(
          name: "mine", command: ["mine"], homes: [try ContainerPath("/home/dev/.mine")])
      ]
      let plan = try plan(fixture, "mine")
      #expect(plan.lockdownCopies.isEmpty)
      #expect(plan.warnings.contains { $0.contains("nothing of mine's home is copied") })
    }
  }
}
