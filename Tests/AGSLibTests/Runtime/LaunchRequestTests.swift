import Testing

@testable import AGSLib

@Suite struct LaunchRequestTests {
  private func summary(_ modes: Set<RunMode>, items: [String] = []) -> String? {
    do {
      try LaunchRequest(agent: "shell", modes: modes, onePasswordItems: items).validate()
      return nil
    } catch {
      return error.summary
    }
  }

  @Test func whatIsThereGoesThroughAlone() {
    #expect(summary([]) == nil)
    let lockdown: Set<RunMode> = [.lockdown, .noLogin]
    #expect(summary(RunMode.available.subtracting(lockdown)) == nil)
    #expect(summary(RunMode.available.subtracting(RunMode.refusedInLockdown)) == nil)
  }

  @Test(arguments: RunMode.allCases.filter { !RunMode.available.contains($0) })
  func whatIsNotThereYetIsRefusedByName(mode: RunMode) {
    let modes = Set([mode, mode.needs].compactMap { $0 })
    let summary = summary(modes)
    #expect(summary?.contains("is not in this version") == true)
    #expect(modes.contains { summary?.hasPrefix($0.rawValue) == true })
  }

  @Test(arguments: [
    (RunMode.stopWhenDone, "--tmux"), (.pspKeep, "--psp"), (.noLogin, "--lockdown"),
    (.browserUnconfined, "--browser"),
  ])
  func flagThatNeedsAnotherSaysBoth(mode: RunMode, needed: String) {
    #expect(summary([mode]) == "\(mode.rawValue) needs \(needed)")
  }

  @Test(arguments: [RunMode.browser, .psp, .root, .wayland])
  func lockdownRefusesByName(mode: RunMode) {
    #expect(summary([.lockdown, mode]) == "--lockdown and \(mode.rawValue) exclude each other")
  }

  @Test func lockdownRefusesTheRestTooByName() {
    #expect(
      summary([.lockdown, .psp, .pspKeep])?.hasSuffix("exclude each other") == true)
    #expect(
      summary([.lockdown], items: ["v/i"])
        == "--lockdown and --op-secret-set exclude each other")
  }

  @Test func onePasswordItemsAreRefusedByName() {
    #expect(summary([], items: ["v/i"])?.hasPrefix("--op-secret-set is not in this") == true)
  }

  @Test func unknownAgentNamesTheKnownOnes() async throws {
    try await PlanFixture.with { fixture in
      let planned = fixture
      let error = #expect(throws: LaunchError.self) {
        try planned.plan(LaunchRequest(agent: "vim"))
      }
      #expect(error?.summary.contains("\"vim\"") == true)
      #expect(error?.hint?.contains("pi, claude, codex, gemini, opencode, shell") == true)
    }
  }

  @Test func declaredAgentRunsWithItsDefaultsOnlyWhenAsked() async throws {
    try await PlanFixture.with { fixture in
      fixture.configuration.agents = [
        AgentDeclaration(
          name: "mine", command: ["mine", "run"], defaults: ["--fast"],
          homes: [try ContainerPath("/home/dev/.mine")])
      ]
      var request = LaunchRequest(agent: "mine", agentArguments: ["--", "$X"])
      #expect(try fixture.plan(request).commands == [["mine", "run", "--", "$X"]])
      request.modes = [.defaults]
      let plan = try fixture.plan(request)
      #expect(plan.commands == [["mine", "run", "--fast", "--", "$X"]])
      // Its own home, and nobody else's.
      let homes = plan.mounts.filter {
        if case .agentHome = $0.origin { true } else { false }
      }
      #expect(homes.map(\.target.description) == ["/home/dev/.mine"])
    }
  }
}
