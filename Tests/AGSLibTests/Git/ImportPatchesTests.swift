import AGSTestSupport
import SystemPackage
import Testing

@testable import AGSLib

/// The commits of a lockdown run, of which nothing else stays.
@Suite struct ImportPatchesTests {
  @Test func patchesAreOfSoManyBranchesAndTheRestIsSaid() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      let own = quarantine.record.repositories[0].privateDirectory
      let commit = try await fixture.inside(
        quarantine, "commit-tree", "-p", "HEAD", "-m", "more", "HEAD^{tree}")[0]
      try write(
        (0..<103).map { "\(commit) refs/heads/b\($0)\n" }.joined(),
        to: own.appending("packed-refs"))
      let git = try fixture.hostGit()
      let result = await GitPatches.keep(
        of: quarantine.directory, in: fixture.git.root.appending("patches"),
        host: Host(
          environment: ["PATH": "/usr/bin:/bin"], home: fixture.git.root, userName: "tester",
          userID: 0, groupID: 0, currentDirectory: fixture.work, executable: "/usr/bin/ags"),
        runner: git.runner)
      #expect(result.failures.count == 1 && result.failures[0].contains("3 more branches"))
      #expect(names(in: fixture.git.root.appending("patches")).count == 100)
    }
  }
}
