import AGSTestSupport
import FoundationEssentials
import SystemPackage
import Testing

@testable import AGSLib

/// What a session changed in a home that makes agents run something.
@Suite struct HomeWatchTests {
  private func changes(
    _ name: String, before: [String: String], after: [String: String],
    removing removed: [String] = [], linking links: [String: String] = [:]
  ) async throws -> [String] {
    try await withTemporaryDirectory { root in
      let agents = try AgentCatalog.builtIn()
      let agent = try #require(agents.first { $0.name == name })
      let mounts = agent.homes.map { home in
        Mount(
          source: root.appending(home.path.path.lastComponent!), target: home.path,
          mode: .readWrite, kind: home.kind, origin: .agentHome(agent: name))
      }
      for (path, text) in before { try write(text, to: root.pushing(FilePath(path))) }
      let watch = HomeWatch(of: [agent], mounts: mounts)
      let first = watch.snapshot()
      for (path, text) in after { try write(text, to: root.pushing(FilePath(path))) }
      for path in removed {
        try FileManager.default.removeItem(atPath: root.appending(path).string)
      }
      for (path, target) in links {
        try FileManager.default.createSymbolicLink(
          atPath: root.pushing(FilePath(path)).string, withDestinationPath: target)
      }
      return HomeWatch.changes(from: first, to: watch.snapshot()).map {
        $0.replacing("\(root)/", with: "")
      }
    }
  }

  private func said(_ what: String, _ place: String) -> String {
    "the session \(what) \(place), which agents run: look at it before the next run"
  }

  @Test func hookAddedToSettingsIsSaid() async throws {
    let changes = try await changes(
      "claude", before: [".claude/settings.json": #"{"model":"a"}"#],
      after: [".claude/settings.json": #"{"model":"b","hooks":{"PreToolUse":[1]}}"#])
    #expect(changes == [said("added", ".claude/settings.json (hooks)")])
  }

  @Test func everyDayUseIsSilent() async throws {
    let changes = try await changes(
      "claude",
      before: [".claude.json": #"{"projects":{"/a":{"mcpServers":{},"history":[]}}}"#],
      after: [
        ".claude.json":
          #"{"projects":{"/a":{"mcpServers":{},"history":[1]},"/b":{"mcpServers":{}}}}"#,
        ".claude/settings.json": #"{"model":"b","hooks":{}}"#,
        ".claude/projects/x.jsonl": "history",
      ])
    #expect(changes == [])
  }

  @Test func serverOfOneProjectIsSaid() async throws {
    let changes = try await changes(
      "claude", before: [:],
      after: [".claude.json": #"{"projects":{"/a":{"mcpServers":{"x":{"command":"c"}}}}}"#])
    #expect(changes == [said("added", ".claude.json (projects.*.mcpServers)")])
  }

  @Test func codexSettingsAreTOML() async throws {
    let changes = try await changes(
      "codex", before: [".codex/config.toml": "model = \"a\"\nnotify = [\"x\"]\n"],
      after: [".codex/config.toml": "model = \"b\"\n[mcp_servers.x]\ncommand = \"c\"\n"])
    #expect(
      changes == [
        said("added", ".codex/config.toml (mcp_servers)"),
        said("removed", ".codex/config.toml (notify)"),
      ])
  }

  @Test func settingsThatBecomeUnreadableAreSaid() async throws {
    let changes = try await changes(
      "codex", before: [".codex/config.toml": "model = \"a\"\n"],
      after: [".codex/config.toml": "[[["])
    #expect(changes == [said("added", ".codex/config.toml")])
  }

  @Test(arguments: [
    ("claude", ".claude/h.json", ".claude/settings.json", "h.json", [".claude/settings.json"]),
    ("claude", ".claude/other/x", ".claude/hooks", "other", [".claude/hooks"]),
    (
      "pi", ".pi/extensions/x.ts", ".pi/agent", ".",
      [
        ".pi/agent/extensions", ".pi/agent/models.json", ".pi/agent/settings.json",
      ]
    ),
  ])
  func linkHidesNothing(
    agent: String, file: String, link: String, target: String, places: [String]
  ) async throws {
    let changes = try await changes(
      agent, before: [:], after: [file: #"{"hooks":{"PreToolUse":[1]}}"#], linking: [link: target])
    #expect(changes == places.map { said("added", $0) })
  }

  @Test func directoryOfProgramsIsLookedAtAsAWhole() async throws {
    let before = [".pi/agent/extensions/a.ts": "one"]
    let path = ".pi/agent/extensions"
    #expect(try await changes("pi", before: before, after: [:]) == [])
    #expect(
      try await changes("pi", before: before, after: [".pi/agent/extensions/a.ts": "two"])
        == [said("changed", path)])
    #expect(
      try await changes("pi", before: before, after: [".pi/agent/extensions/d/b.ts": ""])
        == [said("changed", path)])
    #expect(
      try await changes("pi", before: before, after: [:], removing: [".pi/agent/extensions"])
        == [said("removed", path)])
  }
}
