import AGSTestSupport
import Glibc
import SystemPackage
import Testing

extension EndToEnd {
  /// The agent in a tmux session of a real container (3-run "Flags").
  @Suite struct TmuxTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    @Test(arguments: [("exit 0", Int32(0)), ("exit 7", 7), ("kill -TERM $$", 143)])
    func agentsStatusComesBackWithoutATerminal(script: String, status: Int32) async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          script, in: path, flags: ["--tmux", "--stop-when-done"], timeLimit: .seconds(60))
        #expect(outcome.ending == .exited(status), "\(outcome)")
        #expect(outcome.standardOutput == "", "\(outcome)")
        #expect(outcome.standardError.contains("tmux attach -t ags"), "\(outcome)")
        try await fixture.expectNothingLeft(of: path)
      }
    }

    @Test func agentsScreenIsSeenFromOutsideAndItsShellStays() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          "stty size; pwd; echo agent-$((40 + 2)); read word; echo \"$word\" >typed; exit 7",
          in: path, flags: ["--tmux"], timeLimit: .seconds(60)
        ) { _ in
          let screen = try await fixture.tmuxScreen(of: path, with: "agent-42")
          #expect(screen.contains("50 200") && screen.contains(path.string), "\(screen)")
          try await fixture.tmux(of: path, "send-keys", "-t", "ags", "hello", "Enter")
          try await fixture.waitForFile(path.appending("typed"))
          try await fixture.tmuxScreen(of: path, with: "the agent ended with status 7")
          try await fixture.tmux(of: path, "send-keys", "-t", "ags", "exit", "Enter")
        }
        #expect(outcome.ending == .exited(7), "\(outcome)")
        #expect(try await fixture.shell("cat typed", in: path).lines == ["hello"])
        try await fixture.expectNothingLeft(of: path)
      }
    }

    @Test func terminalShowsTheAgentAndFollowsItsSize() async throws {
      try await withRepository(fixture) { path in
        let call = fixture.sandboxCall(
          """
          echo is-""up; read word; echo "got-$word"; trap 'stty size >size' WINCH; echo re""ady
          while ! test -e size; do sleep 0.05; done; read word; exit 5
          """, in: path, flags: ["--tmux", "--stop-when-done"], timeLimit: .seconds(60))
        let outcome = try await TerminalSession.run(call, of: fixture, rows: 30, columns: 90) {
          session, _ in
          try await session.expect("is-up")
          session.type("hello\r")
          try await session.expect("got-hello")
          try await session.expect("ready")
          session.resize(rows: 41, columns: 123)
          try await fixture.waitForFile(path.appending("size"))
          session.type("\r")
        }
        #expect(outcome.ending == .exited(5), "\(outcome)")
        #expect(try await fixture.shell("cat size", in: path).lines == ["40 123"])
        try await fixture.expectNothingLeft(of: path)
      }
    }

    @Test func controlCInterruptsWhatRunsInside() async throws {
      try await withRepository(fixture) { path in
        var call = fixture.call(
          fixture.programs.appending("ags").string, ["--agent", "shell", "--tmux"], in: path)
        call.timeLimit = .seconds(60)
        let outcome = try await TerminalSession.run(call, of: fixture) { session, _ in
          try await session.expect("$")
          session.type("echo is-\"\"up; sleep 1000\r")
          try await session.expect("is-up")
          try await Task.sleep(for: .milliseconds(300))
          session.type("\u{3}")
          session.type("echo still-\"\"here\r")
          try await session.expect("still-here", within: .seconds(20))
          session.type("exit 9\r")
          try await session.expect("the agent ended with status 9")
          session.type("exit 4\r")
        }
        #expect(outcome.ending == .exited(9), "\(outcome)")
      }
    }

    @Test func detachedSessionGoesOnAndIsAttachedAgain() async throws {
      try await withRepository(fixture) { path in
        let call = fixture.sandboxCall(
          "echo is-\"\"up; read word; echo got-$word; read word; exit 8", in: path,
          flags: ["--tmux", "--stop-when-done"], timeLimit: .seconds(60))
        let outcome = try await TerminalSession.run(call, of: fixture) { session, _ in
          try await session.expect("is-up")
          try await session.detach()
          try await session.expect("ags: detached, and the session goes on")
          try await fixture.tmuxScreen(of: path, with: "is-up")
          session.type("\r")
          try await eventually("somebody is attached") {
            try await fixture.tmux(of: path, "list-clients").standardOutput != ""
          }
          try await Task.sleep(for: .milliseconds(300))
          session.type("again\r")
          try await session.expect("got-again")
          session.type("\r")
        }
        #expect(outcome.ending == .exited(8), "\(outcome)")
        try await fixture.expectNothingLeft(of: path)
      }
    }

    /// Detached or not, whatever ends `ags` ends the session.
    @Test(arguments: [true, false])
    func killedAgsLeavesNothing(detaches: Bool) async throws {
      try await withRepository(fixture) { path in
        let call = fixture.sandboxCall(
          "trap '' HUP TERM; echo is-\"\"up; while :; do sleep 0.1; done", in: path,
          flags: ["--tmux"], timeLimit: .seconds(60))
        let outcome = try await TerminalSession.run(call, of: fixture) { session, program in
          try await session.expect("is-up")
          if detaches {
            try await session.detach()
            try await session.expect("the session goes on")
          }
          program.send(SIGKILL)
        }
        #expect(outcome.ending == .signalled(SIGKILL), "\(outcome)")
        try await fixture.expectNothingLeft(of: path)
      }
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
    func signalEndsTheSessionInOrder(signal: Int32) async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          """
          trap 'echo ended >ended; exit 3' TERM HUP INT; echo up >up
          while :; do sleep 0.05; done
          """, in: path, flags: ["--tmux"], timeLimit: .seconds(60)
        ) { program in
          try await fixture.waitForFile(path.appending("up"))
          program.send(signal)
        }
        #expect(outcome.ending == .exited(3), "\(outcome)")
        #expect(try await fixture.shell("cat ended", in: path).lines == ["ended"])
        try await fixture.expectNothingLeft(of: path)
        #expect(try await fixture.sessionDirectories() == [])
      }
    }

    @Test func secretReachesTheAgentAndNoCommandLine() async throws {
      try await withRepository(fixture) { path in
        let value = SecretTests.freshValue()
        let secret = try await Keyring(fixture).keep(value)
        let flags = try await fixture.configuration(secret.declaration, beside: path)
        let outcome = try await fixture.sandbox(
          """
          { echo "agent has $STORED"; tr '\\0' '\\n' </proc/1/environ 2>/dev/null | grep -c STORED
            cat /proc/1/cmdline | tr '\\0' ' '; echo; } >inside
          while ! test -e seen; do sleep 0.05; done
          """, in: path, flags: flags + ["--tmux", "--stop-when-done"]
        ) { program in
          try await fixture.waitForFile(path.appending("inside"))
          let processes = fixture.processes()
          #expect(processes.contains { $0.commandLine.contains(bytes: Array("tmux-pane".utf8)) })
          for process in processes {
            #expect(!process.commandLine.contains(bytes: Array(value.utf8)), "\(process)")
          }
          let container = try await fixture.container(of: path)
          let inspected = try await fixture.podman("inspect", container)
          #expect(!inspected.standardOutput.contains(value))
          // Nor does a process that somebody else starts in there have it.
          let exec = try await fixture.podman("exec", container, "env")
          #expect(exec.status == 0 && !exec.standardOutput.contains(value))
          try await fixture.shell("echo >seen", in: path)
        }
        #expect(outcome.ending == .exited(0), "\(outcome)")
        let inside = try await fixture.shell("cat inside && rm inside", in: path)
        #expect(inside.lines == ["agent has \(value)", "0", "/opt/ags/bin/ags-shim init "])
        #expect(!outcome.description.contains(value))
        try await secret.forget()
      }
    }

    @Test func rootsSessionWorksToo() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          "id -u >user; exit 6", in: path, flags: ["--tmux", "--stop-when-done", "--root"])
        #expect(outcome.ending == .exited(6), "\(outcome)")
        #expect(try await fixture.shell("cat user", in: path).lines == ["0"])
      }
    }

    @Test func imageWithoutTmuxIsSaidWithWhatToDo() async throws {
      try await withRepository(fixture) { path in
        let flags = try await fixture.configuration(
          "[sandbox]\nimage = \"\(fixture.busyboxImage)\"\n", beside: path)
        let outcome = try await fixture.sandbox(
          "echo started >started", in: path, flags: flags + ["--tmux"])
        #expect(outcome.ending == .exited(127), "\(outcome)")
        #expect(
          outcome.standardError.contains("tmux is not in the image; hint: ags update-image"),
          "\(outcome)")
        #expect(access(path.appending("started").string, F_OK) != 0)
        try await fixture.expectNothingLeft(of: path)
      }
    }

    /// /etc/tmux.conf of the image, which `ags update-image` puts there, else ours.
    @Test func settingsAreTheImagesOrOurs() async throws {
      try await withRepository(fixture) { path in
        let bare = "localhost/ags-e2e-no-settings:latest"
        try await fixture.call(
          "podman", ["build", "--quiet", "--tag", bare, "-"],
          input: "FROM \(fixture.image)\nUSER root\nRUN rm /etc/tmux.conf\nUSER dev\n"
        ).runOrThrow()
        for image in [fixture.image, bare] {
          let flags = try await fixture.configuration(
            "[sandbox]\nimage = \"\(image)\"\n", beside: path)
          let outcome = try await fixture.sandbox(
            "{ tmux show -gv mouse; echo $TERM; } >settings", in: path,
            flags: flags + ["--tmux", "--stop-when-done"])
          #expect(outcome.ending == .exited(0), "\(outcome)")
          let settings = try await fixture.shell("cat settings && rm settings", in: path)
          #expect(settings.lines == ["on", "tmux-256color"], "\(image)")
        }
      }
    }

    @Test func planSaysIt() async throws {
      try await withRepository(fixture) { path in
        let plan = try await fixture.ags("plan", "shell", "--tmux", "--stop-when-done", in: path)
        #expect(plan.standardOutput.contains("tmux session ags"), "\(plan)")
        let alone = try await fixture.ags("plan", "shell", "--stop-when-done", in: path)
        #expect(alone.status == 2, "\(alone)")
        #expect(alone.standardError.contains("--stop-when-done needs --tmux"), "\(alone)")
      }
    }
  }
}

extension SandboxFixture {
  /// The name of the workspace's one container.
  fileprivate func container(of workspace: FilePath) async throws -> String {
    var name: String?
    try await eventually("a container runs") {
      name = try await podman(
        "ps", "--filter", "label=io.ags.workspace=\(workspace)", "--filter",
        "label=io.ags.agent=shell", "--format", "{{.Names}}"
      ).lines.first
      return name != nil
    }
    return try #require(name)
  }

  /// tmux inside, as whoever looks in from outside starts it.
  @discardableResult
  fileprivate func tmux(
    of workspace: FilePath, _ arguments: String...
  ) async throws -> ProgramOutcome {
    let container = try await container(of: workspace)
    return try await call("podman", ["exec", container, "tmux"] + arguments).run()
  }

  /// The session's screen, once `text` is on it.
  @discardableResult
  fileprivate func tmuxScreen(
    of workspace: FilePath, with text: String
  ) async throws -> String {
    var screen = ""
    try await eventually("\(text) is on the screen") {
      screen = try await tmux(of: workspace, "capture-pane", "-p", "-t", "ags").standardOutput
      return screen.contains(text)
    }
    return screen
  }
}

extension TerminalSession {
  /// tmux takes keys that come at once for pasted text.
  fileprivate func detach() async throws {
    try await Task.sleep(for: .milliseconds(300))
    type("\u{2}")
    try await Task.sleep(for: .milliseconds(100))
    type("d")
  }
}
