import AGSTestSupport
import FoundationEssentials
import SystemPackage
import Testing

extension EndToEnd {
  /// pi's extension in a real Node, loaded by a program that does what pi does with one
  /// (Tests/Fixtures/pi-host), with the real guard.
  @Suite struct PiGuardTests {
    /// One line of the host's answers.
    private struct Line: Decodable, Equatable {
      struct Answer: Decodable, Equatable {
        var block: Bool
        var reason: String
      }
      var call: String?
      var answer: Answer?
      var status: String?
      var widget: [String]?
      var notify: String?
    }

    /// Runs `pi` with these lines as its input.
    private func pi(_ lines: [String], flags: [String] = []) async throws -> [Line] {
      let fixture = try SandboxFixture()
      guard let node = ProcessInfo.processInfo.environment["AGS_E2E_NODE"] else {
        throw MissingTestEnvironment(variable: "AGS_E2E_NODE")
      }
      var found: [Line] = []
      try await withRepository(fixture) { path in
        let folder = path.removingLastComponent()
        let host = FilePath(#filePath).removingLastComponent()
          .pushing("../Fixtures/pi-host").lexicallyNormalized()
        let text = String(
          decoding: try Data(contentsOf: URL(filePath: host.string)), as: UTF8.self)
        try await fixture.write(text, to: folder.appending("pi"))
        try await fixture.shell("chmod 755 pi", in: folder)
        let programs = [("pi", "\(folder)/pi"), ("node", node)].map {
          """
          [[mount]]
          host = "\($1)"
          container = "/usr/local/bin/\($0)"
          kind = "file"
          mode = "ro"

          """
        }
        let configuration = try await fixture.configuration(programs.joined(), beside: path)
        let outcome = try await fixture.call(
          fixture.programs.appending("ags").string, ["--agent", "pi"] + configuration + flags,
          in: path, input: lines.joined(separator: "\n") + "\n"
        ).run()
        #expect(outcome.status == 0, "\(outcome)")
        found = try outcome.lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
      }
      return found
    }

    @Test func toolCallsAreAllowedOrRefusedWithTheGuardsReason() async throws {
      let lines = try await pi([
        #"{"call": "read", "input": {"path": "README"}}"#,
        #"{"call": "read", "input": {"path": "~/.ssh/id_x"}}"#,
        #"{"call": "bash", "input": {"command": "echo hello"}}"#,
        #"{"call": "bash", "input": {"command": "cat ~/.ssh/id_x"}}"#,
        #"{"call": "write", "input": {"path": ".env", "content": "A=b"}}"#,
        #"{"call": "edit", "input": {"path": "made.pem", "edits": []}}"#,
        #"{"call": "grep", "input": {"pattern": "x", "path": "README"}}"#,
        #"{"call": "grep", "input": {"pattern": "x", "path": "~/.ssh"}}"#,
      ])
      let calls = lines.filter { $0.call != nil }
      #expect(
        calls.map(\.call) == ["read", "read", "bash", "bash", "write", "edit", "grep", "grep"])
      #expect(
        calls.map { $0.answer == nil } == [true, false, true, false, false, false, true, false],
        "\(lines)")
      for answer in calls.compactMap(\.answer) {
        #expect(answer.block && answer.reason.hasPrefix("ags guard: "), "\(answer)")
      }
      #expect(calls[1].answer?.reason.contains("~/.ssh holds keys or logins") == true)
    }

    @Test func whateverKeepsTheGuardFromAnsweringIsARefusal() async throws {
      let lines = try await pi([
        #"{"call": "read", "input": {"path": "README"}, "exhausted": true}"#,
        #"{"call": "read", "input": {"path": "README"}, "aborted": true}"#,
        #"{"call": "read", "input": "circular"}"#,
        #"{"call": "write", "input": {"path": "README"}, "fill": 40000000}"#,
        #"{"call": "read", "input": {}}"#,
        #"{"call": "", "input": {}}"#,
        #"{"call": "read", "input": {"path": "README"}}"#,
      ])
      let calls = lines.filter { $0.call != nil }
      #expect(
        calls.map { $0.answer?.block } == Array(repeating: true, count: 6) + [nil], "\(lines)")
      #expect(calls.dropLast().allSatisfy { $0.answer?.reason.hasPrefix("ags guard: ") == true })
    }

    @Test func modeAndRulesAreShown() async throws {
      let usual = try await pi([#"{"command": "guard"}"#])
      #expect(usual.contains { $0.status == "guard on" } && usual.allSatisfy { $0.widget == nil })
      let shown = try #require(usual.last?.notify)
      #expect(shown.hasPrefix("guard on\n") && shown.contains("~/.ssh"), "\(shown)")
      let yolo = try await pi(
        [#"{"command": "guard"}"#, #"{"call": "read", "input": {"path": "~/.ssh/id_x"}}"#],
        flags: ["--yolo"])
      #expect(yolo.contains { $0.widget == ["ags: guard off (--yolo)"] }, "\(yolo)")
      #expect(yolo.last == Line(call: "read"))
    }
  }
}
