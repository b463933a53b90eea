import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// What the host's git enters from the outside is never the agent's to make.
@Suite struct PreparationGitlinkTests {
  /// A repository with the submodule `lib/sub`, whose own submodule is `deep`.
  private func with(
    _ body: (inout QuarantineFixture, FilePath) async throws -> Void
  ) async throws {
    try await QuarantineFixture.with { fixture in
      let deep = try await fixture.git.repository("deep")
      let library = try await fixture.git.repository("library")
      try await fixture.host("submodule", "--quiet", "add", deep.string, "deep", in: library)
      try await fixture.host("commit", "-q", "-m", "deep", in: library)
      try await fixture.host("submodule", "--quiet", "add", library.string, "lib/sub")
      try await fixture.host("commit", "-q", "-m", "with library")
      try await body(&fixture, fixture.work.appending("lib"))
    }
  }

  /// As with `--here`.
  private func prepareHere(_ fixture: QuarantineFixture) throws -> GitQuarantine {
    var request = try fixture.request()
    request.repository = nil
    return try GitQuarantine.prepare(request, in: fixture.state)
  }

  private func mounts(_ quarantine: GitQuarantine, below root: FilePath) throws -> [String] {
    try quarantine.mounts().filter { $0.target.path.starts(with: root) }.map {
      let isOwn = $0.source == $0.target.path ? "itself" : "private"
      return "\($0.target.path.string.dropFirst(root.string.count)) \($0.mode.rawValue) \(isOwn)"
    }
  }

  @Test func submodulesOfTheOuterRepositoryAreHeldWithHere() async throws {
    try await with { fixture, root in
      try await fixture.host(
        "submodule", "--quiet", "update", "--init", "--recursive")
      try await fixture.host("config", "filter.x.clean", "lib/tools/clean.sh")
      try write("#!/bin/sh\n", to: root.appending("tools/clean.sh"))
      fixture.work = root
      let quarantine = try prepareHere(fixture)
      #expect(quarantine.warnings == [])
      #expect(
        try mounts(quarantine, below: root) == [
          "/.git rw private", "/sub rw itself", "/sub/.git ro itself", "/sub/deep rw itself",
          "/sub/deep/.git ro itself", "/tools rw itself", "/tools/clean.sh ro itself",
        ])
      #expect(try await fixture.take(quarantine).isEmpty)
      #expect(names(in: root) == ["sub", "tools"])
    }
  }

  @Test func submodulesThatAreNotClonedAreCoveredWithHere() async throws {
    try await with { fixture, root in
      fixture.work = root
      let uncloned = try prepareHere(fixture)
      #expect(
        try mounts(uncloned, below: root) == [
          "/.git rw private", "/sub rw itself", "/sub/deep rw private", "/sub/.git ro itself",
        ])
      #expect(try await fixture.take(uncloned).isEmpty)
      try await fixture.host("submodule", "--quiet", "deinit", "-f", "sub")
      let quarantine = try prepareHere(fixture)
      #expect(try mounts(quarantine, below: root) == ["/.git rw private", "/sub rw private"])
    }
  }

  @Test func embeddedRepositoryIsCoveredWithHere() async throws {
    try await QuarantineFixture.with { fixture in
      let inner = try await fixture.git.repository("work/lib/inner")
      try await fixture.host("-c", "advice.addEmbeddedRepo=false", "add", "lib/inner")
      fixture.work = inner.removingLastComponent()
      let quarantine = try prepareHere(fixture)
      #expect(
        try mounts(quarantine, below: fixture.work) == [
          "/.git rw private", "/inner rw itself", "/inner/.git rw private",
        ])
      #expect(try await fixture.take(quarantine).isEmpty)
      #expect(try await fixture.host("log", "--format=%s", in: inner) == ["first"])
    }
  }

  @Test func brokenOuterRepositoryIsSaidAndNothingElse() async throws {
    try await with { fixture, root in
      try write("[core\n", to: fixture.work.appending(".git/config"))
      fixture.work = root
      let quarantine = try prepareHere(fixture)
      #expect(quarantine.warnings.count == 1)
      #expect(try await fixture.take(quarantine).isEmpty)
    }
  }

  @Test(arguments: ["../../store/x", "/nonexistent/x", "elsewhere"])
  func brokenGitFileOfASubmoduleIsHeldWithWhereItLeads(target: String) async throws {
    try await with { fixture, root in
      let file = root.appending("sub/.git")
      try write("gitdir: \(target)\n", to: file)
      try makeDirectory(root.appending("sub/elsewhere"))
      let quarantine = try fixture.prepare()
      #expect(quarantine.warnings.count == 1)
      #expect(quarantine.warnings[0].contains("stays as it is"))
      let lines = try mounts(quarantine, below: fixture.work)
      #expect(lines.contains("/lib rw itself") && lines.contains("/lib/sub rw itself"))
      #expect(lines.contains("/lib/sub/.git ro itself"))
      #expect(lines.contains("/store ro private") == target.hasPrefix(".."))
      #expect(lines.contains("/lib/sub/elsewhere ro itself") == (target == "elsewhere"))
      #expect(try await fixture.take(quarantine).isEmpty)
    }
  }
}
