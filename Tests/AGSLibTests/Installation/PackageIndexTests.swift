import FoundationEssentials
import Testing

@testable import AGSLib

@Suite struct PackageIndexTests {
  private static let hash = String(repeating: "0a", count: 32)
  private static let here = InstallPlatform(
    machine: "x86_64", library: .glibc, version: (2, 41))
  private static let age = ReleaseAge(
    minimum: .seconds(86400), now: Date(timeIntervalSince1970: 1_800_000_000))

  /// A file of the index, `made_package-VERSION-py3-none-TAG.whl`.
  private static func file(
    _ version: String, tag: String = "any", time: String? = "2026-01-01T00:00:00.123456Z",
    yanked: String = "false", hash: String = hash, package: String = "made_package"
  ) -> String {
    """
    {"filename": "\(package)-\(version)-py3-none-\(tag).whl", "url": "../\(version)/\(tag)",
     "hashes": {"sha256": "\(hash)"}, "yanked": \(yanked), "size": 5
     \(time.map { ", \"upload-time\": \"\($0)\"" } ?? "")}
    """
  }

  private static func read(_ files: String...) throws -> PackageIndex {
    let text = "{\"meta\": {}, \"name\": \"x\", \"files\": [\(files.joined(separator: ","))]}"
    return try #require(PackageIndex.read(Array(text.utf8)))
  }

  private static func chosen(
    _ files: String..., on platform: InstallPlatform = here, age: ReleaseAge = age
  ) throws -> PackageIndex.Choice {
    let text = "{\"files\": [\(files.joined(separator: ","))]}"
    let index = try #require(PackageIndex.read(Array(text.utf8)))
    return try index.choose("Made-Package", for: platform, age: age)
  }

  private static func reason(_ body: () throws -> PackageIndex.Choice) -> String? {
    #expect(throws: InstallProblem.self) { try body() }?.reason
  }

  @Test func newestFinalReleaseIsTaken() throws {
    let choice = try Self.chosen(
      Self.file("1.9"), Self.file("1.10.0"), Self.file("1.10.0.post2"), Self.file("2.0rc1"),
      Self.file("2.0.dev3"), Self.file("2.0a1"), Self.file("1!0.1"), Self.file("2.0+local"),
      Self.file("1.2"))
    #expect(
      choice
        == PackageIndex.Choice(
          version: "1.10.0.post2", url: "../1.10.0.post2/any", sha256: Self.hash))
  }

  @Test func whatIsYankedIsPassedOver() throws {
    let choice = try Self.chosen(
      Self.file("1.0", yanked: "null"), Self.file("2.0", yanked: "true"),
      Self.file("3.0", yanked: "\"broken\""), Self.file("4.0", yanked: "[]"))
    #expect(choice.version == "1.0")
  }

  @Test func wheelIsForThisMachine() throws {
    let files = [
      Self.file("1.0", tag: "manylinux_2_17_x86_64.manylinux2014_x86_64"),
      Self.file("1.1", tag: "musllinux_1_1_x86_64"),
      Self.file("1.2", tag: "manylinux2014_aarch64"), Self.file("1.3", tag: "win_amd64"),
      Self.file("1.4", tag: "manylinux_2_99_x86_64"),
      Self.file("1.5", tag: "macosx_11_0_arm64"),
    ].joined(separator: ",")
    let musl = InstallPlatform(machine: "x86_64", library: .musl, version: (1, 2))
    let arm = InstallPlatform(machine: "aarch64", library: .glibc, version: (2, 36))
    #expect(try Self.chosen(files).version == "1.0")
    #expect(try Self.chosen(files, on: musl).version == "1.1")
    #expect(try Self.chosen(files, on: arm).version == "1.2")
    let other = InstallPlatform(machine: "riscv64", library: .glibc, version: (2, 41))
    #expect(Self.reason { try Self.chosen(files, on: other) }?.contains("no wheel") == true)
  }

  @Test func youngAndUndatedReleasesAreRefusedUnlessAnyAgeWillDo() throws {
    // Now is 2027-01-15T08:00:00Z.
    let young = Self.file("3.0", time: "2027-01-14T08:00:01Z")
    let undated = Self.file("4.0", time: nil)
    let nonsense = Self.file("4.1", time: "yesterday")
    let old = Self.file("1.0", time: "2027-01-14T08:00:00Z")
    #expect(try Self.chosen(old, young, undated, nonsense).version == "1.0")
    #expect(Self.reason { try Self.chosen(young) }?.contains("younger") == true)
    for file in [undated, nonsense] {
      let reason = Self.reason { try Self.chosen(young, file) }
      #expect(reason?.contains("minimum_release_age = 0") == true)
    }
    let any = ReleaseAge(minimum: .zero, now: Self.age.now)
    #expect(try Self.chosen(young, undated, age: any).version == "4.0")
  }

  @Test func filesOfOtherPackagesAndOtherKindsAreNotTaken() throws {
    let choice = try Self.chosen(
      Self.file("1.0", package: "Made.Package"), Self.file("9.0", package: "made_package_extra"),
      #"{"filename": "made_package-9.0.tar.gz", "url": "x", "hashes": {}}"#,
      #"{"filename": "made_package-9.0.whl", "url": "x", "hashes": {}}"#,
      #"{"filename": "", "url": "x"}"#)
    #expect(choice.version == "1.0")
  }

  @Test func entryThatIsNotDescribedAsItShouldBeIsNotThere() throws {
    let index = try Self.read(
      "1", "null", "[]", "{}", #"{"filename": 1, "url": "x"}"#, #"{"filename": "x"}"#,
      #"{"filename": "x", "url": "x", "upload-time": 5}"#, Self.file("1.0"))
    #expect(index.files.count == 1)
  }

  @Test(arguments: ["\"\"", "\"xyz\"", "5", "null"])
  func releaseWithoutItsHashIsNotTaken(hash: String) {
    let file = Self.file("2.0").replacing("\"\(Self.hash)\"", with: hash)
    let reason = Self.reason { try Self.chosen(Self.file("1.0"), file) }
    #expect(reason == "the index has no SHA-256 of Made-Package 2.0")
  }

  @Test(arguments: [
    "", "<html>", "[]", "{}", #"{"files": {}}"#, #"{"files": [}"#, "\u{0}", "{\"files\": [\"\\u",
    #"{"files": "# + String(repeating: "[", count: 100_000),
    String(repeating: "{\"files\":", count: 50_000),
  ])
  func whatIsNoIndexIsNothing(text: String) {
    #expect(PackageIndex.read(Array(text.utf8)) == nil)
  }

  @Test func manyAndHugeEntriesAreReadAllTheSame() throws {
    let files = (0..<5000).map { Self.file("0.\($0)") }.joined(separator: ",")
    let huge = Self.file(String(repeating: "9", count: 1 << 20))
    #expect(try Self.chosen(files, huge).version == "0.4999")
  }
}
