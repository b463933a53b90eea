import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

@Test func writtenDefaultIsTheBuiltInDefaults() throws {
  try ConfigurationFixture.with { fixture in
    let loaded = try fixture.loader.load(workspaceRoot: nil)
    #expect(loaded.wroteDefault == fixture.baseFile)
    var expected = fixture.defaults
    expected.sandbox.passthroughEnvironment = try [
      "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY",
      "AI_GATEWAY_API_KEY", "OPENCODE_API_KEY",
    ].map { try EnvironmentName($0) }
    var knownHosts = try #require(loaded.configuration.mounts.first)
    #expect(knownHosts.origin?.file == fixture.baseFile)
    knownHosts.origin = nil
    #expect(
      knownHosts
        == ConfiguredMount(
          host: fixture.home.appending(".ssh/known_hosts"),
          container: try ContainerPath("/home/dev/.ssh/known_hosts"), mode: .readOnly,
          kind: .file, optional: true, label: "known hosts"))
    expected.mounts = loaded.configuration.mounts
    #expect(loaded.configuration.mounts.count == 1)
    #expect(loaded.configuration == expected)
  }
}

@Test func defaultIsWrittenOncePrivately() throws {
  try ConfigurationFixture.with { fixture in
    _ = try fixture.loader.load(workspaceRoot: nil)
    #expect(try fixture.loader.load(workspaceRoot: nil).wroteDefault == nil)
    var facts = stat()
    #expect(stat(fixture.baseFile.string, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
    let directory = fixture.baseFile.removingLastComponent()
    #expect(stat(directory.string, &facts) == 0 && facts.st_mode & 0o777 == 0o700)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.string).count == 1)
  }
}

@Test func exampleInTheRepositoryIsTheWrittenDefault() throws {
  let root = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .removingLastComponent().removingLastComponent()
  let example = try Data(
    contentsOf: URL(filePath: root.appending("config/config.example.toml").string))
  #expect(Array(example) == DefaultConfiguration.bytes)
}

/// The comments of the default hold examples; each must be right when it is taken in.
@Test func commentedExamplesOfTheDefaultAreValid() throws {
  try ConfigurationFixture.with { fixture in
    let lines = String(decoding: DefaultConfiguration.bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
    let active = lines.map { line in
      let body = line.dropFirst(2)
      let isExample =
        line.hasPrefix("# ")
        && (body.hasPrefix("[") || body.wholeMatch(of: /[a-z_]+ = .*/) != nil)
      return isExample ? body : line
    }
    let configuration = try fixture.base(active.joined(separator: "\n"))
    #expect(configuration.mounts.count == 2)
    #expect(configuration.agentMounts.count == 1)
    #expect(configuration.tools.first?.directories.count == 2)
    #expect(configuration.secrets.count == 3)
    #expect(configuration.agents.count == 1)
    #expect(
      configuration.forwards == [Forward(port: 5432, origin: configuration.forwards[0].origin)])
    #expect(configuration.sandbox.memory?.bytes == 8 << 30)
  }
}

/// A key left out of a section's list, or a documented default that is not the real one,
/// shows here.
@Test func documentedDefaultsAreTheRealOnes() throws {
  try ConfigurationFixture.with { fixture in
    var text = ""
    for section in ConfigurationSchema.sections where !section.isRepeated {
      text += "[\(section.name)]\n"
      for key in section.keys {
        guard let value = key.defaultText else { continue }
        text += "\(key.name) = \(value)\n"
      }
    }
    let configuration = try fixture.base(text)
    #expect(configuration == fixture.defaults)
  }
}

@Test func everyKeyIsDocumented() throws {
  let root = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .removingLastComponent().removingLastComponent()
  let text = String(
    decoding: try Data(contentsOf: URL(filePath: root.appending("docs/configuration.md").string)),
    as: UTF8.self)
  for section in ConfigurationSchema.sections {
    #expect(text.contains("[\(section.name)]"))
    for key in section.keys where key.nested.isEmpty {
      #expect(text.contains("`\(key.name)`"), "\(section.name).\(key.name)")
    }
  }
}
