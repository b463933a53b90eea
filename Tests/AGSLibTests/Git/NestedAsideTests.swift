import AGSTestSupport
import CPosix
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// What is moved aside, and its way back.
@Suite struct NestedAsideTests {
  private func with(
    _ body: (_ work: FilePath, _ aside: FilePath) throws -> Void
  ) async throws {
    try await withTemporaryDirectory { root in
      let work = root.appending("w")
      try makeDirectory(work)
      try body(work, root.appending("aside"))
    }
  }

  private func move(_ name: FilePath.Component, of work: FilePath, to aside: FilePath) throws {
    var aside = try GitAside(aside, session: "0123abcd")
    try aside.move(name, of: try #require(try DataDirectory.open(work)))
  }

  /// As a user who is not root: the thread gives up what root may do.
  @Test func directoryNobodyMayWriteIsMovedAndComesBack() async throws {
    try await with { work, aside in
      let one = work.appending("rebase-merge")
      for path in [one, aside] { try makeDirectory(path) }
      for path in [work.removingLastComponent(), work, one, aside] where getuid() == 0 {
        chown(path.string, 65534, 65534)
      }
      chmod(one.string, 0o555)
      typealias Change = @convention(c) (UInt32) -> CInt
      let setUser = unsafeBitCast(
        try #require(dlsym(dlopen(nil, RTLD_NOW), "setfsuid")), to: Change.self)
      if getuid() == 0 { _ = setUser(65534) }
      defer { if getuid() == 0 { _ = setUser(0) } }
      let parent = try #require(try DataDirectory.open(work))
      let target = aside.appending("1")
      try GitAside.rename("rebase-merge", of: parent, to: target)
      #expect(!exists(one))
      #expect(mode(of: target) == 0o555)
      #expect(GitAside.moveBack(target, to: "rebase-merge", of: parent))
      #expect(mode(of: one) == 0o555)
    }
  }

  @Test func moveThatTheJournalWasTornInIsForgotten() async throws {
    try await with { work, aside in
      for name in ["one", "two"] { try write(name, to: work.appending(name)) }
      try move("one", of: work, to: aside)
      let journal = aside.appending(GitAside.journalName)
      try write(try read(journal) + "{\"kind\":\"mo", to: journal)
      try move("two", of: work, to: aside)
      #expect(try GitAside(aside, session: "0123abcd").entries.count == 2)
      #expect(try GitAside.restore(aside, session: "0123abcd") == [])
      #expect(names(in: work) == ["one", "two"])
    }
  }

  @Test func whatSomebodyWroteSinceIsNotReplaced() async throws {
    try await with { work, aside in
      for name in ["same", "other"] { try write("before", to: work.appending(name)) }
      var moved = try GitAside(aside, session: "0123abcd")
      let parent = try #require(try DataDirectory.open(work))
      try write("before", to: work.appending("again"))
      for name: FilePath.Component in ["same", "other", "again"] {
        try moved.replace(name, of: parent, with: Array("ours".utf8))
      }
      try write("mine", to: work.appending("other"))
      try write("before", to: work.appending("again"))
      #expect(
        try GitAside.restore(aside, session: "0123abcd") == [work.appending("other")])
      #expect(try read(work.appending("same")) == "before")
      #expect(try read(work.appending("other")) == "mine")
      // When that is gone there is a place for it.
      unlink(work.appending("other").string)
      #expect(try GitAside.restore(aside, session: "0123abcd") == [])
      #expect(try read(work.appending("other")) == "before")
    }
  }

  @Test func onAnotherFileSystemNothingThereIsInTheWay() async throws {
    try await withTemporaryDirectory { root in
      let work = FilePath("/dev/shm/ags-aside-\(UInt64.random(in: .min ... .max))")
      try makeDirectory(work.appending("hooks"))
      defer { #expect(TreeRemoval.remove(work.lastComponent?.string ?? "", in: "/dev/shm")) }
      try #require(GitMarker(at: work)?.device != GitMarker(at: root)?.device)
      let name = try #require(FilePath.Component(String(repeating: "x", count: 255)))
      let hooks = work.appending("hooks")
      try write("x", to: hooks.appending(name))
      try makeDirectory(hooks.appending("\(name.string.prefix(200)).ags-aside-0123abcd/x"))
      try move(name, of: hooks, to: root.appending("aside"))
      #expect(!exists(hooks.appending(name)))
      let left = names(in: hooks).filter { $0.hasPrefix("ags-aside-0123abcd-") }
      #expect(left.count == 1)
      #expect(GitTraps.part(of: "hooks/\(left.first ?? "")") == nil)
      #expect(try GitAside.restore(root.appending("aside"), session: "0123abcd") == [])
      #expect(exists(hooks.appending(name)))
    }
  }

  @Test func veryManyHooksAreMovedAtOnce() async throws {
    try await with { work, aside in
      let own = work.appending("x/.git")
      let before = try NestedRepositories.scan([work], skipping: [])
      try makeGitDirectory(own)
      try makeDirectory(own.appending("hooks"))
      for number in 0..<60 { try write("x", to: own.appending("hooks/\(number)")) }
      let now = try NestedRepositories.scan([work], skipping: [])
      let report = NestedDisarming.disarm(
        before.changes(to: now), modules: [], aside: try GitAside(aside, session: "0123abcd"))
      #expect(report == [NestedReport(path: own.appending("hooks").string, outcome: .movedAside)])
      #expect(!exists(own.appending("hooks")))
    }
  }

  @Test func veryLongReportIsCut() {
    var report = GitImportReport(session: "0123abcd")
    report.nested = (0..<300).map { NestedReport(path: "/\($0)", outcome: .movedAside) }
    report.nested.append(NestedReport(path: "/last", outcome: .failed("x")))
    #expect(report.lines.count == 201)
    #expect(report.lines.first?.contains("/last") == true)
    #expect(report.lines.last == "git: and 101 more below the workspace")
  }

  @Test func whatCannotBeMadeHarmlessIsTriedAgainAndKeepsTheIndexOut() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      // Deeper than is looked.
      let place = fixture.work.appending("x")
      try makeDirectory(FilePath(place.string + String(repeating: "/.git", count: 40)))
      try write("new", to: fixture.work.appending("new"))
      try await fixture.inside(quarantine, "add", "new")
      for _ in 0..<2 {
        let report = try await fixture.take(quarantine)
        #expect(report.failures.count == 1 && report.copy != nil)
        #expect(try await fixture.host("ls-files", "new") == [])
      }
      #expect(TreeRemoval.remove("x", in: fixture.work))
      let report = try await fixture.take(quarantine)
      #expect(report.failures == [])
      #expect(try await fixture.host("ls-files", "new") == ["new"])
      #expect(!exists(quarantine.directory.appending(QuarantineRecord.fileName)))
    }
  }
}
