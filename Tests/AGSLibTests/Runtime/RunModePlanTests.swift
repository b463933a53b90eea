import AGSTestSupport
import AGSWire
import SystemPackage
import Testing

@testable import AGSLib

/// What each mode changes in a plan.
@Suite struct RunModePlanTests {
  @Test func rootInsideHasPodmansOwnMapAndItsCapabilities() async throws {
    try await PlanFixture.with { fixture in
      let plan = try fixture.plan(LaunchRequest(agent: "claude", modes: [.root]))
      let arguments = plan.podmanArguments
      #expect(arguments.contains("--user=0:0"))
      #expect(!arguments.contains("--cap-drop=all"))
      #expect(!arguments.contains { $0.hasPrefix("--userns") || $0.hasPrefix("--uidmap") })
      #expect(plan.launchEnvironment.contains(.init("IS_SANDBOX", "1")))
      #expect(plan.warnings.contains { $0.hasPrefix("--root: ") })
      #expect(plan.commands[0].contains { $0.contains("You are root") })
    }
  }

  @Test func withoutRootNothingOfItIsThere() async throws {
    try await PlanFixture.with { fixture in
      let plan = try fixture.plan(LaunchRequest(agent: "claude"))
      #expect(plan.podmanArguments.contains("--cap-drop=all"))
      #expect(!plan.launchEnvironment.contains { $0.name == "IS_SANDBOX" })
      #expect(!plan.commands[0].contains { $0.contains("You are root") })
    }
  }

  @Test func rootsOwnRootModeIsTheWorkspacesOwnerInside() async throws {
    try await PlanFixture.with { fixture in
      fixture.host.userID = 0
      let plan = try fixture.plan(LaunchRequest(agent: "shell", modes: [.root]))
      let owner = plan.workspace.owner
      #expect(plan.podmanArguments.contains("--uidmap=0:\(owner):1"))
      #expect(plan.podmanArguments.contains { $0.hasPrefix("--uidmap=1:") })
      #expect(plan.userMapping.owner?.uid == owner)
    }
  }

  @Test func tmuxIsInThePlanAndNowhereOnPodmansCommandLine() async throws {
    try await PlanFixture.with { fixture in
      let uses: [(Set<RunMode>, TmuxUse)] = [
        ([], .absent), ([.tmux], .outlivesAgent), ([.tmux, .stopWhenDone], .endsWithAgent),
        ([.tmux, .root], .outlivesAgent),
      ]
      for (modes, use) in uses {
        let plan = try fixture.plan(LaunchRequest(agent: "shell", modes: modes))
        #expect(plan.tmux == use)
        let json = try PlanDescription(plan).json()
        #expect(json.contains("\"tmux\" : \"\(use.rawValue)\""))
        #expect(!plan.podmanArguments.contains { $0.contains("tmux") })
      }
    }
  }

  @Test func yoloReachesTheGuardThroughTheFileThatCannotBeChanged() async throws {
    try await PlanFixture.with { fixture in
      let plain = try fixture.plan(LaunchRequest(agent: "shell"))
      let yolo = try fixture.plan(LaunchRequest(agent: "shell", modes: [.yolo]))
      #expect(!plain.guardRules.yolo && yolo.guardRules.yolo)
      #expect(yolo.launchEnvironment.contains(.init("AGS_GUARD_YOLO", "1")))
      #expect(!plain.launchEnvironment.contains { $0.name == "AGS_GUARD_YOLO" })
      #expect(yolo.warnings.contains { $0.hasPrefix("--yolo") })
    }
  }

  @Test func guardKnowsWhatWasHandedInAndHow() async throws {
    try await PlanFixture.with { fixture in
      let data = fixture.root.appending("data")
      try makeDirectory(data)
      fixture.configuration.mounts = [
        ConfiguredMount(host: data, container: try ContainerPath("/data"), mode: .readOnly)
      ]
      let rules = try fixture.plan().guardRules
      #expect(rules.readRoots == ["/data"])
      #expect(rules.writeRoots == [fixture.project.string])
    }
  }

  @Test func agentsAreToldWhereTheyAre() async throws {
    try await PlanFixture.with { fixture in
      let arguments = ["--resume", "it's"]
      func command(_ agent: String, _ modes: Set<RunMode> = []) throws -> [String] {
        try fixture.plan(
          LaunchRequest(agent: agent, agentArguments: arguments, modes: modes)
        ).commands[0]
      }
      let hint = Agent.hostHint
      for agent in ["claude", "pi"] {
        let words = try command(agent)
        #expect(words.contains(["--append-system-prompt", hint]))
      }
      let codex = try command("codex")
      #expect(codex.contains(["-c", "developer_instructions=\"\(hint)\""]))
      #expect(try command("gemini") == ["gemini"] + arguments)
      #expect(try command("gemini", [.defaults]) == ["gemini", "--yolo"] + arguments)
      #expect(try command("claude").suffix(2) == arguments)
      let defaults = try command("claude", [.defaults])
      #expect(defaults.contains("--dangerously-skip-permissions"))
    }
  }

  @Test func waylandSocketIsHandedInReadOnly() async throws {
    try await PlanFixture.with { fixture in
      let runtime = fixture.root.appending("run")
      try makeDirectory(runtime)
      let socket = try ListeningSocket(runtime.appending("wayland-7"))
      fixture.host.userID = socket.owner
      fixture.host.environment["WAYLAND_DISPLAY"] = "wayland-7"
      let plan = try fixture.plan(LaunchRequest(agent: "shell", modes: [.wayland]))
      let mount = try #require(plan.mounts.first { $0.origin == .waylandSocket })
      #expect(mount.mode == .readOnly && mount.kind == .file)
      #expect(mount.source.lastComponent?.string == "wayland-7")
      #expect(plan.launchEnvironment.contains(.init("WAYLAND_DISPLAY", "wayland-0")))
      #expect(plan.warnings.contains { $0.contains("Wayland") })
      fixture.configuration.desktopPassthrough.wayland = true
      #expect(try fixture.plan().mounts.contains { $0.origin == .waylandSocket })
    }
  }

  @Test(arguments: [String?.none, "", "absent-0", "file"])
  func withoutAWaylandSessionThePassthroughIsAnError(display: String?) async throws {
    try await PlanFixture.with { fixture in
      try write("", to: fixture.root.appending("run/file"))
      fixture.host.environment["WAYLAND_DISPLAY"] = display
      let planned = fixture
      let error = #expect(throws: LaunchError.self) {
        try planned.plan(LaunchRequest(agent: "shell", modes: [.wayland]))
      }
      #expect(error?.hint?.contains("--wayland-compositor-passthrough") == true)
    }
  }
}
