import AGSTestSupport
import SystemPackage
import Testing

extension EndToEnd {
  /// `ags` run by root (3-run "Container flags"): no rootless podman, and still the agent is
  /// the workspace's owner with no capabilities. A user cannot be root: then there is
  /// nothing to test, and no argument.
  @Suite struct RootTests {
    static let roots = [try? SandboxFixture().asRoot].compactMap { $0 }

    @Test(arguments: roots)
    func rootsAgentIsTheWorkspacesOwner(root: SandboxFixture) async throws {
      let user = try SandboxFixture()
      try await withRepository(user) { path in
        let outcome = try await root.sandbox(
          "id -u; git log --format=%s; echo x >made; grep CapEff /proc/self/status; exit 6",
          in: path)
        #expect(outcome.ending == .exited(6), "\(outcome)")
        #expect(
          outcome.lines == ["1000", "first commit", "CapEff:\t0000000000000000"], "\(outcome)")
        let owner = try await user.shell("stat -c %u made", in: path)
        #expect(owner.lines == ["\(user.userID)"])
      }
    }

    @Test(arguments: roots)
    func rootIsTold(root: SandboxFixture) async throws {
      let user = try SandboxFixture()
      try await withRepository(user) { path in
        let outcome = try await root.ags("plan", "--agent", "shell", in: path)
        #expect(outcome.ending == .exited(0), "\(outcome)")
        #expect(
          outcome.standardError.split(separator: "\n").contains { $0.contains("root") },
          "\(outcome)")
      }
    }
  }
}
