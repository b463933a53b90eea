import AGSWire
import Glibc
import Testing

/// The terminal of a run whose agent is in tmux.
@Suite struct InitTmuxTerminalTests {
  static let places = InitStatusTests.places

  func start(
    _ tmux: LaunchDocument.Tmux, _ script: String, _ place: ShimProcess.Place = .ordinary
  ) throws -> (run: TmuxShim, terminal: Terminal) {
    let run = try TmuxShim(tmux, script, place, onTerminal: true)
    return (run, try #require(run.terminal))
  }

  @Test(arguments: places)
  func keysReachTheAgentAndItsScreenTheTerminal(_ place: ShimProcess.Place) throws {
    let (run, terminal) = try start(
      .endsWithAgent, "echo ready; read word; echo \"got $word\" >got; exit 3", place)
    #expect(terminal.read(until: "ready").contains("ready"))
    terminal.type("hello\n")
    #expect(try run.file("got") == "got hello\n")
    #expect(run.shim.wait() == 3)
  }

  @Test func interruptReachesTheAgentOnce() throws {
    let (run, terminal) = try start(
      .endsWithAgent,
      """
      n=0; trap 'n=$((n + 1))' INT; echo ready
      while test $n = 0; do sleep 0.05; done; sleep 0.2; exit $((40 + n))
      """)
    _ = terminal.read(until: "ready")
    terminal.type("\u{3}")
    #expect(run.shim.wait() == 41)
  }

  @Test(arguments: places)
  func newWindowSizeArrives(_ place: ShimProcess.Place) throws {
    let (run, terminal) = try start(
      .endsWithAgent,
      """
      trap 'stty size >size; exit 0' WINCH; echo ready
      while :; do sleep 0.05; done
      """, place)
    _ = terminal.read(until: "ready")
    terminal.resize(rows: 41, columns: 123)
    // One line is tmux's.
    #expect(try run.file("size") == "40 123\n")
    #expect(run.shim.wait() == 0)
  }

  @Test(arguments: places)
  func detachedRunGoesOnAndEnterAttachesAgain(_ place: ShimProcess.Place) throws {
    let (run, terminal) = try start(
      .outlivesAgent, "echo ready; read word; echo \"got $word\"; read more; exit 8", place)
    _ = terminal.read(until: "ready")
    run.press("d")
    #expect(terminal.read(until: "attaches again").contains("the session goes on"))
    #expect(try run.tmux("list-clients") == "")
    terminal.type("\n")
    _ = terminal.read(until: "ready")
    terminal.type("hello\n")
    #expect(terminal.read(until: "got hello").contains("got hello"))
    // The session's end while nobody looks on is the run's end too.
    run.press("d")
    #expect(terminal.read(until: "attaches again").contains("the session goes on"))
    try run.tmux("send-keys", "-t", "ags", "x", "Enter")
    try run.screen(with: "status 8")
    try run.tmux("send-keys", "-t", "ags", "exit", "Enter")
    #expect(run.shim.wait() == 8)
  }

  @Test func interruptWhileDetachedGoesToTheAgentAndNoShellStays() throws {
    let (run, terminal) = try start(
      .outlivesAgent, "trap 'exit 6' INT; echo ready; while :; do sleep 0.05; done")
    _ = terminal.read(until: "ready")
    run.press("d")
    #expect(terminal.read(until: "attaches again").contains("the session goes on"))
    terminal.type("\u{3}")
    #expect(run.shim.wait() == 6)
  }

  @Test func endOfInputWhileDetachedChangesNothing() throws {
    let (run, terminal) = try start(.endsWithAgent, "echo ready; read word; exit 8")
    _ = terminal.read(until: "ready")
    run.press("d")
    _ = terminal.read(until: "attaches again")
    terminal.type("\u{4}")
    usleep(200_000)
    terminal.type("\n")
    _ = terminal.read(until: "ready")
    terminal.type("x\n")
    #expect(run.shim.wait() == 8)
  }

  @Test func detachedAgainAfterAnInterruptThatTheAgentSurvives() throws {
    let (run, terminal) = try start(
      .endsWithAgent,
      "trap 'echo still here' INT; echo ready; while ! read word; do :; done; exit 8")
    _ = terminal.read(until: "ready")
    run.press("d")
    _ = terminal.read(until: "attaches again")
    terminal.type("\u{3}")
    try run.screen(with: "still here")
    terminal.type("\n")
    _ = terminal.read(until: "still here")
    run.press("d")
    #expect(terminal.read(until: "attaches again").contains("the session goes on"))
    terminal.type("\n")
    _ = terminal.read(until: "still here")
    terminal.type("x\n")
    #expect(run.shim.wait() == 8)
  }

  @Test func terminalIsPutBackAtTheEnd() throws {
    let (run, terminal) = try start(.endsWithAgent, "tmux new-window -d 'sleep 1000'; exit 3")
    #expect(run.shim.wait() == 3)
    // Out of the alternate screen, and the line settings as before.
    #expect(terminal.read(within: .milliseconds(300)).contains("\u{1B}[?1049l"))
    #expect(terminal.isCooked)
  }

  @Test func suspendedClientGoesOn() throws {
    let (run, terminal) = try start(.endsWithAgent, "echo ready; read word; exit 3")
    _ = terminal.read(until: "ready")
    run.press("\u{1A}")
    usleep(200_000)
    terminal.type("word\n")
    #expect(run.shim.wait() == 3)
  }

  @Test func shellGetsAUsableTerminalAfterACrash() throws {
    let (run, _) = try start(
      .outlivesAgent, #"stty raw -echo; printf '\033[?1049h'; kill -9 $$"#)
    try run.screen(with: "status 137")
    try run.tmux("send-keys", "-t", "ags", "stty -a >modes", "Enter")
    let modes = try run.file("modes")
    #expect(modes.contains(" icanon") && modes.contains(" echo "), "\(modes)")
    #expect(try run.tmux("display-message", "-p", "-t", "ags", "#{alternate_on}") == "0\n")
    try run.tmux("send-keys", "-t", "ags", "exit", "Enter")
    #expect(run.shim.wait() == 137)
  }

  @Test func closedTerminalEndsTheRun() throws {
    let (run, terminal) = try start(.outlivesAgent, "echo $$ >up; echo ready; exec sleep 60")
    _ = try run.file("up")
    _ = terminal.read(until: "ready")
    terminal.hangUp()
    #expect(run.shim.wait(within: .seconds(5)) == 129)
  }
}
