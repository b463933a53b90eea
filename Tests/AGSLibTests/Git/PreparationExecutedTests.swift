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

  /// However files include each other, each is read once; what cannot be read is said.
  @Test func includesInCirclesEndAndAnUnreadableOneIsSaid() async throws {
    try await QuarantineFixture.with { fixture in
      let names = (0..<12).map { "shared/\($0)" }
      let all = names.map { "[include]\n\tpath = ../\($0)\n" }.joined()
      for name in names { try write(all, to: fixture.work.pushing(FilePath(name))) }
      let pipe = fixture.git.root.appending("pipe")
      mkfifo(pipe.string, 0o600)
      // Not by git, which gives up at the first and waits at the second.
      let config = fixture.work.appending(".git/config")
      let text = "[include]\n\tpath = ../shared/0\n\tpath = \(pipe)\n"
      try await fixture.git.shell("printf %s '\(text)' >>\(config)", in: fixture.work)
      let quarantine = try fixture.prepare()
      #expect(try held(quarantine, fixture) == names.map { "/\($0)" }.sorted())
      let warning = quarantine.warnings.filter { $0.contains("/pipe cannot be read") }
      #expect(warning.count == 1, "\(quarantine.warnings)")
    }
  }

  @Test func settingsOfASubmoduleAndOfAWorktreeCount() async throws {
    try await QuarantineFixture.withSubmodule(at: "sub") { fixture, library in
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
    try await QuarantineFixture.withSubmodule(at: "sub") { fixture, library in
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
