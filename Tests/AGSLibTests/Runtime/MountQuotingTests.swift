import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// The fields of one CSV record as podman's reader splits them, byte by byte; nil when it
/// would refuse them.
private func fields(_ record: String) -> [String]? {
  var fields: [[UInt8]] = [[]]
  var rest = Array(record.utf8)[...]
  while true {
    if rest.first == UInt8(ascii: "\"") {
      rest.removeFirst()
      while true {
        guard let byte = rest.popFirst() else { return nil }
        if byte != UInt8(ascii: "\"") {
          fields[fields.count - 1].append(byte)
        } else if rest.first == UInt8(ascii: "\"") {
          fields[fields.count - 1].append(rest.removeFirst())
        } else {
          break
        }
      }
      guard rest.isEmpty || rest.first == UInt8(ascii: ",") else { return nil }
    } else {
      while let byte = rest.first, byte != UInt8(ascii: ",") {
        // A bare quote is an error, a bare line break ends the record.
        guard byte != UInt8(ascii: "\""), byte != 10, byte != 13 else { return nil }
        fields[fields.count - 1].append(byte)
        rest.removeFirst()
      }
    }
    guard rest.popFirst() != nil else {
      return fields.map { String(decoding: $0, as: UTF8.self) }
    }
    fields.append([])
  }
}

@Suite struct MountQuotingTests {
  static let names = [
    "plain", "comma,ro=false", ",", "say \"hi\"", "\"", "\"\"", "\",\"", "line\nbreak", "\n",
    "cr\rhere", "cr\r", "two  blanks", " leading", "trailing ", "tab\there", "ünï→日本🦊",
    "accent on a comma,\u{301}ro=x", "accent on a quote\"\u{301},x", "a=b", "src=/etc",
    "back\\slash", "#hash", ":colon", "$HOME", "a,\"b\" c\n,d", "\u{2028}", "\u{85}",
  ]

  @Test(arguments: names) func sourceComesBackWhole(name: String) throws {
    let source = FilePath("/w").appending(name)
    for mode in MountMode.allCases {
      let value = Mount(
        source: source, target: try ContainerPath("/in side,x"), mode: mode, origin: .workspace
      ).podmanValue
      var expected = ["type=bind", "src=/w/\(name)", "dst=/in side,x"]
      if mode == .readOnly { expected.append("ro=true") }
      #expect(fields(value) == expected)
    }
  }

  @Test(
    arguments: names.filter { !$0.unicodeScalars.contains { $0.value < 32 || $0.value == 0x85 } })
  func targetComesBackWhole(name: String) throws {
    let value = Mount(
      source: "/w", target: try ContainerPath("/t/\(name)"), mode: .readWrite,
      origin: .workspace
    ).podmanValue
    #expect(fields(value) == ["type=bind", "src=/w", "dst=/t/\(name)"])
  }

  @Test func ordinaryPathsAreNotQuoted() throws {
    let value = Mount(
      source: "/home/me/src", target: try ContainerPath("/home/me/src"), mode: .readOnly,
      origin: .workspace
    ).podmanValue
    #expect(value == "type=bind,src=/home/me/src,dst=/home/me/src,ro=true")
  }

  @Test func trailingAndDoubledSlashesAreGone() throws {
    let mount = Mount(
      source: FilePath("/w//x/"), target: try ContainerPath("//t/./x/"), mode: .readWrite,
      origin: .workspace)
    #expect(mount.podmanValue == "type=bind,src=/w/x,dst=/t/x")
  }

  @Test func controlCharactersInAContainerPathAreRefused() {
    for text in ["/a\r", "/a\nb", "/a\u{7f}", "/\u{1b}[31m", "/a\u{0}b", "a", "", "/a/../b", "~/x"]
    {
      #expect(throws: InvalidValue.self) { try ContainerPath(text) }
    }
  }

  @Test func workspaceWithALineBreakInItsNameIsRefusedInOneLine() async throws {
    try await PlanFixture.with { fixture in
      let odd = fixture.root.appending("a\nb")
      try makeDirectory(odd)
      fixture.host.currentDirectory = odd
      let planned = fixture
      let error = #expect(throws: (any Error).self) { try planned.plan() }
      #expect(error is any DescribedError)
    }
  }

  /// As text such a name turns into another one, which may exist and be a link.
  @Test func nameThatIsNotTextIsRefusedInsteadOfMountingAnother() async throws {
    try await PlanFixture.with { fixture in
      let bytes: [CInterop.PlatformChar] = [0x61, -1, 0]
      let odd = bytes.withUnsafeBufferPointer { name in
        fixture.root.appending(FilePath.Component(platformString: name.baseAddress!)!)
      }
      #expect(odd.withPlatformString { mkdir($0, 0o700) } == 0)
      try link(fixture.root.appending("a\u{fffd}"), to: fixture.home)
      fixture.host.currentDirectory = odd
      let planned = fixture
      let error = #expect(throws: (any Error).self) { try planned.plan() }
      #expect(error is any DescribedError)
      #expect(ResolvedPath(odd)?.path == odd)
      #expect(odd.withPlatformString { rmdir($0) } == 0)
    }
  }
}
