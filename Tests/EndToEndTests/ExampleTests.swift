import AGSTestSupport
import SystemPackage
import Testing

extension EndToEnd {
  /// Another package's program that links the library (Examples/EmbeddedRun).
  @Suite struct ExampleTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    @Test func programOfAnotherPackageRunsACommandInASandbox() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.call(
          fixture.programs.appending("EmbeddedRun").string, ["id -un; cat README; exit 3"],
          in: path
        ).run()
        #expect(outcome.standardOutput == "dev\nhello\n", "\(outcome)")
        #expect(outcome.ending == .exited(3))
        try await fixture.expectNothingLeft(of: path)
      }
    }
  }
}
