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

  @Test func textOfAPathLeadsBack() {
    for bytes: [UInt8] in [[], [0x25], [0x25, 0x34, 0x31], [0xFF, 0x0A, 0x2F, 0xC3, 0xA9]] {
      #expect(GitTrapScan.bytes(GitTrapScan.text(bytes)) == bytes)
    }
  }
}
