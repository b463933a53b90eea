import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// Ordinary work inside: afterwards the host has what the agent had.
@Suite struct QuarantineOperationTests {
  /// Each line is one git command inside; `>name text` writes a file.
  static let operations: [String: [String]] = [
    "nothing": [],
    "status": ["status"],
    "commit": [">a a3", "commit -q -am three"],
    "commitMany": [">x 1", "add .", "commit -q -m x", ">y 1", "add .", "commit -q -m y"],
    "stage": [">new 1", "add new", ">a 9"],
    "unstage": [">new 1", "add new", "reset -q"],
    "remove": ["rm -q b", "commit -q -m gone"],
    "move": ["mv a moved", "commit -q -m moved"],
    "executable": ["update-index --chmod=+x a", "commit -q -m mode"],
    "amend": ["commit -q --amend -m other"],
    "branch": ["branch topic"],
    "checkout": ["checkout -q -b topic", ">a t", "commit -q -am topic"],
    "switchBack": ["checkout -q -b topic", ">t t", "add t", "commit -q -m t", "checkout -q main"],
    "detach": ["checkout -q --detach HEAD~1"],
    "detachedCommit": ["checkout -q --detach", ">a d", "commit -q -am detached"],
    "orphan": ["checkout -q --orphan alone", "commit -q -m root"],
    "unborn": ["symbolic-ref HEAD refs/heads/later"],
    "rename": ["branch -m trunk"],
    "renameDeep": ["branch -m main/deep"],
    "delete": ["branch -D old"],
    "resetHard": ["reset -q --hard HEAD~1"],
    "revert": ["revert --no-edit HEAD"],
    "cherryPick": [
      "checkout -q -b side HEAD~1", ">s s", "add s", "commit -q -m s", "checkout -q main",
      "cherry-pick side",
    ],
    "rebase": [
      "checkout -q -b side HEAD~1", ">s s", "add s", "commit -q -m s", "rebase -q main",
    ],
    "merge": [
      "checkout -q -b side HEAD~1", ">s s", "add s", "commit -q -m s", "checkout -q main",
      "merge -q --no-ff -m merged side", "branch -d side",
    ],
    "squash": [
      "checkout -q -b side", ">s s", "add s", "commit -q -m s", "checkout -q main",
      "merge -q --squash side", "commit -q -m squashed",
    ],
    "lightTag": ["tag light"],
    "tag": ["tag -a -m text v1"],
    "tagTree": ["tag tree HEAD^{tree}"],
    "note": ["notes add -m note HEAD"],
    "packed": [">a p", "commit -q -am p", "pack-refs --all", "repack -q -d"],
    "gc": [">a g", "commit -q -am g", "branch side", "gc -q"],
    "gcAggressive": [">a g", "commit -q -am g", "gc -q --prune=now", "repack -q -a -d"],
    "empty": ["commit -q --allow-empty -m empty"],
    "deepBranch": ["checkout -q -b a/b/c/d", ">a deep", "commit -q -am deep"],
    "odd names": [">sp 1", "add .", "commit -q -m ümlaut", "branch ünï", "tag it's"],
    "indexVersion4": ["update-index --index-version 4", ">v 4", "add v"],
    "reflogExpire": ["reflog expire --expire=now --all", ">a e", "commit -q -am e"],
    "removeAll": ["rm -rq ."],
    "commitNothing": ["checkout -q --orphan none", "rm -rqf .", "commit -q --allow-empty -m n"],
    "submoduleless": ["clean -qfd"],
  ]

  @Test(arguments: operations.keys.sorted(), ["sha1", "sha256"])
  func hostHasWhatTheAgentHad(operation: String, format: String) async throws {
    // The other hash for a part of them: it makes no difference to the rest.
    if format == "sha256", !["commit", "stage", "gc", "tag", "detach"].contains(operation) {
      return
    }
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
