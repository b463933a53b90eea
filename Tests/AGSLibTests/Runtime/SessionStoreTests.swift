import AGSTestSupport
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// 3-run "Lifetime" and 6-security 19: what a crash leaves is found and swept, and nothing
/// else is.
@Suite struct SessionStoreTests {
  private struct Fixture {
    let plan: PlanFixture
    let runtime: ScriptRuntime
    var store: SessionStore {
      SessionStore(host: plan.host, sandbox: plan.configuration.sandbox)
    }
    var sessions: FilePath { store.sessions }
    var runtimes: FilePath { plan.root.appending("run/ags") }

    /// What a killed `ags` leaves: both directories, and a marker nobody has locked.
    func leaveCrashed(_ id: String, marker: String? = nil, runtime: FilePath? = nil) throws {
      let runtime = runtime ?? runtimes.appending(id)
      let text =
        marker ?? #"{"container": "ags-x-\#(id)", "runtime": "\#(runtime)"}"#
      try write(text, to: sessions.appending(id).appending("marker"))
      try write("x", to: sessions.appending(id).appending("home/.cache/x"))
      try write("x", to: runtimes.appending(id).appending("sandbox/x"))
      for level in [runtimes.removingLastComponent(), runtimes, sessions] {
        chmod(level.string, 0o700)
      }
    }

    func left() -> [String] { names(in: sessions).filter { $0 != ".lock" } }
  }

  private func with(_ body: (Fixture) async throws -> Void) async throws {
    try await PlanFixture.withOwner { plan in
      try await body(Fixture(plan: plan, runtime: ScriptRuntime("", in: plan.root)))
    }
  }

  @Test func levelsAreMadeForTheUserAlone() async throws {
    try await with { fixture in
      let plan = try fixture.plan.plan()
      let hold = try fixture.store.open(plan)
      for path in [
        fixture.plan.root.appending("run"), fixture.runtimes, plan.paths.runtime,
        plan.paths.sandbox, plan.paths.host, fixture.sessions, plan.paths.state, plan.paths.home,
      ] {
        #expect(mode(of: path) == 0o700, "\(path)")
      }
      #expect(mode(of: plan.paths.state.appending("marker")) == 0o600)
      #expect(fixture.store.close(hold, paths: plan.paths).isEmpty)
      #expect(fixture.left().isEmpty && names(in: fixture.runtimes).isEmpty)
    }
  }

  @Test func linksPlantedInTheLevelsAreRefusedAndNotFollowed() async throws {
    try await with { fixture in
      let outside = fixture.plan.root.appending("outside")
      try makeDirectory(outside)
      chmod(outside.string, 0o700)
      let plan = try fixture.plan.plan()
      let runtime = fixture.plan.root.appending("run")
      for place in [runtime, fixture.runtimes, plan.paths.runtime, plan.paths.state] {
        if place != runtime { try makeDirectory(place.removingLastComponent()) }
        for level in [runtime, fixture.runtimes, fixture.sessions] { chmod(level.string, 0o700) }
        try link(place, to: outside)
        #expect(throws: DirectoryError.self) { _ = try fixture.store.open(plan) }
        #expect(names(in: outside).isEmpty, "through \(place)")
        unlink(place.string)
      }
      #expect(fixture.left().isEmpty)
    }
  }

  @Test func twoSessionsLiveSideBySideAndAreNotSwept() async throws {
    try await with { fixture in
      let plans = [
        try fixture.plan.plan(sessionID: "00000001"), try fixture.plan.plan(sessionID: "00000002"),
      ]
      let holds = try plans.map { try fixture.store.open($0) }
      let problems = try await fixture.store.sweep(with: fixture.runtime)
      #expect(problems.isEmpty && fixture.store.dead().isEmpty)
      #expect(fixture.left() == ["00000001", "00000002"])
      #expect(fixture.store.close(holds[0], paths: plans[0].paths).isEmpty)
      #expect(fixture.left() == ["00000002"])
      #expect(names(in: fixture.runtimes) == ["00000002"])
      #expect(fixture.store.close(holds[1], paths: plans[1].paths).isEmpty)
      #expect(fixture.runtime.removedContainers.isEmpty)
    }
  }

  @Test func livingSessionsAreFoundWithTheirSockets() async throws {
    try await with { fixture in
      #expect(try fixture.store.livingAtRest().isEmpty)
      let plan = try fixture.plan.plan()
      let hold = try fixture.store.open(plan)
      try fixture.leaveCrashed("deadbeef")
      let living = try fixture.store.livingAtRest()
      #expect(living.map(\.name) == [plan.sessionID])
      #expect(living.map(\.sockets) == [plan.paths.host])
      // What it says must be a session's own directory.
      for runtime in ["/tmp", "ags/\(plan.sessionID)", "/x/ags/../\(plan.sessionID)"] {
        let marker = try FileDescriptor.open(
          plan.paths.state.appending("marker"), .writeOnly, options: .truncate)
        try marker.writeAll(#"{"container": "", "runtime": "\#(runtime)"}"#.utf8)
        try marker.close()
        #expect(try fixture.store.livingAtRest().isEmpty, "\(runtime)")
      }
      _ = fixture.store.close(hold, paths: plan.paths)
      #expect(try fixture.store.livingAtRest().isEmpty)
    }
  }

  @Test func sameSessionTwiceIsRefusedAndTheFirstLives() async throws {
    try await with { fixture in
      let plan = try fixture.plan.plan()
      let hold = try fixture.store.open(plan)
      #expect(throws: DirectoryError.self) { _ = try fixture.store.open(plan) }
      #expect(exists(plan.paths.home) && exists(plan.paths.sandbox))
      #expect(fixture.store.dead().isEmpty)
      _ = fixture.store.close(hold, paths: plan.paths)
    }
  }

  @Test func killedSessionIsSweptItsContainerFirst() async throws {
    try await with { fixture in
      try fixture.leaveCrashed("deadbeef")
      // A process holds the lock, and is killed as `ags` may be.
      let marker = fixture.sessions.appending("deadbeef/marker")
      let call = ProgramCall(
        program: "/usr/bin/flock",
        arguments: [
          "--no-fork", marker.string, "/bin/sh", "-c",
          "touch \(fixture.plan.root)/held; exec sleep 300",
        ], environment: ["PATH": "/usr/bin:/bin"], directory: "/")
      let outcome = try await call.run { program in
        try await fixture.plan.waitFor("held")
        let problems = try await fixture.store.sweep(with: fixture.runtime)
        #expect(problems.isEmpty && fixture.left() == ["deadbeef"])
        #expect(fixture.runtime.removedContainers.isEmpty)
        program.send(SIGKILL)
      }
      #expect(outcome.ending == .signalled(SIGKILL))
      #expect(fixture.store.dead().map(\.name) == ["deadbeef"])
      _ = try await fixture.store.sweep(with: fixture.runtime)
      #expect(fixture.runtime.removedContainers == ["ags-x-deadbeef"])
      #expect(fixture.left().isEmpty && names(in: fixture.runtimes).isEmpty)
    }
  }

  @Test func containerThatResistsKeepsItsDirectoryAndNobodyFromWorking() async throws {
    try await with { fixture in
      try fixture.leaveCrashed("deadbeef")
      let resisting = try ScriptRuntime(
        "cat <&3 >/dev/null; exit 4", in: fixture.plan.root,
        removalFailure: PodmanError(summary: "the container is stuck"))
      let warnings = Warnings()
      let session = fixture.plan.session(
        try fixture.plan.plan(), runtime: resisting,
        observer: SessionObserver(warning: { warnings.add($0) }))
      #expect(try await session.run().exitStatus == 4)
      #expect(
        warnings.all == ["a session that crashed is still there: the container is stuck"])
      #expect(fixture.left() == ["deadbeef"])
    }
  }

  @Test func garbageIsSweptOnlyWhereItIsNamedLikeASession() async throws {
    try await with { fixture in
      try fixture.leaveCrashed("00000001", marker: "not JSON")
      try fixture.leaveCrashed("00000002", marker: "")
      try fixture.leaveCrashed("00000003", marker: #"{"container": 5}"#)
      try makeDirectory(fixture.sessions.appending("00000004"))
      try write("x", to: fixture.sessions.appending("00000005"))
      try link(fixture.sessions.appending("00000006"), to: fixture.plan.project)
      try write("keep", to: fixture.plan.project.appending("file"))
      for name in ["notes.txt", "DEADBEEF", "0123abc", "..x"] {
        try write("x", to: fixture.sessions.appending(name))
      }
      _ = try await fixture.store.sweep(with: fixture.runtime)
      #expect(fixture.left() == ["..x", "0123abc", "DEADBEEF", "notes.txt"])
      #expect(fixture.runtime.removedContainers.isEmpty)
      #expect(names(in: fixture.plan.project) == ["file"])
    }
  }

  @Test func markerNamingAnotherPlaceRemovesNothingThere() async throws {
    try await with { fixture in
      let root = fixture.plan.root
      let victims = [
        root.appending("work/deadbeef"), root.appending("work/other"),
        root.appending("ags/other"),
      ]
      for victim in victims { try write("keep", to: victim.appending("file")) }
      let places =
        victims.map(\.string) + [
          "\(root)/ags/../work/deadbeef", "\(root)/work/./deadbeef", "/", "", "deadbeef",
          "\(root)/ags/other/..",
        ]
      for place in places {
        try fixture.leaveCrashed(
          "deadbeef", marker: #"{"container": "ags-x-deadbeef", "runtime": "\#(place)"}"#)
        _ = try await fixture.store.sweep(with: fixture.runtime)
        #expect(fixture.left().isEmpty)
        for victim in victims { #expect(exists(victim.appending("file")), "\(place)") }
      }
    }
  }

  @Test func markerNamingAnotherContainerRemovesNone() async throws {
    try await with { fixture in
      for name in ["database", "--all", "", "ags-x-00000000", "x-deadbeef"] {
        try fixture.leaveCrashed(
          "deadbeef", marker: #"{"container": "\#(name)", "runtime": ""}"#)
        _ = try await fixture.store.sweep(with: fixture.runtime)
        #expect(fixture.left().isEmpty)
      }
      #expect(fixture.runtime.removedContainers.isEmpty)
    }
  }

  /// Of another version, or damaged: the lock is what says that it lives.
  @Test func livingSessionWithAMarkerNobodyUnderstandsIsLeftAlone() async throws {
    try await with { fixture in
      let plan = try fixture.plan.plan()
      let hold = try fixture.store.open(plan)
      let marker = plan.paths.state.appending("marker")
      let descriptor = open(marker.string, O_WRONLY | O_TRUNC | O_CLOEXEC)
      close(descriptor)
      #expect(fixture.store.dead().isEmpty)
      _ = fixture.store.close(hold, paths: plan.paths)
    }
  }

  @Test func sweepAndOpenAtOnceLeaveTheLiving() async throws {
    try await with { fixture in
      let store = fixture.store
      let runtime = fixture.runtime
      for number in 0..<10 { try fixture.leaveCrashed("dead000\(number)") }
      let plan = try fixture.plan.plan()
      let plans = (0..<10).map { number in
        var other = plan
        other.sessionID = "0000000\(number)"
        other.containerName = "ags-x-\(other.sessionID)"
        other.paths = SessionPaths(
          sessionID: other.sessionID, host: fixture.plan.host,
          sandbox: fixture.plan.configuration.sandbox)
        return other
      }
      let holds = try await withThrowingTaskGroup(of: [SessionStore.Hold].self) { group in
        for plan in plans {
          group.addTask {
            _ = try await store.sweep(with: runtime)
            return [try store.open(plan)]
          }
        }
        for _ in 0..<10 {
          group.addTask {
            _ = try await store.sweep(with: runtime)
            return []
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      _ = try await store.sweep(with: runtime)
      #expect(holds.count == 10)
      #expect(fixture.left() == plans.map(\.sessionID))
      for plan in plans { #expect(exists(plan.paths.home) && exists(plan.paths.sandbox)) }
      #expect(names(in: fixture.runtimes) == plans.map(\.sessionID))
    }
  }
}
