import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// The agents' git configuration, as real git reads it.
@Suite struct GitConfigurationTests {
  /// What git finds in a file, `name=value`; nil when it refuses the file.
  private func settings(_ path: FilePath, _ fixture: GitFixture) async throws -> [String]? {
    let outcome = try await ProgramCall(
      program: "/usr/bin/git", arguments: ["config", "--file", path.string, "--list", "--null"],
      environment: ["HOME": fixture.root.string, "GIT_CONFIG_NOSYSTEM": "1"],
      directory: fixture.root
    ).run()
    guard outcome.status == 0 else { return nil }
    return outcome.standardOutput.split(separator: "\0").map(String.init)
  }

  @Test(arguments: [
    "Ada Lovelace", "quote\" \"middle", "back\\slash\\", "hash # and ; semicolon", "\\",
    "x\n[core]\n\thooksPath = /tmp", "x\"\n[alias]\n\tst = !id", " spaces ", "tab\tit", "\"",
    "x\r\n[a]\rb=c", "nul\u{0}end", "Ünï ✓", "]", "[include]", "\u{2028}[a]\u{85}b=c", "\\n",
  ])
  func noNameLeavesItsValue(name: String) async throws {
    try await GitFixture.with { fixture in
      let file = fixture.root.appending("generated")
      let text = GitConfiguration(
        user: GitUser(name: name, mail: name), signingKey: "/home/dev/.ssh/\(name).pub",
        safeDirectories: [FilePath("/w/x")]
      ).text
      try write(text, to: file)
      let plain = String(
        String.UnicodeScalarView(
          name.unicodeScalars.filter { $0.properties.generalCategory != .control }))
      #expect(
        try await settings(file, fixture) == [
          "user.name\n\(plain)", "user.email\n\(plain)",
          "user.signingkey\n/home/dev/.ssh/\(plain).pub", "gpg.format\nssh",
          "gpg.ssh.allowedsignersfile\n/run/ags/allowed-signers", "commit.gpgsign\ntrue",
          "gc.worktreepruneexpire\nnever", "safe.directory\n/w/x",
        ])
    }
  }

  @Test func withoutAKeyNothingIsSigned() async throws {
    try await GitFixture.with { fixture in
      let file = fixture.root.appending("generated")
      let empty = GitConfiguration(user: GitUser(), signingKey: nil, safeDirectories: [])
      try write(empty.text, to: file)
      #expect(try await settings(file, fixture) == ["gc.worktreepruneexpire\nnever"])
    }
  }

  /// Ours and git's reading agree, also on what is no configuration.
  @Test(arguments: [
    "[user]\n\tname = Ada Lovelace  \n", "[USER]Name=x", "[user] name = x # y\n",
    "[user]\nname = \"a # b\" ; c\n", "[user]\nname = \"a\" b \"c\"\n", "[user]\nname\n",
    "[user]\nname = a\\\n  b\n", "[user]\nname = a\\tb\\\\c\\\"d\n", "[user]\nname = a\\qb\n",
    "[user]\r\nname = x\r\n", "[user \"sub\"]\nname = x\n", "[other]\nname = x\n",
    "[user]\nname = x\nname = y\n[user]\nname = z\n", "name = x\n", "[user\nname = x\n",
    "[user]\nname = \"x\n", "[user]\n name = \n", "# [user]\n;x\n[user]\nname = x;y\n",
    "\u{FEFF}[user]\nname = x\n", "[user]\nna_me = x\n", "[user]\nname = a\u{B}b\n",
    "[user \"a\\\"]b\"]\nname = n\n[user]\nname = y", "[user]\nname : x\n", "[user.x]\nname = y",
    "[user]\n\tname = x\\\n[core]\n\tbare = true\n", "", "\n\n",
  ])
  func filesAreReadAsGitDoes(text: String) async throws {
    try await GitFixture.with { fixture in
      let file = fixture.root.appending("config")
      try write(text, to: file)
      let theirs = try await settings(file, fixture)?.last { setting in
        setting == "user.name" || setting.hasPrefix("user.name\n")
      }
      let expected = theirs.map {
        $0 == "user.name" ? "true" : String($0.dropFirst("user.name\n".count))
      }
      #expect(GitConfigFile(Array(text.utf8)).value("name", in: "user") == expected)
    }
  }

  @Test func nameComesFromTheUsersFilesInGitsOrder() async throws {
    try await PlanFixture.with { fixture in
      fixture.host.environment["GIT_AUTHOR_NAME"] = "Variable"
      fixture.host.environment["EMAIL"] = "variable@example.org"
      #expect(
        GitUser.find(on: fixture.host)
          == GitUser(name: "Variable", mail: "variable@example.org"))
      try write(
        "[user]\nname = Xdg\nemail = x@example.org\n",
        to: fixture.home.appending(".config/git/config"))
      // Dotfiles are often links.
      let real = fixture.root.appending("dotfiles/gitconfig")
      try write("[user]\nname = Home\n", to: real)
      try link(fixture.home.appending(".gitconfig"), to: real)
      #expect(
        GitUser.find(on: fixture.host) == GitUser(name: "Home", mail: "x@example.org"))
      let only = fixture.root.appending("only")
      try write("[user]\nname = Only\n", to: only)
      fixture.host.environment["GIT_CONFIG_GLOBAL"] = only.string
      #expect(
        GitUser.find(on: fixture.host) == GitUser(name: "Only", mail: "variable@example.org"))
    }
  }

  @Test func fileIsWrittenOnlyWhenItChanges() async throws {
    try await withTemporaryDirectory { root in
      let file = root.appending("a/gitconfig")
      let lock = root.appending("lock")
      func install(_ name: String) throws -> UInt64 {
        let git = GitConfiguration(
          user: GitUser(name: name), signingKey: nil, safeDirectories: [])
        try GitConfiguration.install(git.text, at: file, lock: lock)
        return try SourceIdentity(file, kind: .file).inode
      }
      let first = try install("Ada")
      #expect(try install("Ada") == first)
      #expect(try install("Grace") != first)
      #expect(mode(of: file) == 0o644)
      try write("[user]\nname = mine\n", to: file)
      #expect(throws: GitConfigurationError.self) { try install("Ada") }
      #expect(try read(file) == "[user]\nname = mine\n")
    }
  }
}
