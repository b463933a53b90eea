import AGSTestSupport
import FoundationEssentials
import SystemPackage
import Testing

extension EndToEnd {
  /// 11-git: ordinary work inside is on the host afterwards as it was inside.
  @Suite struct GitOperationTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    /// None when the directory cannot be read, which a test looks at.
    static let operations: [String] = {
      let directory = GitFixture.scripts.appending("git-operations").string
      let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
      return files.sorted().map { String($0.dropLast(3)) }
    }()

    /// Lines of configuration that a script's header says are not taken: the report has to.
    private func untaken(by operations: [String]) throws -> [String] {
      try operations.flatMap { name in
        try String(
          contentsOfFile: GitFixture.scripts.appending("git-operations/\(name).sh").string,
          encoding: .utf8
        ).split(separator: "\n").filter { $0.hasPrefix("# not taken: ") }
          .map { String($0.dropFirst("# not taken: ".count)) }
      }
    }

    private func expectSameState(after operations: [String], kind: String) async throws {
      try await GitFixture.with(fixture, kind: kind) { git in
        let inside = try await git.inside(
          "git-operation \(operations.joined(separator: " "))")
        #expect(inside.status == 0, "\(inside)")
        let host = try await fixture.shell("\(git.tools)/git-state", in: git.workspace)
        let untaken = try untaken(by: operations)
        #expect(
          host.lines == inside.lines.filter { line in !untaken.contains { line == "config \($0)" } }
        )
        for line in untaken {
          let key = line.split(separator: " ")[0]
          #expect(inside.standardError.contains("git: not taken: config: \(key)"), "\(inside)")
        }
        #expect(!host.lines.isEmpty)
      }
    }

    @Test(arguments: operations.inPairs)
    func operationArrivesOnTheHost(operations: [String]) async throws {
      try await withThrowingTaskGroup { group in
        for operation in operations {
          group.addTask { try await expectSameState(after: [operation], kind: "plain") }
        }
        try await group.waitForAll()
      }
    }

    @Test(arguments: GitFixture.kinds.filter { $0 != "none" })
    func workInEveryKindOfWorkspaceArrives(kind: String) async throws {
      let names = [
        "commit", "branch", "tag-annotated", "notes", "stash-push", "merge", "add", "symlinks",
      ]
      let chosen = names.compactMap { name in
        Self.operations.first { $0.dropFirst(3) == name }
      }
      #expect(chosen.count == names.count)
      try await expectSameState(after: chosen, kind: kind)
    }

    @Test func thereAreAsManyOperationsAsThereWere() {
      #expect(Self.operations.count >= 57)
    }
  }
}
