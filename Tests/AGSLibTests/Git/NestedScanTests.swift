import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// Places in which a repository could hide from the scan.
@Suite struct NestedScanTests {
  /// What `plant` makes in `w` is found and gone afterwards.
  private func moved(
    before prepare: (FilePath) throws -> Void = { _ in }, _ plant: (FilePath) throws -> Void
  ) async throws -> [String] {
    try await withTemporaryDirectory { root in
      let work = root.appending("w")
      try makeDirectory(work)
      try prepare(work)
      let before = try NestedRepositories.scan([work], skipping: [])
      try plant(work)
      let now = try NestedRepositories.scan([work], skipping: [])
      let report = NestedDisarming.disarm(
        before.changes(to: now), modules: [],
        aside: try GitAside(root.appending("aside"), session: "0123abcd"))
      let failures = report.filter(\.isFailure)
      #expect(failures == [])
      return report.map { String($0.path.dropFirst(work.string.count + 1)) }
    }
  }

  /// Both are "é", and equal as Swift's strings.
  @Test(arguments: [("\u{E9}", "e\u{301}"), ("e\u{301}", "\u{E9}"), ("%C3%A9", "\u{E9}")])
  func namesThatAreEqualAsTextAreTwo(armed: String, other: String) async throws {
    let moved = try await moved { work in
      for name in [armed, other] { try makeDirectory(work.appending("\(name)/.git/hooks")) }
      for name in ["config", "hooks/\(armed)", "hooks/\(other)"] {
        try write("[core]\n\tfsmonitor = x\n", to: work.appending("\(armed)/.git/\(name)"))
      }
    }
    let expected = ["config", "hooks/\(armed)", "hooks/\(other)"].map {
      FilePath("\(armed)/.git/\($0)")
    }
    #expect(Set(moved.map { FilePath($0) }) == Set(expected))
  }

  @Test func rootOfAnyBytesIsSearchedAgain() async throws {
    try await withTemporaryDirectory { root in
      let odd: [CChar] = [CChar(bitPattern: 0xFF), 0]
      let name = odd.withUnsafeBufferPointer {
        FilePath.Component(platformString: $0.baseAddress!)
      }
      let work = root.appending(try #require(name))
      #expect(work.withPlatformString { mkdir($0, 0o700) } == 0)
      let before = try NestedRepositories.scan([work], skipping: [])
      #expect(before.roots == [work])
    }
  }

  @Test(arguments: ["lib/objects/ui", "lib/objects/ab", "lib.git/objects/ab", "x/.git/objects/ui"])
  func onlyLooseObjectsAreNotLookedAt(place: String) async throws {
    let moved = try await moved { work in
      let owner = work.appending(FilePath(place).components.dropLast(2))
      try makeGitDirectory(owner)
      try write("x", to: work.appending("\(place)/y/.git"))
    }
    #expect(moved == ["\(place)/y/.git"])
  }

  @Test(arguments: [
    ("hooks", "pre-commit", "hooks/pre-commit"),
    ("rebase-merge", "git-rebase-todo", "rebase-merge"),
    ("sequencer", "todo", "sequencer"), ("info", "attributes", "info/attributes"),
    ("objects/info", "alternates", "objects/info/alternates"),
  ])
  func partThatLooksLikeARepositoryIsStillAPart(
    part: String, file: String, expected: String
  ) async throws {
    let moved = try await moved { work in
      try makeGitDirectory(work.appending("x/.git"))
    } _: { work in
      let own = work.appending("x/.git/\(part)")
      try makeGitDirectory(own)
      try write("x", to: own.appending(file))
    }
    #expect(moved.contains("x/.git/\(expected)"))
  }

  @Test func nestedGitDirectoriesBeyondALimitAreSaid() async throws {
    try await withTemporaryDirectory { root in
      try makeDirectory(root.appending("w" + String(repeating: "/.git", count: 40)))
      let scan = try GitTrapScan.scan(root.appending("w"), skipping: [])
      #expect(scan.found.count == 32 && scan.unreadable.count == 1)
    }
  }

  /// With something beside each, so that all wait at once.
  private func makeTower(in work: FilePath, depth: Int, mode: mode_t) throws {
    var directory = open(work.string, O_RDONLY | O_DIRECTORY)
    for level in 0..<depth {
      for name in ["d", "z"] { mkdirat(directory, name, 0o700) }
      let next = openat(directory, "d", O_RDONLY | O_DIRECTORY)
      if level > 0 { fchmod(directory, mode) }
      close(directory)
      directory = next
    }
    mkdirat(directory, ".git", 0o700)
    close(directory)
  }

  @Test func closedDirectoriesInsideEachOtherTakeFewDescriptors() async throws {
    try await withTemporaryDirectory { root in
      let work = root.appending("w")
      try makeDirectory(work)
      try makeTower(in: work, depth: 1500, mode: 0)
      let scan = try GitTrapScan.scan(work, skipping: [])
      #expect(scan.found.count == 1 && scan.unreadable == [])
      #expect(mode(of: work.appending("d")) == 0)
      #expect(TreeRemoval.remove("w", in: root))
    }
  }

  @Test func treeThatIsTooDeepIsSaid() async throws {
    try await withTemporaryDirectory { root in
      let work = root.appending("w")
      try makeDirectory(work)
      try makeTower(in: work, depth: 4100, mode: 0o700)
      let scan = try GitTrapScan.scan(work, skipping: [])
      #expect(scan.found.isEmpty && scan.unreadable.count == 2)
      #expect(TreeRemoval.remove("w", in: root))
    }
  }

  @Test func moreThanCanBeRememberedIsSaidOnce() async throws {
    try await withTemporaryDirectory { root in
      for name in 0..<20 { try write("x", to: root.appending("w/\(name)/.git")) }
      let scan = try GitTrapScan.scan(root.appending("w"), skipping: [], budget: 1000)
      #expect(scan.found.count < 20 && scan.unreadable == [root.appending("w")])
    }
  }

  @Test func textOfAPathLeadsBack() {
    for bytes: [UInt8] in [[], [0x25], [0x25, 0x34, 0x31], [0xFF, 0x0A, 0x2F, 0xC3, 0xA9]] {
      #expect(GitTrapScan.bytes(GitTrapScan.text(bytes)) == bytes)
    }
  }

  /// A submodule that is gone, whose git directory is still here.
  @Test(arguments: [
    ("../.git/modules/sub", true),
    ("l/../../.git/modules/sub", false),
    ("../.git/modules/sub\nx", false),
    (" ../.git/modules/sub", false),
  ])
  func gitFileLeadsWhereTheKernelGoes(
    named: String, isKept: Bool
  ) async throws {
    try await withTemporaryDirectory { root in
      let work = root.appending("w")
      for tree in [work, root.appending("outside")] {
        let own = tree.appending(".git/modules/sub")
        try makeGitDirectory(own)
        try write("[core]\n\tworktree = ../../../sub\n", to: own.appending("config"))
      }
      try makeDirectory(root.appending("outside/a/b"))
      try makeDirectory(work.appending("sub"))
      let host = [work.appending(".git")]
      let before = try NestedRepositories.scan([work], skipping: Set(host))
      try link(work.appending("sub/l"), to: root.appending("outside/a/b"))
      try write("gitdir: \(named)\n", to: work.appending("sub/.git"))
      let now = try NestedRepositories.scan([work], skipping: Set(host))
      let report = NestedDisarming.disarm(
        before.changes(to: now), modules: host.map { $0.appending("modules") },
        aside: try GitAside(root.appending("aside"), session: "0123abcd"))
      #expect(report.map(\.outcome) == (isKept ? [] : [.movedAside]))
    }
  }

  /// For Swift, "\r\n" is one character and no end of a line.
  @Test func borrowedObjectsAreReadLineByLineAsGitDoes() async throws {
    let moved = try await moved { work in
      let own = work.appending("x/.git")
      try makeGitDirectory(own)
      try makeDirectory(own.appending("objects/a\r\n/etc"))
      try write("a\r\n/etc\n", to: own.appending("objects/info/alternates"))
    }
    #expect(moved == ["x/.git/objects/info/alternates"])
  }
}
