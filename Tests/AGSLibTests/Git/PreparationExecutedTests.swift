import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// What the user's git runs is held wherever it is said and from wherever it is meant.
@Suite struct PreparationExecutedTests {
  /// What is read-only, below the workspace.
  private func held(_ quarantine: GitQuarantine, _ fixture: QuarantineFixture) throws -> [String] {
    try quarantine.mounts(guestObjects: fixture.guest)
      .filter { $0.origin == .gitGuard && $0.mode == .readOnly }
      .map { String($0.target.path.string.dropFirst(fixture.work.string.count)) }
  }

  private func withSubmodule(
    _ body: (inout QuarantineFixture, FilePath) async throws -> Void
  ) async throws {
    try await QuarantineFixture.with { fixture in
      let library = try await fixture.git.repository("library")
      try await fixture.host("submodule", "--quiet", "add", library.string, "sub")
      try await fixture.host("commit", "-q", "-m", "with library")
      try await body(&fixture, fixture.work.appending("sub"))
    }
  }

  @Test func includedSettingsCount() async throws {
    try await QuarantineFixture.with { fixture in
      try write("#!/bin/sh\n", to: fixture.work.appending("tools/clean.sh"))
      try write("#!/bin/sh\n", to: fixture.work.appending(".githooks/pre-commit"))
      try write(
        """
        [core]
        \thooksPath = .githooks
        [includeIf "onbranch:other"]
        \tpath = shared/more

        """, to: fixture.work.appending(".gitconfig"))
      try write(
        "[filter \"x\"]\n\tclean = tools/clean.sh %f\n[include]\n\tpath = more\n",
        to: fixture.work.appending("shared/more"))
      try await fixture.host("config", "include.path", "../.gitconfig")
      let quarantine = try fixture.prepare()
      #expect(
        try held(quarantine, fixture) == [
          "/.gitconfig", "/.githooks", "/shared/more", "/tools/clean.sh",
        ])
    }
  }

  @Test func settingsOfASubmoduleAndOfAWorktreeCount() async throws {
    try await withSubmodule { fixture, library in
      try write("#!/bin/sh\n", to: library.appending(".husky/_/post-commit"))
      try await fixture.host("config", "core.hooksPath", ".husky/_", in: library)
      try await fixture.host("config", "extensions.worktreeConfig", "true")
      let tree = fixture.work.appending("trees/x")
      try await fixture.host("worktree", "add", "-q", "-b", "topic", tree.string)
      try await fixture.host("config", "--worktree", "alias.y", "!./y.sh", in: tree)
      try write("#!/bin/sh\n", to: tree.appending("y.sh"))
      try write("#!/bin/sh\n", to: fixture.work.appending("y.sh"))
      let quarantine = try fixture.prepare()
      #expect(
        try held(quarantine, fixture) == [
          "/trees/x/.git", "/sub/.git", "/sub/.husky/_", "/trees/x/y.sh",
        ])
    }
  }

  @Test func relativePathOfTheUserIsMeantInEveryWorkTree() async throws {
    try await withSubmodule { fixture, library in
      try write("#!/bin/sh\n", to: library.appending(".myhooks/post-index-change"))
      let tree = fixture.work.appending("trees/x")
      try await fixture.host("worktree", "add", "-q", "-b", "topic", tree.string)
      let file = fixture.git.root.appending("gitconfig")
      try write("[core]\n\thooksPath = .myhooks\n", to: file)
      var request = try fixture.request()
      request.configurations = GitExecutedPath.Source.ofUser(
        on: Host(
          environment: ["GIT_CONFIG_GLOBAL": file.string], home: fixture.git.root,
          userName: "tester", userID: getuid(), groupID: getgid(),
          currentDirectory: fixture.work, executable: "/usr/bin/ags"))
      let quarantine = try GitQuarantine.prepare(request, in: fixture.state)
      #expect(
        try held(quarantine, fixture) == [
          "/trees/x/.git", "/sub/.git", "/.myhooks", "/sub/.myhooks", "/trees/x/.myhooks",
        ])
    }
  }

  @Test func fileInThePlaceOfADirectoryIsHeld() async throws {
    try await QuarantineFixture.with { fixture in
      try await fixture.host("config", "core.hooksPath", "a/hooks")
      let quarantine = try fixture.prepare()
      #expect(try held(quarantine, fixture) == ["/a"])
      #expect(try await fixture.take(quarantine).isEmpty)
      #expect(exists(fixture.work.appending("a")))
    }
  }
}
