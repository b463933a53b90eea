import FoundationEssentials
import SystemPackage
import Testing

@testable import AGSLib

@Suite struct ConfigurationChecksTests {
  private func examine(_ fixture: ConfigurationFixture, base: String?) throws -> [Finding] {
    if let base { try fixture.write(base, to: fixture.baseFile) }
    return ConfigurationCheck(host: fixture.host, baseOverride: nil).findings
  }

  /// What is below the fixture, with sizes.
  private func inventory(_ fixture: ConfigurationFixture) throws -> [String] {
    let manager = FileManager.default
    return try manager.subpathsOfDirectory(atPath: fixture.directory.string).sorted().map {
      let facts = try manager.attributesOfItem(atPath: fixture.directory.appending($0).string)
      return "\($0) \(facts[.size] ?? 0) \(facts[.modificationDate] ?? 0)"
    }
  }

  @Test func defaultIsNotWritten() throws {
    try ConfigurationFixture.with { fixture in
      let before = try inventory(fixture)
      let findings = try examine(fixture, base: nil)
      try expect(findings, "configuration", .ok, "the first run writes \(fixture.baseFile)")
      #expect(try inventory(fixture) == before)
    }
  }

  @Test func mistakeFailsWithItsPlace() throws {
    try ConfigurationFixture.with { fixture in
      let findings = try examine(fixture, base: "[sandbox]\nimag = \"x\"\n")
      try expect(
        findings, "configuration", .fail, "config.toml:2:1: sandbox.imag", hint: "image")
    }
  }

  @Test func missingNamedFileFails() throws {
    try ConfigurationFixture.with { fixture in
      let check = ConfigurationCheck(host: fixture.host, baseOverride: "other.toml")
      try expect(check.findings, "configuration", .fail, "does not exist", hint: "--config")
    }
  }

  private func repository(_ fixture: ConfigurationFixture) throws {
    for name in [".git/objects", ".git/refs"] {
      try FileManager.default.createDirectory(
        atPath: fixture.root.appending(name).string, withIntermediateDirectories: true)
    }
    try fixture.write("ref: refs/heads/main\n", to: fixture.root.appending(".git/HEAD"))
  }

  @Test func unknownOverlayWarnsAndIsNotUsed() throws {
    try ConfigurationFixture.with { fixture in
      try repository(fixture)
      try fixture.write("[sandbox]\nimage = \"evil\"\n", to: fixture.overlayFile)
      try fixture.write("", to: fixture.baseFile)
      let before = try inventory(fixture)
      let check = ConfigurationCheck(host: fixture.host, baseOverride: nil)
      try expect(check.findings, "trust", .warn, "not trusted", hint: "ags trust")
      #expect(check.configuration.sandbox.image != "evil")
      #expect(try inventory(fixture) == before)
    }
  }

  @Test func decidedOverlaysAreFine() throws {
    try ConfigurationFixture.with { fixture in
      try repository(fixture)
      _ = try fixture.load(overlay: "[sandbox]\npids_limit = 7\n", answer: .allow)
      let trusted = ConfigurationCheck(host: fixture.host, baseOverride: nil)
      try expect(trusted.findings, "trust", .ok, "is trusted and used")
      #expect(trusted.configuration.sandbox.pidsLimit == 7)
      _ = try fixture.load(overlay: "[sandbox]\npids_limit = 8\n", answer: .deny)
      let denied = ConfigurationCheck(host: fixture.host, baseOverride: nil)
      try expect(denied.findings, "trust", .ok, "was denied")
    }
  }

  @Test func gitFileThatLeadsNowhereFails() throws {
    try ConfigurationFixture.with { fixture in
      try fixture.write("gitdir: /nowhere\n", to: fixture.root.appending(".git"))
      let findings = try examine(fixture, base: "")
      try expect(findings, "workspace", .fail, "/nowhere, which is not there", hint: "--here")
      try expect(findings, "configuration", .ok, "config.toml")
    }
  }
}
