import AGSTestSupport
import SystemPackage
import Testing

extension EndToEnd {
  /// `ags doctor` as a program: where its output goes, its status, and what it touches.
  @Suite struct DoctorTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    @Test func healthyMachineIsFineAndStaysAsItIs() async throws {
      try await withRepository(fixture) { path in
        // What podman makes when it is first asked is podman's own.
        try await fixture.shell("podman info", in: path)
        let list =
          "find ~ \"$XDG_RUNTIME_DIR\" . -type f -not -path '*/containers/*' "
          + "-not -path '*/libpod/*' -printf '%p %s %T@\\n' | sort"
        let before = try await fixture.shell(list, in: path).lines
        let outcome = try await fixture.ags("doctor", in: path)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.standardError == "")
        #expect(outcome.lines.last?.hasSuffix("0 failures: ags can run here") == true)
        #expect(!outcome.standardOutput.contains("\u{1B}"))
        #expect(try await fixture.shell(list, in: path).lines == before)
      }
    }

    @Test func failureIsStatusOneAndInTheJSON() async throws {
      try await withRepository(fixture) { path in
        try await fixture.shell("printf 'x = 1\\n' >wrong.toml", in: path)
        let outcome = try await fixture.ags(
          "doctor", "--json", "--config", "wrong.toml", in: path)
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.lines.first == "[")
        #expect(outcome.standardOutput.contains("wrong.toml:1:1: x: unknown key"))
        #expect(outcome.standardOutput.contains("\"status\" : \"fail\""))
      }
    }

    @Test func repairIsNotOffered() async throws {
      let outcome = try await fixture.ags("doctor", "--fix")
      #expect(outcome.status == 2, "\(outcome)")
      #expect(outcome.standardOutput == "")
    }
  }
}
