import AGSWire
import Glibc
import Testing

@Suite struct InitLifelineTests {
  /// Processes with this in their environment, zombies not among them.
  func processes(marked mark: String) -> [String] {
    guard let directory = opendir("/proc") else { return [] }
    defer { closedir(directory) }
    var found: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard Int(name) != nil else { continue }
      if textOfFile("/proc/\(name)/environ")?.contains(mark) == true { found.append(name) }
    }
    return found
  }

  func stubborn(_ mark: String) -> LaunchDocument {
    .shell(
      """
      trap '' HUP TERM INT
      setsid sleep 1000 & (setsid sh -c 'sleep 1000 & wait' &)
      while :; do echo ready; sleep 1; done
      """, environment: [("AGS_TEST_MARK", mark)])
  }

  @Test func nothingOutlivesTheLifeline() throws {
    let mark = "mark-first-\(getpid())"
    let shim = try ShimProcess(.first)
    shim.send(stubborn(mark))
    #expect(shim.read(until: "ready").contains("ready"))
    #expect(processes(marked: mark).count >= 3)
    shim.closeLifeline()
    #expect(shim.wait() == 137)
    #expect(processes(marked: mark) == [])
  }

  @Test func agentThatIgnoresSignalsIsKilled() throws {
    let shim = try ShimProcess()
    shim.send(.shell("trap '' HUP TERM; echo $$; while :; do sleep 0.1; done"))
    let agent = try #require(pid_t(shim.read(until: "\n").split(separator: "\n").first ?? ""))
    shim.closeLifeline()
    #expect(shim.wait() == 137)
    usleep(50_000)
    #expect(kill(agent, 0) != 0 || isZombie(agent))
  }

  private func isZombie(_ process: pid_t) -> Bool {
    textOfFile("/proc/\(process)/status")?.contains("State:\tZ") ?? true
  }

  @Test(arguments: InitStatusTests.places)
  func agentMayTidyUp(_ place: ShimProcess.Place) throws {
    // On a busy machine the grace may be over before the agent had a turn.
    var hasTidied = false
    for _ in 0..<10 where !hasTidied {
      let shim = try ShimProcess(place)
      shim.send(
        .shell(
          "trap 'echo tidied; exit' TERM; trap '' HUP; echo ready; while :; do sleep 0.02; done"))
      _ = shim.read(until: "ready")
      shim.closeLifeline()
      hasTidied = shim.read().contains("tidied")
      #expect(shim.wait() == 137)
    }
    #expect(hasTidied)
  }

  @Test func ordinaryProcessSignalsOnlyItsOwn() throws {
    let bystander = try ShimProcess(arguments: ["sleep", "60"])
    let shim = try ShimProcess()
    shim.send(.shell("echo ready; sleep 60"))
    _ = shim.read(until: "ready")
    shim.closeLifeline()
    #expect(shim.wait() == 137)
    #expect(bystander.wait(within: .milliseconds(50)) == nil)
  }

  @Test(arguments: InitStatusTests.places)
  func lifelineIsWatchedBeforeTheDocumentCame(_ place: ShimProcess.Place) throws {
    let shim = try ShimProcess(place)
    usleep(50_000)
    shim.closeLifeline()
    #expect(shim.wait(within: .seconds(2)) == 137)
    #expect(shim.read() == "")
  }

  @Test func killedInitTakesEverythingAlong() throws {
    let mark = "mark-killed-\(getpid())"
    let shim = try ShimProcess(.first)
    shim.send(stubborn(mark))
    _ = shim.read(until: "ready")
    kill(try shim.shim(.first), SIGKILL)
    #expect(shim.wait(within: .seconds(2)) != nil)
    #expect(processes(marked: mark) == [])
  }
}
