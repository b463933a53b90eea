import AGSTestSupport
import SystemPackage
import Testing

@testable import AGSLib

/// An agent that would not be found inside is an error before anything is started.
@Suite struct AgentPresenceTests {
  private func plan(_ fixture: PlanFixture, programs: Set<String>?) throws -> LaunchPlan {
    try LaunchPlanner(
      host: fixture.host, configuration: fixture.configuration, podman: fixture.podman,
      shim: fixture.shim, agentPrograms: programs
    ).plan(LaunchRequest(agent: "mine"), sessionID: PlanFixture.session)
  }

  private func with(_ body: (inout PlanFixture) async throws -> Void) async throws {
    try await PlanFixture.with { fixture in
      fixture.configuration.agents = [
        AgentDeclaration(name: "mine", command: ["tool"], npm: "package")
      ]
      try await body(&fixture)
    }
  }

  @Test func agentThatIsNowhereIsNotInstalled() async throws {
    try await with { fixture in
      let error = #expect(throws: LaunchError.self) { try plan(fixture, programs: ["claude"]) }
      #expect(error?.summary == "agent mine is not installed")
      #expect(error?.hint == "ags update-agents mine")
    }
  }

  @Test func agentThatIsThereOrUnknownIsPlanned() async throws {
    try await with { fixture in
      _ = try plan(fixture, programs: ["tool"])
      _ = try plan(fixture, programs: nil)
      fixture.configuration.agents[0].npm = nil
      _ = try plan(fixture, programs: [])
    }
  }

  @Test func configuredMountMayBringTheProgram() async throws {
    try await with { fixture in
      let tools = fixture.root.appending("tools")
      try write("x", to: tools.appending("tool"))
      fixture.configuration.mounts = [
        ConfiguredMount(
          host: tools, container: try ContainerPath("/home/dev/.local"), mode: .readOnly)
      ]
      #expect(throws: LaunchError.self) { try plan(fixture, programs: []) }
      fixture.configuration.mounts[0].container = try ContainerPath("/home/dev/.local/bin")
      _ = try plan(fixture, programs: [])
    }
  }

  @Test func imageIsAskedOnlyForAnAgentThatIsNotInstalled() async throws {
    try await with { fixture in
      let installations = AgentInstallations(
        cacheDirectory: fixture.configuration.sandbox.cacheDirectory)
      let runtime = LabelledRuntime(labels: [ImageContents.toolsLabel: "bash,tool"])
      let presence = AgentPresence(configuration: fixture.configuration, runtime: runtime)
      #expect(try await presence.programs(for: "shell") == nil)
      #expect(try await presence.programs(for: "mine") == ["bash", "tool"])
      try makeDirectory(installations.directory.appending("mine/0000000a"))
      try link(installations.links.appending("tool"), to: "../mine/0000000a/tool")
      let installed = AgentPresence(
        configuration: fixture.configuration, runtime: LabelledRuntime(labels: nil))
      #expect(try await installed.programs(for: "mine") == ["tool"])
      #expect(try await installed.programs(for: "claude") == ["tool"])
      // An image of the user's own that is still to be built may have it.
      try write("FROM x", to: fixture.configuration.sandbox.containerfile)
      #expect(try await installed.programs(for: "claude") == nil)
    }
  }
}

/// A runtime that knows the labels of its one image.
private struct LabelledRuntime: ContainerRuntime {
  var labels: [String: String]?
  let executable: FilePath = "/nonexistent/podman"
  let environment: [String: String] = [:]
  func facts() async throws -> PodmanFacts { PodmanFacts(version: "4.3.1") }
  func imageExists(_ image: String) async throws -> Bool { labels != nil }
  func imageLabels(_ image: String) async throws -> [String: String]? { labels }
  func removeContainer(_ name: String) async throws -> Bool { false }
}
