import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// Repositories that are more than a directory called `.git`.
@Suite struct QuarantineLayoutTests {
  private func expectClean(_ report: GitImportReport) {
    #expect(report.failures == [] && report.notTaken == [] && report.kept == [])
  }

  @Test func linkedWorktreeHasItsOwnHeadAndIndex() async throws {
    try await QuarantineFixture.with { fixture in
      let main = fixture.work
      let tree = fixture.git.root.appending("tree")
      try await fixture.host("worktree", "add", "-q", "-b", "topic", tree.string)
      fixture.work = tree
      let quarantine = try fixture.prepare()
      let mounts = try quarantine.mounts(guestObjects: fixture.guest)
      #expect(
        mounts.map { "\($0.target) \($0.mode.rawValue)" } == [
          "\(main)/.git rw", "\(tree)/.git ro", "\(fixture.guest)/main ro",
        ])
      let own = quarantine.record.repositories[0].privateDirectory.appending("worktrees/tree")
      // What the mount at the same place makes of it.
      try write("\(main)/.git/../../state/git/0123abcd/main\n", to: own.appending("commondir"))
      try write("../..\n", to: own.appending("commondir"))
      try write("t\n", to: tree.appending("t"))
      _ = try await fixture.inside(quarantine, ["add", "t"], directory: own)
      _ = try await fixture.inside(quarantine, ["commit", "-q", "-m", "in tree"], directory: own)
      // The other work tree's branch is not moved under it.
      _ = try await fixture.inside(
        quarantine, ["update-ref", "refs/heads/main", "topic"], directory: own)
      let report = try await fixture.take(quarantine)
      #expect(report.failures == [] && report.notTaken == [])
      #expect(report.kept.map(\.name) == ["refs/heads/main"])
      #expect(report.kept.map(\.reason) == ["another work tree has it checked out"])
      #expect(try await fixture.host("log", "--format=%s") == ["in tree", "two", "one"])
      #expect(try await fixture.host("status", "--porcelain") == [])
      #expect(try await fixture.host("log", "-1", "--format=%s", in: main) == ["two"])
      #expect(try await fixture.host("status", "--porcelain", in: main) == [])
      #expect(
        try await fixture.host("log", "-1", "--format=%s", report.kept[0].reference)
          == ["in tree"])
    }
  }

  @Test func worktreeInsideTheWorkspaceIsTakenToo() async throws {
    try await QuarantineFixture.with { fixture in
      let tree = fixture.work.appending("trees/x")
      try await fixture.host("worktree", "add", "-q", "-b", "topic", tree.string)
      let quarantine = try fixture.prepare()
      let own = quarantine.record.repositories[0].privateDirectory.appending("worktrees/x")
      try write("t\n", to: tree.appending("t"))
      _ = try await fixture.inside(quarantine, ["add", "t"], directory: own, tree: tree)
      _ = try await fixture.inside(
        quarantine, ["commit", "-q", "-m", "in tree"], directory: own, tree: tree)
      expectClean(try await fixture.take(quarantine))
      #expect(try await fixture.host("log", "-1", "--format=%s", in: tree) == ["in tree"])
      #expect(try await fixture.host("status", "--porcelain", in: tree) == [])
      #expect(try await fixture.host("worktree", "list").count == 2)
    }
  }

  @Test func submoduleIsARepositoryOfItsOwn() async throws {
    try await QuarantineFixture.withSubmodule(at: "lib/x") { fixture, library in
      let quarantine = try fixture.prepare()
      let unit = quarantine.record.repositories[1]
      #expect(unit.kind == .submodule && unit.root == library)
      #expect(
        unit.privateDirectory
          == quarantine.record.repositories[0].privateDirectory.appending("modules/lib/x"))
      let mounts = try quarantine.mounts(guestObjects: fixture.guest)
      #expect(
        mounts.map { "\($0.target) \($0.mode.rawValue)" } == [
          "\(fixture.work)/.git rw", "\(fixture.guest)/main ro", "\(fixture.work)/lib rw",
          "\(library) rw", "\(library)/.git ro", "\(fixture.guest)/1 ro",
        ])
      try write("f\n", to: library.appending("f"))
      let own = unit.privateDirectory
      _ = try await fixture.inside(quarantine, ["add", "f"], directory: own, tree: library)
      _ = try await fixture.inside(
        quarantine, ["commit", "-q", "-m", "in library"], directory: own, tree: library)
      // The outer one names the new commit: its `.git` file leads to the host's inside.
      let commit = try await fixture.inside(
        quarantine, ["rev-parse", "HEAD"], directory: own, tree: library
      ).lines[0]
      try await fixture.inside(
        quarantine, "update-index", "--cacheinfo", "160000,\(commit),lib/x")
      try await fixture.inside(quarantine, "commit", "-q", "-m", "newer library")
      expectClean(try await fixture.take(quarantine))
      #expect(try await fixture.host("log", "-1", "--format=%s", in: library) == ["in library"])
      #expect(try await fixture.host("status", "--porcelain") == [])
      #expect(try await fixture.host("submodule", "status")[0].hasPrefix(" \(commit)"))
    }
  }

  @Test func workspaceThatIsASubmoduleIsOneRepository() async throws {
    try await QuarantineFixture.withSubmodule(at: "lib/x") { fixture, library in
      let outer = fixture.work
      fixture.work = library
      let quarantine = try fixture.prepare()
      #expect(
        try quarantine.mounts(guestObjects: fixture.guest).map(\.target.description) == [
          "\(outer)/.git/modules/lib/x", "\(library)/.git", "\(fixture.guest)/main",
        ])
      try write("f\n", to: library.appending("f"))
      try await fixture.inside(quarantine, "add", "f")
      try await fixture.inside(quarantine, "commit", "-q", "-m", "in library")
      expectClean(try await fixture.take(quarantine))
      #expect(try await fixture.host("log", "-1", "--format=%s") == ["in library"])
      #expect(try await fixture.host("status", "--porcelain") == [])
    }
  }

  @Test func submoduleThatIsNotClonedGetsAStandIn() async throws {
    try await QuarantineFixture.withSubmodule(at: "lib/x") { fixture, library in
      try await fixture.host("submodule", "--quiet", "deinit", "-f", "lib/x")
      let quarantine = try fixture.prepare()
      #expect(Array(quarantine.record.standIns.keys) == [library])
      let mounts = try quarantine.mounts(guestObjects: fixture.guest)
      let standIn = try #require(mounts.first { $0.target.path == library && $0.source != library })
      try write("cloned", to: standIn.source.appending("f"))
      let report = try await fixture.take(quarantine)
      #expect(report.notTaken.map(\.what) == [library.string] && report.imported == [])
      #expect(try await fixture.host("status", "--porcelain") == [])
    }
  }

  @Test func submoduleWhoseDirectoryIsGoneGetsAStandIn() async throws {
    try await QuarantineFixture.withSubmodule(at: "lib/x") { fixture, library in
      try await fixture.host("submodule", "--quiet", "deinit", "-f", "lib/x")
      #expect(rmdir(library.string) == 0 && rmdir(library.removingLastComponent().string) == 0)
      let quarantine = try fixture.prepare()
      #expect(Array(quarantine.record.standIns.keys) == [library])
      #expect(try await fixture.take(quarantine).isEmpty)
      #expect(!exists(library.removingLastComponent()))
    }
  }

  @Test func embeddedRepositoryGetsACopyOfItsOwn() async throws {
    try await QuarantineFixture.with { fixture in
      let inner = fixture.work.appending("inner")
      try makeDirectory(inner)
      try await fixture.host("init", "-q", in: inner)
      try await fixture.host("commit", "-q", "--allow-empty", "-m", "inner", in: inner)
      try await fixture.host("-c", "advice.addEmbeddedRepo=false", "add", "inner")
      try await fixture.host("commit", "-q", "-m", "gitlink")
      let quarantine = try fixture.prepare()
      let unit = quarantine.record.repositories[1]
      #expect(unit.kind == .embedded)
      _ = try await fixture.inside(
        quarantine, ["commit", "-q", "--allow-empty", "-m", "more"],
        directory: unit.privateDirectory, tree: inner)
      expectClean(try await fixture.take(quarantine))
      #expect(try await fixture.host("log", "--format=%s", in: inner) == ["more", "inner"])
    }
  }

  @Test func shallowCloneStaysOne() async throws {
    try await QuarantineFixture.with { fixture in
      let clone = fixture.git.root.appending("clone")
      try await fixture.host(
        "clone", "-q", "--depth=1", "file://\(fixture.work)", clone.string)
      fixture.work = clone
      let quarantine = try fixture.prepare()
      try write("s\n", to: clone.appending("a"))
      try await fixture.inside(quarantine, "commit", "-q", "-am", "three")
      expectClean(try await fixture.take(quarantine))
      #expect(try await fixture.host("log", "--format=%s") == ["three", "two"])
      #expect(try await fixture.host("status", "--porcelain") == [])
    }
  }

  @Test func partialCloneNeedsNoServer() async throws {
    try await QuarantineFixture.with { fixture in
      try await fixture.host("config", "uploadpack.allowFilter", "true")
      let clone = fixture.git.root.appending("clone")
      try await fixture.host(
        "clone", "-q", "--filter=blob:none", "file://\(fixture.work)", clone.string)
      #expect(rename(fixture.work.string, fixture.git.root.appending("gone").string) == 0)
      fixture.work = clone
      let quarantine = try fixture.prepare()
      try write("s\n", to: clone.appending("a"))
      try await fixture.inside(quarantine, "commit", "-q", "-am", "three")
      try write("t\n", to: clone.appending("b"))
      try await fixture.inside(quarantine, "add", "b")
      expectClean(try await fixture.take(quarantine))
      #expect(try await fixture.host("log", "--format=%s") == ["three", "two", "one"])
      #expect(try await fixture.host("diff", "--cached", "--name-only") == ["b"])
    }
  }

  @Test(arguments: [false, true])
  func sparseCheckoutKeepsWhatIsNotThere(hasSparseIndex: Bool) async throws {
    try await QuarantineFixture.with { fixture in
      try write("d\n", to: fixture.work.appending("other/d"))
      try await fixture.host("add", ".")
      try await fixture.host("commit", "-q", "-m", "other")
      let flag = hasSparseIndex ? "--sparse-index" : "--no-sparse-index"
      try await fixture.host("sparse-checkout", "set", flag, "dir")
      let quarantine = try fixture.prepare()
      try write("s\n", to: fixture.work.appending("dir/c"))
      try await fixture.inside(quarantine, "commit", "-q", "-am", "three")
      let report = try await fixture.take(quarantine)
      #expect(report.failures == [] && report.kept == [] && report.notTaken == [])
      #expect(try await fixture.host("status", "--porcelain") == [])
      #expect(try await fixture.host("log", "-1", "--format=%s") == ["three"])
    }
  }

  @Test func splitIndexIsLeft() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "update-index", "--split-index")
      try write("s\n", to: fixture.work.appending("new"))
      try await fixture.inside(quarantine, "add", "new")
      try await fixture.inside(quarantine, "branch", "other")
      let report = try await fixture.take(quarantine)
      #expect(report.notTaken.map(\.what) == ["the index"])
      #expect(report.imported.map(\.name) == ["other"])
    }
  }

  @Test func borrowedObjectsAreNotCopied() async throws {
    try await QuarantineFixture.with { fixture in
      let clone = fixture.git.root.appending("clone")
      try await fixture.host("clone", "-q", "--shared", fixture.work.string, clone.string)
      fixture.work = clone
      let quarantine = try fixture.prepare()
      try write("s\n", to: clone.appending("a"))
      try await fixture.inside(quarantine, "commit", "-q", "-am", "three")
      expectClean(try await fixture.take(quarantine))
      #expect(try await fixture.host("log", "--format=%s") == ["three", "two", "one"])
    }
  }

  @Test func bareRepositoryIsMountedInTheWorkspacesPlace() async throws {
    try await QuarantineFixture.with { fixture in
      let bare = fixture.git.root.appending("bare")
      try await fixture.host("clone", "-q", "--bare", fixture.work.string, bare.string)
      fixture.work = bare
      let quarantine = try fixture.prepare()
      #expect(try quarantine.mounts(guestObjects: fixture.guest)[0].target.path == bare)
      let own = quarantine.record.repositories[0].privateDirectory
      try await fixture.git.git("--git-dir=\(own)", "branch", "topic", in: bare)
      expectClean(try await fixture.take(quarantine))
      #expect(try await fixture.host("branch", "--format=%(refname:short)") == ["main", "topic"])
    }
  }

  @Test func largeFilesAreTakenByWhatTheyAre() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      let own = quarantine.record.repositories[0].privateDirectory.appending("lfs/objects")
      let good = Digest.sha256(Array("good".utf8))
      let bad = Digest.sha256(Array("bad".utf8))
      for name in [good, bad] {
        let place = "\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(name)"
        try write("good", to: own.appending(place))
      }
      let report = try await fixture.take(quarantine)
      #expect(report.imported.map(\.name) == [good] && report.notTaken.map(\.what) == [bad])
      let host = fixture.work.appending(".git/lfs/objects")
      #expect(names(in: host) == [String(good.prefix(2))])
    }
  }

  @Test func pathsTheUsersConfigurationRunsStayAsTheyAre() async throws {
    try await QuarantineFixture.with { fixture in
      try write("#!/bin/sh\n", to: fixture.work.appending("tools/clean.sh"))
      try await fixture.host("config", "core.hooksPath", ".hooks")
      try await fixture.host("config", "filter.x.clean", "tools/clean.sh %f")
      try await fixture.host("config", "alias.y", "!sh ./tools/missing/y.sh && cat dir/c")
      try await fixture.host("config", "include.path", "../shared.config")
      let quarantine = try fixture.prepare()
      let guarded = try quarantine.mounts(guestObjects: fixture.guest).filter {
        $0.origin == .gitGuard
      }.map { "\($0.target.path.string.dropFirst(fixture.work.string.count)) \($0.mode.rawValue)" }
      #expect(
        guarded == [
          "/.hooks ro", "/dir rw", "/dir/c ro", "/shared.config ro", "/tools rw",
          "/tools/clean.sh ro", "/tools/missing ro",
        ])
      #expect(try await fixture.take(quarantine).isEmpty)
    }
  }

  @Test func worktreeAddedInsideIsSaidAndItsBranchTaken() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      let tree = fixture.work.appending("tree")
      try await fixture.inside(quarantine, "worktree", "add", "-q", "-b", "topic", tree.string)
      let report = try await fixture.take(quarantine)
      #expect(report.failures == [] && report.notTaken.map(\.what) == ["worktree tree"])
      #expect(report.imported.map(\.name) == ["topic"])
      #expect(report.nested.map(\.path) == ["\(tree)/.git"])
      #expect(try await fixture.host("worktree", "list").count == 1)
    }
  }

  @Test func filtersOfTheUserDoNotRunDuringAnImport() async throws {
    try await QuarantineFixture.with { fixture in
      let included = fixture.git.root.appending("included")
      try write(
        "[filter \"x.y\"]\n\tclean = \(fixture.trap)\n\trequired = true\n", to: included)
      try await fixture.host("config", "include.path", included.string)
      let quarantine = try fixture.prepare()
      try write("* filter=x.y\n", to: fixture.work.appending(".gitattributes"))
      try write("changed\n", to: fixture.work.appending("a"))
      try await fixture.inside(
        quarantine, "-c", "filter.x.y.clean=cat", "commit", "-q", "-am", "changed")
      try await fixture.inside(quarantine, "-c", "filter.x.y.clean=cat", "add", ".")
      #expect(!fixture.canaryFired)
      #expect(try await fixture.take(quarantine).failures == [])
      #expect(!fixture.canaryFired)
      #expect(try await fixture.host("ls-files") == [".gitattributes", "a", "b", "dir/c"])
    }
  }

  @Test func repositoryOfAnotherOwnerStaysTheirs() async throws {
    // Only root can have somebody else's; for others it is their own either way.
    let owner = getuid() == 0 ? 4242 : getuid()
    try await QuarantineFixture.with { fixture in
      try await fixture.git.shell("chown -R \(owner) .", in: fixture.work)
      var request = try fixture.request()
      request.owner = (owner, getgid())
      let quarantine = try GitQuarantine.prepare(request, in: fixture.state)
      try makeDirectory(fixture.guest)
      try link(fixture.guest.appending("main"), to: fixture.work.appending(".git/objects"))
      let own = quarantine.record.repositories[0].privateDirectory
      #expect(try await fixture.git.shell("find . ! -user \(owner)", in: own) == [])
      try write("x\n", to: fixture.work.appending("a"))
      _ = try await fixture.inside(
        quarantine, ["-c", "safe.directory=*", "commit", "-q", "-am", "x"])
      #expect(try await fixture.take(quarantine).failures == [])
      #expect(try await fixture.git.shell("find .git ! -user \(owner)", in: fixture.work) == [])
    }
  }
}
