import AGSTestSupport
import SystemPackage
import Testing

extension EndToEnd {
  /// The image a run needs: made when it is missing, kept when a new one fails; and images
  /// that are not ours.
  @Suite struct ImageTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    @Test func missingImageIsBuiltOnTheFirstRun() async throws {
      try await withRepository(fixture) { path in
        let image = "localhost/ags-e2e-built-\(path.removingLastComponent().lastComponent!.string)"
        let flags = try await configure(image, "LABEL made=once", beside: path)
        let first = try await fixture.sandbox("echo in it; exit 7", in: path, flags: flags)
        #expect(first.ending == .exited(7), "\(first)")
        #expect(first.standardOutput == "in it\n")
        #expect(first.standardError.contains(image))
        let second = try await fixture.sandbox("exit 8", in: path, flags: flags)
        #expect(second.ending == .exited(8), "\(second)")
        #expect(!second.standardError.contains("building"), "\(second)")
        try await remove(image)
      }
    }

    @Test func buildThatFailsIsTheEndAndLeavesTheOldImage() async throws {
      try await withRepository(fixture) { path in
        let image = "localhost/ags-e2e-kept-\(path.removingLastComponent().lastComponent!.string)"
        _ = try await configure(image, "RUN false", beside: path)
        let failed = try await updateImage(beside: path)
        #expect(failed.status != 0 && failed.status < 126, "\(failed)")
        #expect(failed.standardError.contains("error: "))

        try await fixture.call("podman", ["tag", fixture.busyboxImage, image]).runOrThrow()
        let before = try await fixture.podman("image", "inspect", "--format", "{{.Id}}", image)
        #expect(try await updateImage(beside: path).status != 0)
        let after = try await fixture.podman("image", "inspect", "--format", "{{.Id}}", image)
        #expect(after.lines == before.lines)
        try await remove(image)
      }
    }

    @Test func imageOfBusyboxAloneGivesItsShell() async throws {
      try await withRepository(fixture) { path in
        let flags = try await fixture.configuration(
          "[sandbox]\nimage = \"\(fixture.busyboxImage)\"\n", beside: path)
        let outcome = try await fixture.sandbox(
          "id -u; pwd; cat README; readlink /proc/self/exe; exit 5", in: path, flags: flags)
        #expect(
          outcome.lines == ["1000", path.string, "hello", "/bin/busybox"], "\(outcome)")
        #expect(outcome.ending == .exited(5))
      }
    }

    @Test func imageWithoutAnyShellEndsWith127() async throws {
      try await withRepository(fixture) { path in
        let image = "localhost/ags-e2e-empty:latest"
        try await fixture.shell("tar -c -T /dev/null | podman import --quiet - \(image)")
        let flags = try await fixture.configuration(
          "[sandbox]\nimage = \"\(image)\"\n", beside: path)
        let outcome = try await fixture.sandbox("true", in: path, flags: flags)
        #expect(outcome.ending == .exited(127), "\(outcome)")
        #expect(outcome.standardError.contains("bash"))
        try await remove(image)
      }
    }

    /// A configuration whose image is built of the busybox one, by `instruction`.
    private func configure(
      _ image: String, _ instruction: String, beside path: FilePath
    ) async throws -> [String] {
      let folder = path.removingLastComponent()
      let file = folder.appending("Containerfile")
      try await fixture.call(
        "/usr/bin/tee", [file.string],
        input: "FROM \(fixture.busyboxImage) AS core\n\(instruction)\n"
      ).runOrThrow()
      return try await fixture.configuration(
        "[sandbox]\nimage = \"\(image)\"\ncontainerfile = \"\(file)\"\n", beside: path)
    }

    private func updateImage(beside path: FilePath) async throws -> ProgramOutcome {
      let file = path.removingLastComponent().appending("config.toml")
      return try await fixture.ags("update-image", "--config", file.string, in: path)
    }

    private func remove(_ image: String) async throws {
      try await fixture.call("podman", ["rmi", "--force", image]).runOrThrow()
    }
  }
}
