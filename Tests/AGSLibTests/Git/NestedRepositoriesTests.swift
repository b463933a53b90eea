import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// Repositories below the workspace that an agent makes, changes or plants.
@Suite struct NestedRepositoriesTests {
  private func plantedConfig(_ fixture: QuarantineFixture) -> String {
    """
    [core]
    \trepositoryformatversion = 0
    \tbare = false
    \tfsmonitor = \(fixture.trap)
    \tworktree = /
    [remote "origin"]
    \turl = https://example.org/x
    \tfetch = +refs/heads/*:refs/remotes/origin/*
    [remote "evil"]
    \turl = ext::\(fixture.trap)
    [branch "main"]
    \tremote = origin
    \tmerge = refs/heads/main

    """
  }

  private func clone(_ fixture: QuarantineFixture, at path: FilePath) async throws {
    try makeDirectory(path)
    try await fixture.git.git("init", "-q", in: path)
    try await fixture.git.git("commit", "-q", "--allow-empty", "-m", "inner", in: path)
  }

  @Test func newCloneStaysUsableAndRunsNothing() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      let inner = fixture.work.appending(".build/checkouts/x")
      try await clone(fixture, at: inner)
      let own = inner.appending(".git")
      try write(plantedConfig(fixture), to: own.appending("config"))
      try write("#!/bin/sh\n\(fixture.trap)\n", to: own.appending("hooks/post-index-change"))
      chmod(own.appending("hooks/post-index-change").string, 0o755)
      try write("exec \(fixture.trap)\n", to: own.appending("rebase-merge/git-rebase-todo"))
      try write("/\n", to: own.appending("commondir.x"))
      try write("\(fixture.work)/.git/objects\n", to: own.appending("objects/info/alternates"))
      try link(own.appending("logs/refs/heads/evil"), to: fixture.git.root.appending("bashrc"))
      let report = try await fixture.take(quarantine)
      #expect(report.failures == [])
      let moved = report.nested.map { String($0.path.dropFirst(own.string.count + 1)) }.sorted()
      #expect(
        moved == [
          "config", "hooks/post-index-change", "logs/refs/heads/evil", "objects/info/alternates",
          "rebase-merge",
        ])
      #expect(try await fixture.host("log", "--format=%s", in: inner) == ["inner"])
      try await fixture.host("status", in: inner)
      try await fixture.host("add", "-A", in: inner)
      #expect(
        try await fixture.host("config", "--local", "--get-regexp", "url|merge|fsm", in: inner) == [
          "remote.origin.url https://example.org/x", "branch.main.merge refs/heads/main",
        ])
      #expect(!fixture.canaryFired)
      // The way back, for whoever looked at it.
      let aside = quarantine.directory.appending("aside")
      #expect(try GitAside.restore(aside, session: QuarantineFixture.session) == [])
      #expect(try read(own.appending("config")) == plantedConfig(fixture))
      #expect(exists(own.appending("rebase-merge/git-rebase-todo")))
    }
  }

  @Test func cloneThatBorrowsFromTheWorkspaceStaysUsable() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      let bare = fixture.work.appending(".build/repositories/x")
      let inner = fixture.work.appending(".build/checkouts/x")
      try await fixture.host("clone", "-q", "--bare", fixture.work.string, bare.string)
      try await fixture.host("clone", "-q", "--shared", bare.string, inner.string)
      let report = try await fixture.take(quarantine)
      #expect(report.nested == [])
      #expect(try await fixture.host("log", "--format=%s", in: inner) == ["two", "one"])
      #expect(try await fixture.host("status", "--porcelain", in: inner) == [])
    }
  }

  @Test func configurationThatIsNoSmallFileIsMoved() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      for name in ["large", "linked"] { try await clone(fixture, at: fixture.work.appending(name)) }
      let large = fixture.work.appending("large/.git/config")
      try write(
        "[core]\n\tfsmonitor = \(fixture.trap)\n" + String(repeating: "#", count: 17 << 20),
        to: large)
      let linked = fixture.work.appending("linked/.git/config")
      unlink(linked.string)
      try link(linked, to: large)
      let report = try await fixture.take(quarantine)
      #expect(report.nested.map(\.path) == [large.string, linked.string])
      #expect(report.nested.map(\.outcome) == [.movedAside, .movedAside])
      #expect(!exists(large) && !exists(linked))
    }
  }

  @Test func whatWasThereAndIsTheSameStays() async throws {
    try await QuarantineFixture.with { fixture in
      let inner = fixture.work.appending("vendor/x")
      try await clone(fixture, at: inner)
      try await fixture.host("config", "alias.mine", "!true", in: inner)
      try write("#!/bin/sh\n", to: inner.appending(".git/hooks/pre-commit"))
      let quarantine = try fixture.prepare()
      try await fixture.git.git("commit", "-q", "--allow-empty", "-m", "more", in: inner)
      let report = try await fixture.take(quarantine)
      #expect(report.nested == [])
      #expect(try await fixture.host("config", "alias.mine", in: inner) == ["!true"])
    }
  }

  @Test func onlyTheChangedPartOfAnOldOneIsMoved() async throws {
    try await QuarantineFixture.with { fixture in
      let inner = fixture.work.appending("vendor/x")
      try await clone(fixture, at: inner)
      try write("#!/bin/sh\n", to: inner.appending(".git/hooks/pre-commit"))
      let quarantine = try fixture.prepare()
      try await fixture.host("config", "core.fsmonitor", fixture.trap, in: inner)
      let report = try await fixture.take(quarantine)
      #expect(report.nested.map(\.path) == ["\(inner)/.git/config"])
      #expect(
        report.nested.map(\.outcome) == [.configurationReduced(dropped: ["core.fsmonitor"])])
      #expect(exists(inner.appending(".git/hooks/pre-commit")))
    }
  }

  @Test(arguments: [
    "sub/.git", ".GIT", "sub/.Git", "node_modules/x/y/.git", "ignored/.git", "closed/.git",
    "closed/deeper/.git", "closed/a/b/.git", "listed/deeper/.git",
  ])
  func plantedFileIsMovedWhereverItIs(place: String) async throws {
    try await QuarantineFixture.with { fixture in
      let victim = try await fixture.git.repository("victim")
      try write("ignored\nnode_modules\n", to: fixture.work.appending(".gitignore"))
      let quarantine = try fixture.prepare()
      let path = fixture.work.appending(FilePath(place).components)
      try write("gitdir: \(victim)/.git\n", to: path)
      let top = fixture.work.appending(FilePath(place).components.first!)
      let closed: mode_t? =
        place.hasPrefix("closed") ? 0 : place.hasPrefix("listed") ? 0o400 : nil
      if let closed { chmod(top.string, closed) }
      let report = try await fixture.take(quarantine)
      #expect(report.nested == [NestedReport(path: path.string, outcome: .movedAside)])
      if let closed {
        #expect(mode(of: top) == closed)
        chmod(top.string, 0o755)
      }
      #expect(!exists(path))
    }
  }

  @Test func linksAndPipesCalledGitAreMoved() async throws {
    try await QuarantineFixture.with { fixture in
      let victim = try await fixture.git.repository("victim")
      let quarantine = try fixture.prepare()
      for name in ["one", "two"] { try makeDirectory(fixture.work.appending(name)) }
      try link(fixture.work.appending("one/.git"), to: victim.appending(".git"))
      mkfifo(fixture.work.appending("two/.git").string, 0o600)
      let report = try await fixture.take(quarantine)
      #expect(report.nested.map(\.outcome) == [.movedAside, .movedAside])
      #expect(names(in: fixture.work.appending("one")) == [])
      #expect(names(in: fixture.work.appending("two")) == [])
      #expect(exists(victim.appending(".git/HEAD")))
    }
  }

  /// A broken `.git` with a repository around it: git walks up to that.
  @Test func bareRepositoryAroundTheWorkspaceIsDisarmed() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      try makeGitDirectory(fixture.work)
      try write(
        "[core]\n\tbare = true\n\tfsmonitor = \(fixture.trap)\n",
        to: fixture.work.appending("config"))
      try link(fixture.work.appending("mine"), to: fixture.work.appending("a"))
      try link(fixture.work.appending("logs"), to: fixture.git.root)
      let report = try await fixture.take(quarantine)
      #expect(
        report.nested.map(\.path) == ["\(fixture.work)/config", "\(fixture.work)/logs"])
      #expect(try read(fixture.work.appending("config")) == "[core]\n\tbare = \"true\"\n")
      #expect(exists(fixture.work.appending("mine")))
    }
  }

  @Test func worktreeMetadataIsFoundByItsCommonDirectory() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      let planted = fixture.work.appending("planted")
      try makeDirectory(planted)
      try write("ref: refs/heads/main\n", to: planted.appending("HEAD"))
      try write("/\n", to: planted.appending("commondir"))
      let report = try await fixture.take(quarantine)
      #expect(report.nested.map(\.path) == ["\(planted)/commondir"])
    }
  }

  @Test func submoduleFileMayLeadIntoCleanModulesOnly() async throws {
    try await QuarantineFixture.with { fixture in
      let library = try await fixture.git.repository("library")
      for name in ["x", "y"] {
        try await fixture.host("submodule", "--quiet", "add", library.string, name)
      }
      try await fixture.host("commit", "-q", "-m", "with libraries")
      let quarantine = try fixture.prepare()
      // The mounts keep both; without them an agent could write this.
      try write("gitdir: \(fixture.work)/.git/modules/x\n", to: fixture.work.appending("x/.git"))
      try write("gitdir: ../.git/modules/x\n", to: fixture.work.appending("y/.git"))
      let report = try await fixture.take(quarantine)
      #expect(report.nested.map(\.path) == ["\(fixture.work)/y/.git"])
    }
  }

  @Test func namesOfAnyBytesAreFoundAndMoved() async throws {
    try await withTemporaryDirectory { root in
      let odd: [CChar] = [CChar(bitPattern: 0xFF), 0x0A, 0]
      let name = odd.withUnsafeBufferPointer {
        FilePath.Component(platformString: $0.baseAddress!)
      }
      let directory = root.appending("w").appending(try #require(name))
      try makeDirectory(root.appending("w"))
      #expect(directory.withPlatformString { mkdir($0, 0o700) } == 0)
      let before = try NestedRepositories.scan([root.appending("w")], skipping: [])
      let file = directory.appending(".git").withPlatformString {
        open($0, O_CREAT | O_RDWR, 0o600)
      }
      close(file)
      let now = try NestedRepositories.scan([root.appending("w")], skipping: [])
      let report = NestedDisarming.disarm(
        before.changes(to: now), modules: [],
        aside: try GitAside(root.appending("aside"), session: "0123abcd"))
      #expect(report.map(\.outcome) == [.movedAside])
      #expect(try NestedRepositories.scan([root.appending("w")], skipping: []) == before)
    }
  }

  @Test func deepTreeIsWalkedToItsEnd() async throws {
    try await withTemporaryDirectory { root in
      let work = root.appending("w")
      try makeDirectory(work)
      // Deeper than a path may be long.
      let name = String(repeating: "d", count: 200)
      var directory = open(work.string, O_RDONLY | O_DIRECTORY)
      for _ in 0..<60 {
        mkdirat(directory, name, 0o700)
        let next = openat(directory, name, O_RDONLY | O_DIRECTORY)
        close(directory)
        directory = next
      }
      mkdirat(directory, ".git", 0o700)
      close(directory)
      let scan = try GitTrapScan.scan(work, skipping: [])
      #expect(scan.found.count == 1 && scan.unreadable == [])
      #expect(TreeRemoval.remove("w", in: root))
    }
  }

  @Test(arguments: [
    "https://example.org/x", "git@example.org:x.git", "/local/path", "../relative",
    "ssh://git@example.org/x", "file:///x",
  ])
  func plainURLsStay(url: String) { #expect(GitSetting.isPlainURL(url)) }

  @Test(arguments: [
    "ext::sh -c id", "fd::3", "-uid", "foo::x", "ssh://-oProxyCommand=id/x", "gopher://x",
    "ssh://x@-oProxyCommand=id/x", "https://x/\n",
  ])
  func urlsThatRunProgramsGo(url: String) { #expect(!GitSetting.isPlainURL(url)) }
}
