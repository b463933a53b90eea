import AGSWire
import Glibc
import Testing

@Suite struct InitTerminalTests {
  static let places = InitStatusTests.places

  func start(
    _ script: String, _ place: ShimProcess.Place = .ordinary
  ) throws -> (shim: ShimProcess, terminal: Terminal) {
    let terminal = try Terminal()
    // unshare leads the session in the other case, and gives the terminal on.
    let shim = try ShimProcess(place, streams: .terminal(terminal))
    shim.send(.shell(script))
    return (shim, terminal)
  }

  @Test(arguments: places)
  func agentIsInTheForeground(_ place: ShimProcess.Place) throws {
    let (shim, terminal) = try start(
      "read pid name state parent group session tty front rest < /proc/$$/stat; "
        + "echo $((pid == group)) $((front == group)) $((session == group)) end", place)
    #expect(terminal.read(until: "end").contains("1 1 0 end"))
    #expect(shim.wait() == 0)
  }

  @Test(arguments: places)
  func interruptReachesTheAgentOnce(_ place: ShimProcess.Place) throws {
    let (shim, terminal) = try start(
      """
      n=0; trap 'n=$((n + 1)); echo "got $n"' INT; echo ready
      while test $n = 0; do sleep 0.05; done; sleep 0.2; exit $((40 + n))
      """, place)
    _ = terminal.read(until: "ready")
    terminal.type("\u{3}")
    #expect(terminal.read(until: "got").contains("got"))
    #expect(shim.wait() == 41)
  }

  @Test(arguments: places)
  func interruptEndsAnAgentThatDoesNotMindIt(_ place: ShimProcess.Place) throws {
    // Without exec the shell may start sleep just then, with the interrupt lost on it.
    let (shim, terminal) = try start("echo ready; exec sleep 60", place)
    _ = terminal.read(until: "ready")
    terminal.type("\u{3}")
    #expect(shim.wait() == 130)
  }

  @Test(arguments: places)
  func suspendedAgentGoesOn(_ place: ShimProcess.Place) throws {
    let (shim, terminal) = try start("echo ready; read word; echo \"got $word\"; exit 3", place)
    _ = terminal.read(until: "ready")
    for _ in 0..<3 {
      terminal.type("\u{1A}")
      usleep(100_000)
    }
    terminal.type("hello\n")
    #expect(terminal.read(until: "got hello").contains("got hello"))
    #expect(shim.wait() == 3)
  }

  @Test func agentStoppedForReadingFromTheBackgroundGetsTheTerminal() throws {
    // The job of a monitoring shell takes the foreground and is killed with that shell;
    // what is left of the agent's group then reads from the background.
    let (shim, terminal) = try start(
      """
      trap '' TTOU; sh -c 'set -m; sleep 0.1; kill -9 $$' 
      read word; echo "got $word"; exit 3
      """)
    usleep(400_000)
    terminal.type("hello\n")
    #expect(terminal.read(until: "got hello").contains("got hello"))
    #expect(shim.wait() == 3)
  }

  @Test(arguments: places)
  func newWindowSizeArrives(_ place: ShimProcess.Place) throws {
    let (shim, terminal) = try start(
      """
      trap 'stty size; echo seen; exit 0' WINCH; echo ready
      while :; do sleep 0.05; done
      """, place)
    _ = terminal.read(until: "ready")
    terminal.resize(rows: 41, columns: 123)
    #expect(terminal.read(until: "seen").contains("41 123"))
    #expect(shim.wait() == 0)
  }

  @Test func foregroundIsGivenBack() throws {
    let terminal = try Terminal()
    let shim = try ShimProcess(
      streams: .terminal(terminal),
      arguments: [
        "sh", "-c",
        """
        \(ShimProcess.binary) init; echo "status $?"
        read pid name state parent group session tty front rest < /proc/$$/stat
        echo "back $((front == group))"; read word; echo "got $word"
        """,
      ])
    shim.send(.shell("exit 9"))
    #expect(terminal.read(until: "back 1").contains("status 9"))
    terminal.type("hello\n")
    #expect(terminal.read(until: "got hello").contains("got hello"))
    #expect(shim.wait() == 0)
  }

  /// The shim leads the session here, as it does in a container.
  @Test func closedTerminalEndsTheAgent() throws {
    let (shim, terminal) = try start("echo ready; exec sleep 60")
    _ = terminal.read(until: "ready")
    terminal.hangUp()
    #expect(shim.wait(within: .seconds(5)) == 129)
  }
}
