import AGSTestSupport
import FoundationEssentials
import SystemPackage
import Testing

extension EndToEnd {
  /// The real Claude Code in the sandbox, with a scripted model.
  @Suite struct ClaudeSessionTests {
    private static let arguments = [
      "-p", "SCRIPTED, please", "--output-format", "stream-json", "--verbose",
    ]

    private static let script: ModelFixture.Script = [
      "SCRIPTED": [
        .uses("Bash", ["command": "echo made-by-$((40 + 2))", "description": "x"]),
        .uses("Read", ["file_path": ModelFixture.guarded]), .says("all done"),
      ]
    ]

    @Test func sessionWorksAndTheGuardRefusesWithItsReason() async throws {
      try await ModelFixture.with(Self.script) { model in
        let outcome = try await model.run("claude", Self.arguments, flags: ["-D"])
        #expect(outcome.status == 0, "\(outcome)")
        let events = try outcome.claudeEvents()
        let start = try #require(events.first { $0.subtype == "init" })
        #expect(start.permissionMode == "bypassPermissions")
        #expect(
          start.plugins?.contains {
            $0.name == "ags" && $0.path == "/opt/ags/share/claude-plugin"
          } == true, "\(outcome)")
        #expect(start.skills?.contains("ags:guard") == true, "\(outcome)")
        let end = try #require(events.last { $0.type == "result" })
        #expect(end.result == "all done")
        #expect(end.denials?.map(\.tool) == ["Read"], "\(outcome)")

        let requests = try model.requests()
        let last = try #require(requests.last { $0.results.count == 2 })
        #expect(last.results[0] == "made-by-42")
        #expect(last.results[1].contains("ags guard: \(ModelFixture.guarded): "), "\(last)")
        #expect(!outcome.description.contains(ModelFixture.secret))
        #expect(last.instructions.contains { $0.contains("host.containers.internal") })

        let name = model.project.string.replacing("/", with: "-").replacing(".", with: "-")
        let history = try await model.sandbox.shell(
          "cat .claude/projects/\(name)/*.jsonl", in: model.home(of: "claude"))
        #expect(history.standardOutput.contains("made-by-42"))
        #expect(history.standardOutput.contains("ags guard: "))
      }
    }

    @Test func subagentsAskTheGuardToo() async throws {
      let script: ModelFixture.Script = [
        "SCRIPTED": [
          .uses("Task", ["description": "look", "prompt": "DELEGATED", "subagent_type": "claude"]),
          .says("all done"),
        ],
        "DELEGATED": [.uses("Read", ["file_path": ModelFixture.guarded]), .says("sub done")],
      ]
      try await ModelFixture.with(script) { model in
        let outcome = try await model.run("claude", Self.arguments, flags: ["-D"])
        #expect(outcome.status == 0, "\(outcome)")
        let refused = try model.requests().filter { request in
          request.results.contains { $0.contains("ags guard: ") }
        }
        #expect(!refused.isEmpty, "\(outcome)")
        #expect(!outcome.description.contains(ModelFixture.secret))
      }
    }

    @Test func yoloAllowsIt() async throws {
      try await ModelFixture.with(Self.script) { model in
        let outcome = try await model.run("claude", Self.arguments, flags: ["-D", "--yolo"])
        let last = try #require(try model.requests().last { $0.results.count == 2 })
        #expect(last.results[1].contains(ModelFixture.secret), "\(outcome)")
      }
    }
  }
}

/// One line of `--output-format stream-json`.
struct ClaudeEvent: Decodable {
  struct Plugin: Decodable {
    var name: String
    var path: String
  }
  struct Denial: Decodable {
    var tool: String
    enum CodingKeys: String, CodingKey { case tool = "tool_name" }
  }

  var type: String
  var subtype: String?
  var permissionMode: String?
  var plugins: [Plugin]?
  var skills: [String]?
  var result: String?
  var denials: [Denial]?

  enum CodingKeys: String, CodingKey {
    case type, subtype, permissionMode, plugins, skills, result
    case denials = "permission_denials"
  }
}

extension ProgramOutcome {
  func claudeEvents() throws -> [ClaudeEvent] {
    try lines.map { try JSONDecoder().decode(ClaudeEvent.self, from: Data($0.utf8)) }
  }
}
