import AGSWire
import Glibc
import Testing

/// The agent in a tmux session, with the machine's own tmux.
@Suite struct InitTmuxTests {
  static let places = InitStatusTests.places

  @Test(arguments: places, [0, 7, 255])
  func agentsStatusEndsTheRun(_ place: ShimProcess.Place, _ status: Int32) throws {
    #expect(try TmuxShim.status(.endsWithAgent, "exit \(status)", place) == status)
  }

  @Test(arguments: [SIGKILL, SIGTERM, SIGSEGV])
  func signalsBecome128AndTheirNumber(_ signal: Int32) throws {
    #expect(try TmuxShim.status(.endsWithAgent, "kill -\(signal) $$") == 128 + signal)
  }

  @Test(arguments: places)
  func shellStaysAndItsEndEndsTheRunWithTheAgentsStatus(_ place: ShimProcess.Place) throws {
    let run = try TmuxShim(.outlivesAgent, "echo agent; exit 7", place)
    try run.screen(with: "the agent ended with status 7")
    try run.tmux("send-keys", "-t", "ags", "echo shell-$((40 + 2)); pwd", "Enter")
    #expect(try run.screen(with: "shell-42").contains(run.path))
    #expect(run.shim.wait(within: .milliseconds(300)) == nil)
    try run.tmux("send-keys", "-t", "ags", "exit 3", "Enter")
    #expect(run.shim.wait() == 7)
  }

  @Test func otherWindowsKeepTheRunUnlessTheAgentIsAllOfIt() throws {
    let ends = try TmuxShim(
      .endsWithAgent, "tmux new-window -d 'sleep 1000'; echo made >made; sleep 0.1; exit 4")
    #expect(ends.shim.wait() == 4)

    let stays = try TmuxShim(.outlivesAgent, "tmux new-window -d 'sleep 1000'; exit 4")
    try stays.screen(with: "status 4")
    try stays.tmux("send-keys", "-t", "ags", "exit", "Enter")
    #expect(stays.shim.wait(within: .milliseconds(500)) == nil)
    try stays.tmux("kill-window", "-t", "ags")
    #expect(stays.shim.wait() == 4)
  }

  @Test func environmentArrivesWholeAndOnNoCommandLine() throws {
    let long = String(repeating: "x", count: 100_000)
    let run = try TmuxShim(
      .endsWithAgent,
      """
      { echo "$TOKEN"; echo "$LONG" | wc -c; echo "$BASE_$TMUX"; pwd; } >seen
      tr '\\0' ' ' </proc/$(tmux display-message -p '#{pid}')/cmdline >line; echo >>line
      """,
      environment: [("TOKEN", "hunter2"), ("LONG", long), ("TMUX", "/nowhere,1,0")])
    #expect(run.shim.wait() == 0)
    let seen = try run.file("seen").split(separator: "\n")
    #expect(seen[0] == "hunter2" && seen[1] == "100001" && seen[3] == run.path)
    #expect(seen[2].hasPrefix("\(run.path)/tmux-"), "\(seen[2])")
    let line = try run.file("line")
    #expect(line.contains("new-session") && !line.contains("hunter2"))
  }

  @Test func initNeverHoldsTheSecretAndTheAgentNoDescriptorOfOurs() throws {
    let secret = InitSecretTests.secret
    let run = try TmuxShim(
      .outlivesAgent,
      """
      { for n in 3 4 5 6 7 8 9; do test -e /proc/$$/fd/$n && echo open $n; done
        echo "${#TOKEN}"; } >seen; sleep 30
      """, .first, environment: [("TOKEN", secret)])
    #expect(try run.file("seen") == "\(secret.utf8.count)\n")
    let process = try run.shim.shim(.first)
    #expect(try InitSecretTests().memory(of: process, holds: "ags-shim"))
    #expect(try !InitSecretTests().memory(of: process, holds: secret))
    run.shim.closeLifeline()
    #expect(run.shim.wait() == 137)
  }

  @Test func argumentsOfAnyLengthReachTheAgent() throws {
    let directory = try TemporaryDirectory()
    var document = LaunchDocument.programs([
      "sh", "-c", #"test "$#" = 2 && test "$1" = "" && exit $((${#2} % 250))"#, "sh", "",
      String(repeating: "#{x};\n", count: 20_000),
    ])
    document.tmux = .endsWithAgent
    let shim = try ShimProcess(environment: ["PATH=/usr/bin:/bin", "TMUX_TMPDIR=\(directory.path)"])
    shim.send(document)
    #expect(shim.wait() == 120_000 % 250 as Int32)
  }

  @Test func missingAgentIsSaidWithoutTmux() throws {
    let directory = try TemporaryDirectory()
    for tmux in [LaunchDocument.Tmux.outlivesAgent, .endsWithAgent] {
      var document = LaunchDocument.programs(["no-such-program"])
      document.tmux = tmux
      let shim = try ShimProcess(environment: ["TMUX_TMPDIR=\(directory.path)"])
      shim.send(document)
      #expect(shim.read() == "ags-shim: no-such-program: not found in the image\n")
      #expect(shim.wait() == 127)
    }
  }

  @Test func missingTmuxSaysWhatToDo() throws {
    let root = try TemporaryDirectory()
    var document = LaunchDocument.programs(["/ags-shim", "--version"])
    document.tmux = .outlivesAgent
    let shim = try ShimProcess(
      runner: try Namespace.root(),
      arguments: [
        "sh", "-c",
        "cp \(ShimProcess.binary) \(root.path)/ags-shim && "
          + "exec /usr/sbin/chroot \(root.path) /ags-shim init",
      ])
    shim.send(document)
    #expect(shim.read() == "ags-shim: tmux is not in the image; hint: ags update-image\n")
    #expect(shim.wait() == 127)
  }

  @Test func tmuxThatCannotStartEndsTheRun() throws {
    let directory = try TemporaryDirectory()
    directory.write("in the way", to: "tmux-\(getuid())")
    var document = LaunchDocument.shell("echo started")
    document.tmux = .outlivesAgent
    let shim = try ShimProcess(
      environment: ["PATH=/usr/bin:/bin", "TMUX_TMPDIR=\(directory.path)"])
    shim.send(document)
    let output = shim.read()
    #expect(output.contains("tmux") && !output.contains("started"), "\(output)")
    #expect(shim.wait() == 125)
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
  func signalReachesTheAgentAndNoShellStays(_ signal: Int32) throws {
    let run = try TmuxShim(
      .outlivesAgent,
      """
      trap 'echo heard >heard; exit 9' TERM HUP INT; echo up >up
      while :; do sleep 0.05; done
      """)
    _ = try run.file("up")
    kill(run.shim.process, signal)
    #expect(run.shim.wait() == 9)
    #expect(try run.file("heard") == "heard\n")
  }

  @Test func signalEndsTheShellThatStayed() throws {
    let run = try TmuxShim(.outlivesAgent, "exit 6")
    try run.screen(with: "status 6")
    kill(run.shim.process, SIGTERM)
    #expect(run.shim.wait() == 6)
  }

  @Test(arguments: places)
  func nothingOutlivesTheLifeline(_ place: ShimProcess.Place) throws {
    let run = try TmuxShim(
      .outlivesAgent, "echo $$ >up; trap '' HUP TERM; while :; do sleep 0.05; done", place)
    _ = try run.file("up")
    run.shim.closeLifeline()
    #expect(run.shim.wait() == 137)
    // PID 1 takes everything along; elsewhere the window follows its other end.
    try run.waitForTheEndOfTmux()
  }

  @Test func hostileAgentCanOnlyEndTheRun() throws {
    // $PPID is the window's process, its own parent tmux.
    #expect(try TmuxShim.status(.endsWithAgent, "kill -9 $PPID; sleep 1000", .first) == 137)
    #expect(try TmuxShim.status(.endsWithAgent, "tmux kill-server; sleep 1000", .first) == 129)
    let deaf = "trap '' HUP; tmux kill-server; sleep 1000"
    #expect(try TmuxShim.status(.outlivesAgent, deaf, .first) == 129)
    // A tmux that does not answer any more delays the end and does not prevent it.
    let stopped = "kill -STOP $(tmux display-message -p '#{pid}'); exit 5"
    #expect(try TmuxShim.status(.endsWithAgent, stopped, .first) == 5)
  }

  @Test func appletIsNobodyElses() throws {
    for words in [["tmux-pane", "ags-tmux-none"], ["tmux-pane"]] {
      let pane = try ShimProcess(arguments: [ShimProcess.binary] + words)
      #expect(pane.read() == "ags-shim: only ags-shim init starts this applet\n")
      #expect(pane.wait() == 125)
    }
  }
}
