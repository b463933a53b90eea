import AGSWire
import Glibc
import Testing

@Suite struct InitStatusTests {
  static let places: [ShimProcess.Place] = [.ordinary, .first]

  func run(
    _ document: LaunchDocument, _ place: ShimProcess.Place = .ordinary
  ) throws -> (status: Int32?, output: String) {
    let shim = try ShimProcess(place)
    shim.send(document)
    let output = shim.read()
    return (shim.wait(), output)
  }

  @Test(arguments: places, [0, 1, 7, 255])
  func agentsStatusIsPassedOn(_ place: ShimProcess.Place, _ status: Int32) throws {
    let result = try run(.shell("echo out; echo err >&2; exit \(status)"), place)
    #expect(result.status == status)
    #expect(result.output == "out\nerr\n")
  }

  @Test(arguments: places, [SIGKILL, SIGTERM, SIGSEGV])
  func signalsBecome128AndTheirNumber(_ place: ShimProcess.Place, _ signal: Int32) throws {
    #expect(try run(.shell("kill -\(signal) $$"), place).status == 128 + signal)
  }

  @Test func missingProgramIs127() throws {
    let result = try run(.programs(["no-such-program"], ["nor-this", "-x"]))
    #expect(result.status == 127)
    #expect(result.output == "ags-shim: no-such-program, nor-this: not found in the image\n")
  }

  @Test func firstProgramThatIsThereRuns() throws {
    let result = try run(.programs(["no-such-program"], ["echo", "second"], ["echo", "third"]))
    #expect(result.status == 0)
    #expect(result.output == "second\n")
  }

  @Test func programThatCannotRunIs126() throws {
    let directory = try TemporaryDirectory()
    directory.write("#!/bin/sh\n", to: "plain")
    directory.write("\u{7F}ELF\0\0", to: "binary", mode: 0o755)
    let plain = try run(.programs(["plain"], path: directory.path))
    #expect(plain.status == 126)
    #expect(plain.output == "ags-shim: \(directory.path)/plain: is not executable\n")
    #expect(try run(.programs([directory.path])).status == 126)
    #expect(try run(.programs(["binary"], path: directory.path)).status == 126)
  }

  @Test func missingInterpreterIsNamed() throws {
    let directory = try TemporaryDirectory()
    directory.write("#!/no/such/interpreter\n", to: "script", mode: 0o755)
    let result = try run(.programs(["script"], path: directory.path))
    #expect(result.status == 127)
    #expect(result.output.contains("interpreter"))
  }

  @Test func scriptWithoutInterpreterRunsInTheShell() throws {
    let directory = try TemporaryDirectory()
    directory.write("echo \"ran $1\"\n", to: "script", mode: 0o755)
    let result = try run(.programs(["script", "well"], path: "relative::\(directory.path)"))
    #expect(result.output == "ran well\n")
  }

  @Test func relativeEntriesOfPathAreNotSearched() throws {
    let directory = try TemporaryDirectory()
    directory.write("echo planted\n", to: "agent", mode: 0o755)
    var document = LaunchDocument.programs(["agent"], path: ".::bin:")
    document.workingDirectory = directory.path
    #expect(try run(document).status == 127)
  }

  @Test func orphansAreReaped() throws {
    let script = """
      for i in 1 2 3 4 5; do sh -c '(sleep 0.05; exit 3) & exit' & done; wait; sleep 0.4
      grep -l '^State:.Z' /proc/[0-9]*/status; echo "rest $(ls -d /proc/[0-9]* | wc -l)"
      """
    let result = try run(.shell(script), .first)
    // PID 1, the shell, and at most what counts them.
    let rest = try #require(Int(result.output.split(separator: " ").last?.dropLast() ?? ""))
    #expect(result.output.hasPrefix("rest ") && rest <= 5)
  }

  @Test func signalsReachTheAgentsWholeGroup() throws {
    for signal in ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "WINCH"] {
      let shim = try ShimProcess()
      // The outer shell's trap runs when the inner shell has ended.
      shim.send(
        .shell(
          """
          trap 'echo outer \(signal)' \(signal)
          sh -c 'trap "echo inner \(signal); exit 4" \(signal); echo ready
            while :; do sleep 0.02; done'; exit $?
          """))
      #expect(shim.read(until: "ready") == "ready\n")
      kill(shim.process, number(of: signal))
      let output = shim.read()
      #expect(output.contains("outer \(signal)") && output.contains("inner \(signal)"))
      #expect(shim.wait() == 4)
    }
  }

  private func number(of name: String) -> Int32 {
    [
      "HUP": SIGHUP, "INT": SIGINT, "QUIT": SIGQUIT, "TERM": SIGTERM, "USR1": SIGUSR1,
      "USR2": SIGUSR2, "WINCH": SIGWINCH,
    ][name] ?? 0
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGQUIT])
  func signalBeforeTheStartEndsIt(_ signal: Int32) throws {
    let shim = try ShimProcess()
    usleep(50_000)
    kill(shim.process, signal)
    #expect(shim.wait() == 128 + signal)
    #expect(shim.read() == "")
  }

  @Test func agentStartsWithCleanSignals() throws {
    let shim = try ShimProcess(arguments: [
      "sh", "-c", "trap '' TERM HUP CHLD PIPE; exec \(ShimProcess.binary) init",
    ])
    shim.send(.programs(["cat", "/proc/self/status"]))
    let lines = shim.read().split(separator: "\n")
    let masks = lines.filter { line in
      ["SigBlk:", "SigIgn:", "SigCgt:"].contains { line.hasPrefix($0) }
    }
    #expect(masks.count == 3)
    #expect(masks.allSatisfy { $0.hasSuffix("\t0000000000000000") }, "\(masks)")
  }
}
