import AGSTestSupport
import Glibc
import SystemPackage
import Testing

extension EndToEnd {
  /// 3-run "Lifetime": whatever ends `ags` ends the session, and leaves nothing.
  @Suite struct LifetimeTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
    func signalEndsTheSessionInOrder(signal: Int32) async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          "trap 'echo ended >ended; exit 0' TERM HUP INT; echo up >up; while :; do sleep 0.05; done",
          in: path, timeLimit: .seconds(60)
        ) { program in
          try await fixture.waitForFile(path.appending("up"))
          program.send(signal)
        }
        #expect(!outcome.timedOut, "\(outcome)")
        // The agent heard of it and had its say.
        #expect(try await fixture.shell("cat ended", in: path).lines == ["ended"])
        try await fixture.expectNothingLeft(of: path)
        #expect(try await fixture.sessionDirectories() == [])
      }
    }

    @Test func agentThatIgnoresSignalsIsEndedAllTheSame() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          "trap '' TERM HUP INT; echo up >up; while :; do sleep 0.05; done", in: path,
          timeLimit: .seconds(60)
        ) { program in
          try await fixture.waitForFile(path.appending("up"))
          program.send(SIGTERM)
        }
        #expect(!outcome.timedOut, "\(outcome)")
        #expect(outcome.status > 128, "\(outcome)")
        try await fixture.expectNothingLeft(of: path)
      }
    }

    @Test func processesTheAgentLeavesBehindGoWithIt() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          "(setsid sleep 1000 &) ; sleep 1000 & exit 3", in: path, timeLimit: .seconds(60))
        #expect(outcome.ending == .exited(3), "\(outcome)")
        try await fixture.expectNothingLeft(of: path)
        #expect(try await fixture.sessionDirectories() == [])
      }
    }

    @Test func twoSessionsInOneWorkspaceAtOnceDoNotDisturbEachOther() async throws {
      try await withRepository(fixture) { path in
        async let first = fixture.sandbox(
          "echo up >first; while ! test -e second; do sleep 0.05; done; exit 11", in: path)
        async let second = fixture.sandbox(
          "echo up >second; while ! test -e first; do sleep 0.05; done; exit 12", in: path)
        let endings = try await [first.ending, second.ending]
        #expect(endings == [.exited(11), .exited(12)])
        #expect(try await fixture.sessionDirectories() == [])
      }
    }

    /// `kill -9` at a moment drawn from a seed that a failure names.
    @Test func killedAgsTakesItsSessionAlongAtAnyMoment() async throws {
      let seed = UInt64.random(in: 0...UInt64.max)
      var random = SeededNumbers(state: seed)
      try await withRepository(fixture) { path in
        // How long one takes until the agent runs, so that the moments are spread over it.
        let clock = ContinuousClock()
        let began = clock.now
        _ = try await fixture.sandbox("true", in: path)
        let whole = clock.now - began
        // Two seconds, or twice a whole session where the machine is so busy that it
        // takes longer than one.
        let limit = max(.seconds(2), whole * 2)
        for round in 0..<20 {
          let moment = whole * Double.random(in: 0...1.1, using: &random)
          let outcome = try await fixture.sandbox("sleep 1000", in: path) { program in
            try await Task.sleep(for: moment)
            program.send(SIGKILL)
          }
          #expect(outcome.ending == .signalled(SIGKILL), "\(outcome)")
          do {
            try await eventually(within: limit, "no container and no process is left") {
              try await fixture.leftovers(of: path) == []
            }
          } catch {
            let left = try await fixture.leftovers(of: path)
            Issue.record("seed \(seed), round \(round), killed after \(moment): \(left)")
            return
          }
        }
        // The next start clears up what was left of directories.
        let next = try await fixture.sandbox("exit 4", in: path)
        #expect(next.ending == .exited(4), "seed \(seed): \(next)")
        #expect(try await fixture.sessionDirectories() == [], "seed \(seed)")
      }
    }

    /// podman asked to stop while it makes the container would leave it, and call that 0.
    @Test(arguments: [SIGTERM, SIGINT])
    func signalWhileStartingLeavesNothingAtAnyMoment(signal: Int32) async throws {
      let seed = UInt64.random(in: 0...UInt64.max)
      var random = SeededNumbers(state: seed)
      try await withRepository(fixture) { path in
        let clock = ContinuousClock()
        let began = clock.now
        _ = try await fixture.sandbox("true", in: path)
        let whole = clock.now - began
        for round in 0..<12 {
          let moment = whole * Double.random(in: 0...1, using: &random)
          let outcome = try await fixture.sandbox(
            "sleep 1000", in: path, timeLimit: .seconds(60)
          ) { program in
            try await Task.sleep(for: moment)
            program.send(signal)
          }
          let place = "seed \(seed), round \(round), after \(moment): \(outcome)"
          // The signal's own before `ags` catches it, and once the agent has it.
          #expect([130, 137, 128 + signal].contains(outcome.status), "\(place)")
          do {
            try await eventually(within: .seconds(5), "nothing is left") {
              try await fixture.leftovers(of: path) == []
            }
          } catch {
            Issue.record("\(place) left \(try await fixture.leftovers(of: path))")
            return
          }
          #expect(try await fixture.sessionDirectories() == [], "\(place)")
        }
      }
    }
  }
}

extension SandboxFixture {
  /// Containers of the workspace and processes of the environment.
  func leftovers(of workspace: FilePath) async throws -> [String] {
    let processes = processes().map(\.description)
    let containers = try await podman(
      "ps", "--all", "--filter", "label=io.ags.workspace=\(workspace)", "--format", "{{.Names}}")
    return processes + containers.lines
  }

  /// podman's monitor ends a moment after podman has told the status.
  func expectNothingLeft(of workspace: FilePath) async throws {
    do {
      try await eventually(within: .seconds(5), "nothing is left") {
        try await leftovers(of: workspace) == []
      }
    } catch {
      Issue.record("left: \(try await leftovers(of: workspace))")
    }
  }

  /// What sessions keep below the runtime and the state directory.
  func sessionDirectories() async throws -> [String] {
    try await shell(
      """
      ls -A "$XDG_RUNTIME_DIR/ags" "$HOME/.local/state/ags/sessions" |
        grep -xE '[0-9a-f]{8}' || true
      """
    ).lines
  }

  func waitForFile(_ path: FilePath) async throws {
    try await eventually("\(path) is there") { access(path.string, F_OK) == 0 }
  }
}

/// SplitMix64, so that a failure can be had again.
struct SeededNumbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
