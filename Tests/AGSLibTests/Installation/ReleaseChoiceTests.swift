import FoundationEssentials
import Testing

@testable import AGSLib

/// What a release is chosen by: versions, platforms, Claude Code's manifest.
@Suite struct ReleaseChoiceTests {
  @Test func versionsAreOrderedByTheirNumbers() throws {
    let ordered = ["0.9", "1.0", "1.0.post1", "1.0.post10", "1.0.1", "1.9", "1.10", "2", "10.0"]
    let versions = try ordered.map { try #require(ReleaseVersion($0)) }
    #expect(versions.shuffled().sorted() == versions)
    #expect(ReleaseVersion("1.0") == ReleaseVersion("1.0.0"))
    #expect(ReleaseVersion("1.0") != ReleaseVersion("1.0.post0"))
  }

  @Test(arguments: [
    "", ".", "1.", ".1", "1..2", "v1", "1.0rc1", "1.0.dev1", "1.0a1", "1.0-1", "1!1.0", "1.0+x",
    "1.0.post", "1.0.postx", "1.0.post1.post2", "-1", "+1", "1. 0", "١.٠", "1.0\n",
    "99999999999999999999999999",
  ])
  func whatIsNoFinalReleaseIsNoVersion(text: String) {
    #expect(ReleaseVersion(text) == nil)
  }

  @Test func platformIsReadFromOneLine() {
    #expect(
      InstallPlatform(line: "x86_64 glibc 2.41")
        == InstallPlatform(machine: "x86_64", library: .glibc, version: (2, 41)))
    #expect(
      InstallPlatform(line: "aarch64 musl 1.2.5")
        == InstallPlatform(machine: "aarch64", library: .musl, version: (1, 2)))
    #expect(InstallPlatform(line: "x86_64 ") == InstallPlatform(machine: "x86_64"))
    for line in ["", "x86_64 glibc x.1", "x86_64 other 1.1", "x86_64 glibc 2"] {
      #expect(InstallPlatform(line: line) == nil)
    }
  }

  @Test func tagFitsTheMachineAndALibraryThatIsNoOlder() {
    let glibc = InstallPlatform(machine: "x86_64", library: .glibc, version: (2, 17))
    for tag in [
      "any", "linux_x86_64", "manylinux1_x86_64", "manylinux2010_x86_64", "manylinux2014_x86_64",
      "manylinux_2_17_x86_64", "manylinux_1_99_x86_64",
    ] { #expect(glibc.runs(tag), "\(tag)") }
    for tag in [
      "", "linux_aarch64", "manylinux_2_18_x86_64", "manylinux_3_0_x86_64",
      "manylinux2014_aarch64", "musllinux_1_1_x86_64", "manylinux_2_x86_64",
      "manylinux_2_17_i686", "manylinux__x86_64", "win_amd64", "manylinux_2_17_x86_64_x",
    ] { #expect(!glibc.runs(tag), "\(tag)") }
    let musl = InstallPlatform(machine: "aarch64", library: .musl, version: (1, 1))
    #expect(musl.runs("musllinux_1_1_aarch64") && musl.runs("linux_aarch64"))
    #expect(!musl.runs("musllinux_1_2_aarch64") && !musl.runs("manylinux2014_aarch64"))
    let unknown = InstallPlatform(machine: "x86_64")
    #expect(unknown.runs("any") && !unknown.runs("manylinux1_x86_64"))
    #expect(!unknown.runs("musllinux_1_0_x86_64"))
  }

  @Test func channelNamesAVersionAndNothingElse() {
    #expect(ClaudeRelease.version(Array("2.1.3\n".utf8)) == "2.1.3")
    for text in ["", "2.1", "2.1.3.4", "2.1.3-beta", "../..", "2.1.3 x", "2.1.post3", "<html>"] {
      #expect(ClaudeRelease.version(Array(text.utf8)) == nil, "\(text)")
    }
  }

  @Test func manifestNamesTheDownloadForTheMachine() throws {
    let sum = String(repeating: "AB", count: 32)
    let manifest = """
      {"version": "2.1.3", "buildDate": "2026-01-01T00:00:00Z", "platforms": {
        "linux-x64": {"checksum": "\(sum)", "size": 1}, "linux-x64-musl": 7,
        "linux-arm64": {"checksum": "x"}}}
      """
    func release(
      _ machine: String, _ library: InstallPlatform.Library?, _ text: String? = nil
    ) throws(InstallProblem) -> ClaudeRelease {
      try ClaudeRelease(
        manifest: Array((text ?? manifest).utf8), version: "2.1.3",
        for: InstallPlatform(machine: machine, library: library))
    }
    let found = try release("x86_64", .glibc)
    #expect(found.download == "linux-x64/claude" && found.sha256 == sum.lowercased())
    #expect(found.published == "2026-01-01T00:00:00Z")
    let refused: [(() throws -> ClaudeRelease, String)] = [
      ({ try release("x86_64", .musl) }, "no download for linux-x64-musl"),
      ({ try release("aarch64", .glibc) }, "no download for linux-arm64"),
      ({ try release("riscv64", .glibc) }, "no release for riscv64"),
      ({ try release("x86_64", .glibc, "[]") }, "makes no sense"),
      ({ try release("x86_64", .glibc, #"{"platforms": 1}"#) }, "makes no sense"),
    ]
    for (make, reason) in refused {
      let problem = #expect(throws: InstallProblem.self) { try make() }
      #expect(problem?.reason.contains(reason) == true, "\(problem as Any)")
    }
  }
}
