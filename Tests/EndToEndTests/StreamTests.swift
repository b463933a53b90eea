import AGSTestSupport
import SystemPackage
import Testing

extension EndToEnd {
  /// Pipes, and terminals (3-run: `-t` only if both ends are terminals).
  @Suite struct StreamTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    @Test func standardInputReachesTheAgentAndEnds() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox("cat", in: path, input: "hi\nthere")
        #expect(outcome.standardOutput == "hi\nthere", "\(outcome)")
      }
    }

    @Test func outputAndErrorsStayApart() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox("echo out; echo err >&2", in: path)
        #expect(outcome.standardOutput == "out\n", "\(outcome)")
        let agents = outcome.standardError.split(separator: "\n").filter { !$0.hasPrefix("ags: ") }
        #expect(agents == ["err"], "\(outcome)")
      }
    }

    @Test func manyBytesComeBackWhole() async throws {
      try await withRepository(fixture) { path in
        let input = String(repeating: "0123456789abcdef", count: 1 << 17)
        let outcome = try await fixture.sandbox("cat", in: path, input: input)
        #expect(outcome.standardOutput == input)
      }
    }

    @Test func nothingIsATerminalInAPipe() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          "for n in 0 1 2; do test -t $n && echo $n; done; echo done", in: path)
        #expect(outcome.lines == ["done"], "\(outcome)")
      }
    }

    @Test func terminalHasItsSizeAndFollowsIt() async throws {
      try await withRepository(fixture) { path in
        let call = fixture.sandboxCall(
          "tty; stty size; trap 'stty size' WINCH; echo ready; read line; read line; exit 5",
          in: path)
        let outcome = try await TerminalSession.run(call, of: fixture, rows: 33, columns: 101) {
          session, _ in
          try await session.expect("33 101")
          try await session.expect("ready")
          session.resize(rows: 40, columns: 120)
          // The trap runs when the interrupted read has ended.
          try await Task.sleep(for: .milliseconds(300))
          session.type("\r\r")
          try await session.expect("40 120")
        }
        #expect(outcome.ending == .exited(5), "\(outcome)")
        #expect(outcome.standardOutput.contains("/dev/pts/"))
      }
    }

    @Test func controlCInterruptsWhatRunsInsideAndNotTheSession() async throws {
      try await withRepository(fixture) { path in
        var call = fixture.call(
          fixture.programs.appending("ags").string, ["--agent", "shell"], in: path)
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
        }
        #expect(outcome.ending == .exited(9), "\(outcome)")
      }
    }

    @Test func terminalIsAsBeforeAfterwards() async throws {
      try await withRepository(fixture) { path in
        let ags = fixture.programs.appending("ags").string
        let script = """
          stty -g; '\(ags)' --agent shell -- -c 'stty raw -echo; exit 3'; echo "status $?"; stty -g
          """
        let outcome = try await TerminalSession.run(
          fixture.call("/bin/sh", ["-c", script], in: path), of: fixture
        ) { _, _ in }
        let modes = outcome.standardOutput.split(whereSeparator: \.isNewline)
          .filter { $0.contains(":") && !$0.contains(" ") }
        #expect(outcome.standardOutput.contains("status 3"), "\(outcome)")
        #expect(modes.count == 2 && modes.first == modes.last, "\(outcome)")
      }
    }
  }
}
