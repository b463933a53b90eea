import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// The copy of an agent's home, made from what a hostile agent may have left there.
@Suite struct LockdownHomeTests {
  /// The home of `agent` below `root/from`, copied into `root/to`.
  private func copy(
    _ name: String, in root: FilePath, withLogin: Bool = true
  ) throws -> [String] {
    let agents = try AgentCatalog.builtIn()
    let agent = try #require(agents.first { $0.name == name })
    let mounts = agent.homes.map { home in
      Mount(
        source: root.appending("from").appending(home.path.path.lastComponent!),
        target: home.path, mode: .readWrite, kind: home.kind, origin: .agentHome(agent: name))
    }
    try makeDirectory(root.appending("from"))
    try makeDirectory(root.appending("to"))
    return try LockdownHome(of: agent, mounts: mounts, withLogin: withLogin)
      .write(below: root.appending("to"), owner: nil)
  }

  @Test func loginAndSettingsAreCopiedAndNothingElse() async throws {
    try await withTemporaryDirectory { root in
      let from = root.appending("from")
      try write("login", to: from.appending(".claude/.credentials.json"))
      try write("#!/bin/sh", to: from.appending(".claude/skills/x/run.sh"))
      chmod(from.appending(".claude/skills/x/run.sh").string, 0o755)
      try write("history", to: from.appending(".claude/projects/p/s.jsonl"))
      try write("history", to: from.appending(".claude/history.jsonl"))
      try write(
        #"{"model":"m","hooks":{"x":1},"env":{"KEY":"k"}}"#,
        to: from.appending(".claude/settings.json"))
      try write(
        #"{"theme":"dark","projects":{"/p":{"history":["h"]}},"oauthAccount":{"id":1}}"#,
        to: from.appending(".claude.json"))
      #expect(try copy("claude", in: root) == [])
      let to = root.appending("to")
      #expect(names(in: to) == [".claude", ".claude.json"])
      #expect(
        names(in: to.appending(".claude")) == [".credentials.json", "settings.json", "skills"])
      #expect(try read(to.appending(".claude/settings.json")) == #"{"model":"m"}"# + "\n")
      #expect(
        try read(to.appending(".claude.json"))
          == #"{"theme":"dark","oauthAccount":{"id":1}}"# + "\n")
      #expect(mode(of: to.appending(".claude/.credentials.json")) == 0o600)
      #expect(mode(of: to.appending(".claude/skills/x/run.sh")) == 0o700)
      #expect(mode(of: to.appending(".claude")) == 0o700)
    }
  }

  @Test func withoutLoginNoneOfItIsThere() async throws {
    try await withTemporaryDirectory { root in
      let from = root.appending("from")
      try write("login", to: from.appending(".codex/auth.json"))
      try write(
        "model = \"m\"\n[model_providers.x]\nexperimental_bearer_token = \"t\"\n",
        to: from.appending(".codex/config.toml"))
      _ = try copy("codex", in: root, withLogin: false)
      let to = root.appending("to/.codex")
      #expect(names(in: to) == ["config.toml"])
      #expect(try !read(to.appending("config.toml")).contains("bearer"))
    }
  }

  @Test func noLinkIsFollowedAndEachIsSaid() async throws {
    try await withTemporaryDirectory { root in
      let from = root.appending("from/.claude")
      try write("secret", to: root.appending("outside/file"))
      try write("{}", to: root.appending("outside/settings.json"))
      try link(from.appending("CLAUDE.md"), to: root.appending("outside/file"))
      try link(from.appending("settings.json"), to: root.appending("outside/settings.json"))
      try link(from.appending("agents"), to: root.appending("outside"))
      try link(from.appending("commands/inner.md"), to: root.appending("outside/file"))
      try link(from.appending("commands/tree"), to: root.appending("outside"))
      mkfifo(from.appending(".credentials.json").string, 0o600)
      let warnings = try copy("claude", in: root)
      #expect(warnings.count == 4, "\(warnings)")
      #expect(names(in: root.appending("to/.claude")) == ["commands"])
      #expect(names(in: root.appending("to/.claude/commands")) == [])
    }
  }

  @Test func homeThatIsALinkItselfBringsNothing() async throws {
    try await withTemporaryDirectory { root in
      try write("login", to: root.appending("outside/auth.json"))
      try link(root.appending("from/.codex"), to: root.appending("outside"))
      let warnings = try copy("codex", in: root)
      #expect(warnings.contains { $0.contains("symbolic link") })
      #expect(names(in: root.appending("to")) == [])
    }
  }

  @Test func sizesAndNumbersHaveALimit() async throws {
    try await withTemporaryDirectory { root in
      let from = root.appending("from/.codex")
      try makeDirectory(from)
      let huge = from.appending("auth.json").string
      #expect(creat(huge, 0o600) >= 0 && truncate(huge, 1 << 30) == 0)
      try makeDirectory(from.appending("prompts"))
      for number in 0..<2100 { close(creat(from.appending("prompts/\(number)").string, 0o600)) }
      let warnings = try copy("codex", in: root)
      #expect(warnings.contains { $0.contains("auth.json") && $0.contains("larger") })
      #expect(warnings.contains { $0.contains("prompts") })
      #expect(names(in: root.appending("to/.codex/prompts")).count <= 2000)
    }
  }

  @Test(arguments: ["{", "[]", "\u{0}"])
  func settingsThatCannotBeReadAreSaid(text: String) async throws {
    try await withTemporaryDirectory { root in
      try write(text, to: root.appending("from/.claude/settings.json"))
      let warnings = try copy("claude", in: root)
      #expect(warnings.count == 1 && warnings[0].contains("settings.json, which cannot be read"))
      #expect(names(in: root.appending("to")) == [])
    }
  }
}
