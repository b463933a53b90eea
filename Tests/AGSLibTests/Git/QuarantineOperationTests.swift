import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// Ordinary work inside: afterwards the host has what the agent had.
@Suite struct QuarantineOperationTests {
  /// Each line is one git command inside; `>name text` writes a file.
  static let operations: [String: [String]] = [
    "commits": [
      ">a a3", "commit -q -am three", ">x 1", "add .", "commit -q -m x", "commit -q --amend -m y",
      "revert --no-edit HEAD", "commit -q --allow-empty -m empty",
    ],
    "the index": [
      ">new 1", "add new", ">a 9", "rm -q b", "mv dir/c moved", "update-index --chmod=+x a",
      ">gone 1", "add gone", "reset -q gone", "update-index --index-version 4",
    ],
    "branches": [
      "branch topic", "branch -D old", "checkout -q -b a/b/c/d", ">a deep", "commit -q -am deep",
      "branch -m a/b", "checkout -q main", "branch -m trunk",
    ],
    "a directory where a branch was": ["branch -m main/deep"],
    "detached": ["checkout -q --detach HEAD~1", ">a d", "commit -q -am detached"],
    "orphan": ["checkout -q --orphan alone", "commit -q -m root"],
    "unborn": ["symbolic-ref HEAD refs/heads/later"],
    "reset": ["reset -q --hard HEAD~1", "clean -qfd"],
    "rebase": [
      "checkout -q -b side HEAD~1", ">s s", "add s", "commit -q -m s", "checkout -q main",
      "cherry-pick side", "checkout -q side", "rebase -q main",
    ],
    "merge": [
      "checkout -q -b side HEAD~1", ">s s", "add s", "commit -q -m s", "checkout -q main",
      "merge -q --no-ff -m merged side", "branch -d side", "checkout -q -b other", ">o o",
      "add o", "commit -q -m o", "checkout -q main", "merge -q --squash other",
      "commit -q -m squashed",
    ],
    "tags": ["tag light", "tag -a -m text v1", "tag tree HEAD^{tree}", "tag it's", "branch ünï"],
    "notes": ["notes add -m note HEAD", ">ü 1", "add .", "commit -q -m ümlaut"],
    "packs": [
      ">a p", "commit -q -am p", "pack-refs --all", "repack -q -d", "branch side", "gc -q",
    ],
    "everything in packs": [">a g", "commit -q -am g", "gc -q --prune=now", "repack -q -a -d"],
    "no reflog": ["reflog expire --expire=now --all", ">a e", "commit -q -am e"],
    "everything removed": ["rm -rq ."],
    "a commit of nothing": [
      "checkout -q --orphan none", "rm -rqf .", "commit -q --allow-empty -m n",
    ],
  ]

  /// The other hash makes a difference to few of them.
  static let runs =
    operations.keys.sorted().map { ($0, "sha1") }
    + ["commits", "the index", "detached", "packs", "tags"].map { ($0, "sha256") }

  @Test(arguments: runs)
  func hostHasWhatTheAgentHad(operation: String, format: String) async throws {
    try await QuarantineFixture.with(arguments: ["--object-format=\(format)"]) { fixture in
      try await fixture.host("branch", "old")
      let quarantine = try fixture.prepare()
      for line in Self.operations[operation] ?? [] { try await run(line, quarantine, fixture) }
      let expected = try await fixture.pictureInside(quarantine)
      let report = try await fixture.take(quarantine)
      #expect(report.failures == [] && report.notTaken == [] && report.kept == [])
      #expect(try await fixture.picture() == expected)
      try await fixture.host("fsck", "--strict")
      // Nothing of ours stays, but what was deleted.
      let left = try await fixture.host("for-each-ref", "refs/ags", "--format=%(refname)")
      #expect(left == [])
      #expect(names(in: fixture.state.appending("git")) == [])
      #expect(
        names(in: fixture.work.appending(".git")).filter { $0.hasPrefix("index") } == ["index"])
    }
  }

  private func run(
    _ line: String, _ quarantine: GitQuarantine, _ fixture: QuarantineFixture
  ) async throws {
    let words = line.split(separator: " ").map(String.init)
    if line.hasPrefix(">") {
      try write(words[1] + "\n", to: fixture.work.appending(String(words[0].dropFirst())))
    } else {
      _ = try await fixture.inside(quarantine, words)
    }
  }

  @Test func whatWasDeletedStaysUnderANameOfOurs() async throws {
    try await QuarantineFixture.with { fixture in
      try await fixture.host("branch", "old", "HEAD~1")
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "branch", "-D", "old")
      let report = try await fixture.take(quarantine)
      #expect(report.imported.map(\.change) == [.deleted])
      #expect(
        try await fixture.host("log", "--format=%s", "refs/ags-before/0123abcd/heads/old")
          == ["one"])
    }
  }

  @Test func stashEntriesArrive() async throws {
    try await QuarantineFixture.with { fixture in
      try write("first\n", to: fixture.work.appending("a"))
      try await fixture.host("stash", "-q")
      let quarantine = try fixture.prepare()
      #expect(quarantine.warnings == [])
      #expect(try await fixture.inside(quarantine, "stash", "list").count == 1)
      for name in ["second", "third"] {
        try write("\(name)\n", to: fixture.work.appending("a"))
        try await fixture.inside(quarantine, "stash", "push", "-q", "-m", name)
      }
      let inside = try await fixture.inside(quarantine, "stash", "list")
      try await fixture.take(quarantine, at: .duringSession)
      #expect(try await fixture.host("stash", "list") == inside)
      try await fixture.take(quarantine)
      #expect(try await fixture.host("stash", "list") == inside)
      #expect(try await fixture.host("stash", "show", "-p", "stash@{0}").contains("+third"))
    }
  }

  @Test func branchFollowsWhatItFollowedInside() async throws {
    try await QuarantineFixture.with { fixture in
      try await fixture.host("remote", "add", "origin", fixture.work.string)
      try await fixture.host("fetch", "-q", "origin")
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "branch", "--track", "topic", "origin/main")
      try await fixture.inside(quarantine, "config", "branch.topic.rebase", "true")
      try await fixture.inside(quarantine, "config", "branch.topic.description", "text")
      try await fixture.inside(quarantine, "config", "branch.evil.remote", "ext::sh -c id")
      let report = try await fixture.take(quarantine)
      #expect(
        try await fixture.host("config", "--get-regexp", "^branch\\.") == [
          "branch.topic.remote origin", "branch.topic.merge refs/heads/main",
          "branch.topic.rebase true",
        ])
      #expect(
        report.notTaken.map(\.what) == [
          "config: branch.topic.description", "config: branch.evil.remote",
        ])
    }
  }

  @Test func importsDuringTheSessionAddUp() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      for step in 1...3 {
        try write("\(step)\n", to: fixture.work.appending("a"))
        try await fixture.inside(quarantine, "commit", "-q", "-am", "step \(step)")
        let report = try await fixture.take(
          quarantine, at: step == 3 ? .afterSession : .duringSession)
        #expect(report.kept == [] && report.notTaken == [] && report.failures == [])
        #expect(try await fixture.host("log", "-1", "--format=%s") == ["step \(step)"])
        #expect(try await fixture.host("status", "--porcelain") == [])
      }
    }
  }

  @Test func nothingChangedStartsNoGit() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "status")
      let report = try await GitImport.run(
        quarantine.directory, at: .afterSession,
        git: try fixture.hostGit(UntouchableRunner()))
      #expect(report.isEmpty)
    }
  }

  @Test func unfinishedRebaseIsSaidAndLeft() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "checkout", "-q", "-b", "side", "HEAD~1")
      try write("conflict\n", to: fixture.work.appending("a"))
      try await fixture.inside(quarantine, "commit", "-q", "-am", "conflict")
      await #expect(throws: (any Error).self) {
        try await fixture.inside(quarantine, "rebase", "-q", "main")
      }
      let report = try await fixture.take(quarantine)
      #expect(
        report.notTaken.map(\.what).sorted() == ["REBASE_HEAD", "rebase-merge", "the index"]
          || report.notTaken.map(\.what).sorted() == ["rebase-merge", "the index"])
      #expect(try await fixture.host("log", "-1", "--format=%s", "side") == ["conflict"])
      #expect(!exists(fixture.work.appending(".git/rebase-merge")))
    }
  }

  @Test func repositoryTheAgentMadeArrives() async throws {
    try await QuarantineFixture.with { fixture in
      fixture.work = fixture.git.root.appending("plain")
      try makeDirectory(fixture.work)
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "init", "-q", "-b", "trunk")
      let own = quarantine.record.repositories[0].privateDirectory
      try write("[core]\n\tfsmonitor = \(fixture.trap)\n", to: own.appending("config"))
      try write("x\n", to: fixture.work.appending("x"))
      try await fixture.inside(quarantine, "-c", "core.fsmonitor=false", "add", ".")
      try await fixture.inside(
        quarantine, "-c", "core.fsmonitor=false", "commit", "-q", "-m", "made")
      let report = try await fixture.take(quarantine)
      #expect(report.failures == [])
      #expect(try await fixture.host("log", "--format=%s") == ["made"])
      #expect(try await fixture.host("status", "--porcelain", "-b") == ["## trunk"])
      #expect(names(in: fixture.work.appending(".git/hooks")) == [])
      #expect(!fixture.canaryFired)
    }
  }

  @Test func placeThatWasMadeForNothingGoes() async throws {
    try await QuarantineFixture.with { fixture in
      fixture.work = fixture.git.root.appending("plain")
      try makeDirectory(fixture.work)
      let report = try await fixture.take(try fixture.prepare())
      #expect(report.isEmpty)
      #expect(names(in: fixture.work) == [])
      #expect(names(in: fixture.state.appending("git")) == [])
    }
  }
}
