import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// 3-run "Lifetime": what is cleared away after a session that did not end by itself.
@Suite struct SessionRemovalTests {
  /// Init has the document whole.
  private func started(_ fixture: PlanFixture) -> String {
    "cat <&3 >/dev/null; touch \(fixture.root)/started;"
  }

  /// Runs `script` and cancels it once it has started.
  private func cancelled(
    _ script: String, in fixture: PlanFixture, grace: Duration = .seconds(600)
  ) async throws -> (ending: SessionEnding, removed: [String]) {
    let runtime = try ScriptRuntime(script, in: fixture.root)
    let session = fixture.session(try fixture.plan(), runtime: runtime, grace: grace)
    let task = Task { try await session.run() }
    try await fixture.waitFor("started")
    task.cancel()
    return (try await task.value, runtime.removedContainers)
  }

  @Test func cancellationReachesTheAgentAsSIGTERM() async throws {
    try await PlanFixture.withOwner { fixture in
      let (ending, removed) = try await cancelled(
        "trap 'exit 77' TERM; \(started(fixture)) while :; do sleep 0.02; done", in: fixture)
      #expect(ending.exitStatus == 77)
      #expect(removed == [try fixture.plan().containerName])
      #expect(fixture.isClean)
    }
  }

  @Test func cancellationClimbsTheLadder() async throws {
    try await PlanFixture.withOwner { fixture in
      let (ending, _) = try await cancelled(
        "trap '' TERM; \(started(fixture)) while :; do sleep 0.05; done", in: fixture,
        grace: .milliseconds(100))
      #expect(ending.exitStatus == 137)
      #expect(fixture.isClean)
    }
  }

  /// podman would end with 0 here, and nothing of the document may be left to be read.
  @Test func documentNobodyHasReadIsTakenBackAndPodmanNotAsked() async throws {
    try await PlanFixture.withOwner { fixture in
      let script = """
        trap 'touch \(fixture.root)/asked' TERM
        sleep 0.3; touch \(fixture.root)/started
        cat <&4 >/dev/null; cat <&3 >\(fixture.root)/document; exit 0
        """
      let (ending, removed) = try await cancelled(script, in: fixture)
      #expect(ending.exitStatus == 130)
      #expect(try read(fixture.root.appending("document")).isEmpty)
      #expect(!exists(fixture.root.appending("asked")))
      #expect(removed == [try fixture.plan().containerName])
      #expect(fixture.isClean)
    }
  }

  @Test func sessionCancelledBeforePodmanStartsNothing() async throws {
    try await PlanFixture.withOwner { fixture in
      let runtime = try ScriptRuntime("touch \(fixture.root)/started", in: fixture.root)
      let session = fixture.session(try fixture.plan(), runtime: runtime)
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return try await session.run()
      }
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(!exists(fixture.root.appending("started")))
      #expect(fixture.isClean)
    }
  }

  @Test func podmanThatEndsBeforeTheAgentIsNoSuccess() async throws {
    try await PlanFixture.withOwner { fixture in
      let warnings = Warnings()
      let runtime = try ScriptRuntime("exit 0", in: fixture.root)
      let session = fixture.session(
        try fixture.plan(), runtime: runtime,
        observer: SessionObserver(warning: { warnings.add($0) }))
      #expect(try await session.run().exitStatus == 125)
      #expect(warnings.all == ["podman ended before the agent was started"])
      #expect(runtime.removedContainers.count == 1)
      #expect(fixture.isClean)
    }
  }

  @Test func containerThatResistsIsLeftToTheNextStart() async throws {
    try await PlanFixture.withOwner { fixture in
      let warnings = Warnings()
      let plan = try fixture.plan()
      let first = fixture.session(
        plan,
        runtime: try ScriptRuntime(
          "\(started(fixture)) kill -KILL $$", in: fixture.root,
          removalFailure: PodmanError(summary: "it is stuck")),
        observer: SessionObserver(warning: { warnings.add($0) }))
      #expect(try await first.run().exitStatus == 137)
      #expect(warnings.all == ["it is stuck; it is tried again at the next start"])
      #expect(!fixture.isClean)
      let later = try ScriptRuntime("\(started(fixture)) exit 4", in: fixture.root)
      let next = fixture.session(try fixture.plan(sessionID: "89abcdef"), runtime: later)
      #expect(try await next.run().exitStatus == 4)
      #expect(later.removedContainers == [plan.containerName])
      #expect(fixture.isClean)
    }
  }

  /// conmon of a podman that was killed beside it, and what it started.
  @Test(arguments: [true, false]) func monitorIsEndedIfItIsThisContainers(isOurs: Bool) async throws
  {
    try await withTemporaryDirectory { root in
      let process = try AttachedProcess.spawn(
        "/bin/sh", arguments: ["-c", "sleep 600 & echo $! >\(root)/child; wait", "-n", "ags-x-1"],
        environment: ["PATH": "/usr/bin:/bin"], passing: [])
      var child: pid_t?
      for _ in 0..<1000 where child == nil {
        usleep(5000)
        child = SmallFile.firstLine(root.appending("child")).flatMap { pid_t($0) }
      }
      let sleeper = try #require(child)
      try write("\(process.pid)\n", to: root.appending("conmon.pid"))
      ContainerMonitor(
        container: isOurs ? "ags-x-1" : "ags-x-2", idFile: root.appending("conmon.pid")
      ).end()
      if !isOurs {
        #expect(kill(process.pid, 0) == 0 && kill(sleeper, 0) == 0)
        process.send(SIGKILL)
        kill(sleeper, SIGKILL)
      }
      #expect(process.reap() == .signalled(SIGKILL))
      // A signal is there at once; dying takes its turn on a busy machine.
      func state() -> String? { SmallFile.text(FilePath("/proc/\(sleeper)/stat")) }
      func isGone() -> Bool { state().map { $0.contains(") Z ") } ?? true }
      for _ in 0..<1000 where isOurs && !isGone() { usleep(5000) }
      if isOurs { #expect(isGone(), "\(state() ?? "")") }
    }
  }
}
