import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

@Suite struct QuarantinePreparationTests {
  @Test(arguments: ["sha1", "sha256"])
  func copyLooksLikeTheRepositoryAndIsWrittenApart(format: String) async throws {
    try await QuarantineFixture.with(arguments: ["--object-format=\(format)"]) { fixture in
      try await fixture.host("branch", "topic")
      try await fixture.host("tag", "-a", "-m", "t", "v1")
      try write("staged\n", to: fixture.work.appending("new"))
      try await fixture.host("add", "new")
      try write("changed\n", to: fixture.work.appending("b"))
      let before = try await fixture.picture()
      let quarantine = try fixture.prepare()
      #expect(quarantine.warnings == [])
      #expect(try await fixture.pictureInside(quarantine) == before)
      try await fixture.inside(quarantine, "commit", "-q", "-m", "inside")
      #expect(
        try await fixture.inside(quarantine, "log", "--format=%s") == ["inside", "two", "one"])
      #expect(try await fixture.host("log", "--format=%s") == ["two", "one"])
      #expect(try await fixture.picture() == before)
      try await fixture.inside(quarantine, "fsck", "--strict")
      let record = try #require(try QuarantineRecord.read(in: quarantine.directory))
      #expect(record == quarantine.record)
    }
  }

  @Test func noPasswordIsCopied() async throws {
    try await QuarantineFixture.with { fixture in
      let config = fixture.work.appending(".git/config")
      try write(
        try read(config) + """
          # https://u:geheim@old.example.org
          [remote "o"]
          \turl = https://user:geheim@example.org/x.git
          \tpushurl = ssh://git:geheim@example.org/x
          \tfetch = +refs/heads/*:refs/remotes/o/*
          [http "https://example.org/"]
          \textraHeader = Authorization: geheim
          [url "https://t:geheim@example.org/"]
          \tinsteadOf = gh:
          [http]
          \tproxy = http://p:geheim@proxy:3128
          [sendemail]
          \tsmtpPass = geheim
          [alias]
          \tx = !echo "a \\\\ b"

          """, to: config)
      let quarantine = try fixture.prepare()
      let own = quarantine.record.repositories[0].privateDirectory
      #expect(!(try read(own.appending("config")).contains("geheim")))
      #expect(!(try read(quarantine.directory.appending("record.json")).contains("geheim")))
      #expect(
        try await fixture.inside(quarantine, "config", "--get", "remote.o.url")
          == ["https://example.org/x.git"])
      #expect(
        try await fixture.inside(quarantine, "config", "--get", "remote.o.pushurl")
          == ["ssh://git@example.org/x"])
      let alias = try await fixture.host("config", "--get", "alias.x")
      #expect(try await fixture.inside(quarantine, "config", "--get", "alias.x") == alias)
    }
  }

  @Test func oddThingsInTheRepositoryAreSkippedAndSaid() async throws {
    try await QuarantineFixture.with { fixture in
      let host = fixture.work.appending(".git")
      try write("secret", to: fixture.git.root.appending("secret"))
      try link(host.appending("hooks/pre-commit"), to: fixture.git.root.appending("secret"))
      try link(host.appending("refs/heads/linked"), to: fixture.git.root.appending("secret"))
      mkfifo(host.appending("FETCH_HEAD").string, 0o600)
      mkfifo(host.appending("info/pipe").string, 0o600)
      let quarantine = try fixture.prepare()
      let own = quarantine.record.repositories[0].privateDirectory
      for name in ["hooks/pre-commit", "refs/heads/linked", "FETCH_HEAD", "info/pipe"] {
        #expect(!exists(own.appending(name)), "\(name)")
      }
      #expect(quarantine.warnings.count == 4)
      #expect(try await fixture.inside(quarantine, "log", "--format=%s") == ["two", "one"])
    }
  }

  @Test func begunMergeCanBeEndedInside() async throws {
    try await QuarantineFixture.with { fixture in
      try await fixture.host("checkout", "-q", "-b", "side", "HEAD~1")
      try write("side\n", to: fixture.work.appending("side"))
      try await fixture.host("add", "side")
      try await fixture.host("commit", "-q", "-m", "side")
      try await fixture.host("merge", "-q", "--no-commit", "--no-ff", "main")
      let quarantine = try fixture.prepare()
      #expect(quarantine.record.repositories[0].worktrees[0].unfinished == ["MERGE_HEAD"])
      try await fixture.inside(quarantine, "commit", "-q", "--no-edit")
      let parents = try await fixture.inside(quarantine, "log", "-1", "--format=%P")
      #expect(parents.first?.split(separator: " ").count == 2)
    }
  }

  @Test func workspaceWithoutARepositoryGetsAnEmptyGitDirectory() async throws {
    try await QuarantineFixture.with { fixture in
      fixture.work = fixture.git.root.appending("plain")
      try makeDirectory(fixture.work)
      let quarantine = try fixture.prepare()
      let unit = quarantine.record.repositories[0]
      #expect(unit.kind == .absent && names(in: unit.privateDirectory) == [])
      #expect(names(in: fixture.work) == [".git"])
      #expect(
        try quarantine.mounts(guestObjects: fixture.guest).map(\.target.path)
          == [fixture.work.appending(".git")])
    }
  }

  /// Git passes over an empty `.git`, and then looks whether the directory itself is a
  /// repository.
  @Test func hostsGitTakesNothingWhereTheAgentMakesTheWorkspaceOne() async throws {
    try await QuarantineFixture.with { fixture in
      fixture.work = fixture.git.root.appending("plain")
      try makeDirectory(fixture.work)
      let quarantine = try fixture.prepare()
      let fired = fixture.git.root.appending("fired")
      try await fixture.git.shell(
        """
        git init -q --bare bare; mv bare/HEAD bare/objects bare/refs .
        printf '[core]\n\tworktree = %s\n\tfsmonitor = touch %s\n' "$PWD" \(fired) >config
        ! git status 2>../message
        grep -q 'repo version' ../message
        """, in: fixture.work)
      #expect(!exists(fired))
      #expect(try Repository.find(from: fixture.work, userID: getuid()) == nil)
      // Another session finds no repository either, and leaves the place to the last one.
      let second = try fixture.prepare(session: "89abcdef")
      #expect(second.record.repositories[0].kind == .absent)
      _ = try await fixture.take(second)
      #expect(try GitPlaceholder.isOne(at: fixture.work.appending(".git")))
      let report = try await fixture.take(quarantine)
      #expect(report.nested.count == 1 && !exists(fixture.work.appending(".git")), "\(report)")
    }
  }

  @Test func placeholderOfACrashGoesWithTheNextSession() async throws {
    try await QuarantineFixture.with { fixture in
      fixture.work = fixture.git.root.appending("plain")
      let place = fixture.work.appending(".git")
      try makeDirectory(place)
      try GitPlaceholder.fill(place, by: DataCopy())
      #expect(try await fixture.take(try fixture.prepare()).failures == [])
      #expect(names(in: fixture.work) == [])
    }
  }

  @Test func repositoryThatIsNotUsedIsCoveredAndNotImported() async throws {
    try await QuarantineFixture.with { fixture in
      var request = try fixture.request()
      request.repository = nil
      let quarantine = try GitQuarantine.prepare(request, in: fixture.state)
      let unit = quarantine.record.repositories[0]
      #expect(unit.kind == .hidden)
      #expect(try quarantine.mounts().map(\.source) == [unit.privateDirectory])
    }
  }

  @Test func otherReferenceStorageIsRefused() async throws {
    try await QuarantineFixture.with { fixture in
      let config = fixture.work.appending(".git/config")
      try write(try read(config) + "[extensions]\n\trefstorage = reftable\n", to: config)
      #expect(throws: GitDataError.self) { try fixture.prepare() }
      #expect(names(in: fixture.state.appending("git")) == [])
    }
  }

  @Test func alternatesOfTheHostAreMountedWhereTheyAre() async throws {
    try await QuarantineFixture.with { fixture in
      let clone = fixture.git.root.appending("clone")
      try await fixture.host("clone", "-q", "--shared", fixture.work.string, clone.string)
      try write("../../../work/.git/objects\n", to: clone.appending(".git/objects/info/alternates"))
      let original = fixture.work.appending(".git/objects")
      fixture.work = clone
      let quarantine = try fixture.prepare()
      let mounts = try quarantine.mounts(guestObjects: fixture.guest)
      #expect(mounts.contains { $0.target.path == original && $0.mode == .readOnly })
      let file = try #require(quarantine.record.repositories[0].alternatesFile)
      #expect(try read(file) == "\(original)\n")
      #expect(try await fixture.inside(quarantine, "log", "--format=%s") == ["two", "one"])
    }
  }
}
