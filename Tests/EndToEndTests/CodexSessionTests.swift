import AGSTestSupport
import SystemPackage
import Testing

extension EndToEnd {
  /// The real Codex in the sandbox, with a scripted model.
  @Suite struct CodexSessionTests {
    @Test func sessionWorksAndTheGuardRefusesWithItsReason() async throws {
      let script: ModelFixture.Script = [
        "SCRIPTED": [
          .uses("exec_command", ["cmd": "echo made-by-$((40 + 2))"]),
          .uses("exec_command", ["cmd": "cat ~/.ssh/id_x"]),
          .uses("view_image", ["path": ModelFixture.guarded]), .says("all done"),
        ]
      ]
      try await ModelFixture.with(script) { model in
        let outcome = try await model.run(
          "codex",
          [
            "exec", "--skip-git-repo-check", "--json",
            "--dangerously-bypass-approvals-and-sandbox", "SCRIPTED, please",
          ])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.standardOutput.contains("all done"), "\(outcome)")
        let last = try #require(try model.requests().last)
        #expect(last.results.count == 3, "\(last)")
        #expect(last.results[0].contains("made-by-42"))
        #expect(last.results[1].contains("ags guard: "), "\(last)")
        #expect(last.results[2].contains("ags guard: \(ModelFixture.guarded): "), "\(last)")
        #expect(!outcome.description.contains(ModelFixture.secret))
        #expect(last.instructions.contains { $0.contains("host.containers.internal") })
        let history = try await model.sandbox.shell(
          "cat .codex/sessions/*/*/*/*.jsonl", in: model.home(of: "codex"))
        #expect(history.standardOutput.contains("made-by-42"))
      }
    }
  }
}
