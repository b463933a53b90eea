import Testing

@testable import AGSWire

@Suite struct GuardToolTests {
  let fixture = GuardFixture()

  static let secretPlaces: [String] = [
    "~/.ssh/id_x", "~/.ssh", "$HOME/.ssh/id_x", "${HOME}/.aws/credentials", "/home/dev/.ssh/id_x",
    "/home/dev//.ssh/./id_x", "/home/dev/x/../.ssh/id_x", "/work/../home/dev/.gnupg/x",
    "../../home/dev/.npmrc", "file:///home/dev/.git-credentials", "keys/id_x", "keys",
    "/work/project/home/.aws/config", "deep/gcloud/credentials.db", "/tmp/key.txt",
    "/home/other/.ssh/id_x", "/root/.ssh/id_x", "~dev/.ssh/id_x", "~/.config/gcloud/x.db",
    "~/.claude/.credentials.json", "~/.codex/auth.json", "~/.gemini/oauth_creds.json",
    "~/.pi/agent/auth.json", "~/.local/share/opencode/auth.json", "up/project/keys/x",
    "/proc/self/root/home/dev/.ssh/id_x", "home/src/../.ssh/id_x",
  ]

  @Test(arguments: secretPlaces) func secretsAreNeitherReadNorWritten(_ path: String) throws {
    for (tool, name) in [
      ("Read", "file_path"), ("Grep", "path"), ("Glob", "path"), ("Write", "file_path"),
      ("Edit", "file_path"), ("MultiEdit", "file_path"), ("NotebookEdit", "notebook_path"),
      ("LS", "path"), ("read", "path"), ("mcp__files__read_file", "path"),
      ("mcp__files__read_many", "paths"), ("read_file", "absolute_path"), ("Other", "cwd"),
    ] {
      var input: [(String, JSONValue)] = [(name, .string(path))]
      if tool == "Glob" { input.append(("pattern", .string("*.swift"))) }
      if tool.hasSuffix("many") { input = [(name, .array([.string("a"), .string(path)]))] }
      let finding = try fixture.finding(tool, input)
      guard case .refused(let reason) = finding else {
        Issue.record("\(tool) \(path): \(finding)")
        continue
      }
      #expect(reason.contains("keys or logins"), "\(tool) \(path): \(reason)")
    }
  }

  static let ordinaryPlaces: [String] = [
    "README.md", "/work/project/Sources/a.swift", "/etc/passwd", "~/notes", ".ssh/config",
    "/work/project/.aws/config", "~/.sshd", "~/.claude/settings.json", "~/.claude.json", "round",
    "~/.config/git/config", ".git/config", "../elsewhere", "~", "a b/\u{E9}.txt", ".env", "x.pem",
  ]

  @Test(arguments: ordinaryPlaces) func everythingElseIsRead(_ path: String) throws {
    for tool in ["Read", "read", "NotebookRead", "mcp__files__get"] {
      #expect(try fixture.refusal(tool, ("path", .string(path))) == nil, "\(tool)")
    }
  }

  static let secretFiles: [String] = [
    ".env", "a/.env", ".env.local", "/work/project/.env.production", "server.pem", "tls/server.key",
    "id_rsa", "/tmp/id_ed25519.pub", "./x/../.env", "settings",
  ]

  @Test(arguments: secretFiles) func filesWithSecretsAreNotWritten(_ path: String) throws {
    for (tool, name) in [
      ("Write", "file_path"), ("Edit", "file_path"), ("NotebookEdit", "notebook_path"),
      ("write", "path"), ("mcp__files__edit_file", "path"), ("mcp__x__create", "filename"),
    ] {
      #expect(try fixture.refusal(tool, (name, .string(path))) != nil, "\(tool)")
    }
    let patch = "*** Begin Patch\n*** Update File: a.c\n*** Move to: \(path)\n@@\n*** End Patch\n"
    for (tool, name) in [
      ("apply_patch", "command"), ("apply_patch", "input"), ("apply_patch", "patch"),
      ("other", "input"),
    ] {
      #expect(try fixture.refusal(tool, (name, .string(patch))) != nil, "\(tool)")
    }
    let command = "apply_patch <<'EOF'\n\(patch)EOF"
    #expect(try fixture.refusal(ofCommand: command)?.contains("patch changes") == true)
    #expect(try fixture.refusal(ofCommand: "echo x > \(path)") != nil)
    #expect(try fixture.refusal("Read", ("file_path", .string(path))) == nil)
  }

  @Test func ordinaryFilesAreWritten() throws {
    for path in ["a.swift", "environment", "keys.swift", "/tmp/x", "~/notes", ".envrc", "a.key.md"]
    {
      #expect(
        try fixture.refusal(
          "Write", ("file_path", .string(path)), ("content", .string("~/.ssh\u{0}"))) == nil)
      let patch = "*** Begin Patch\n*** Add File: \(path)\n+~/.ssh/id_x\n*** End Patch"
      #expect(try fixture.refusal("apply_patch", ("command", .string(patch))) == nil)
    }
  }

  @Test func readOnlyRootsAreNotWritten() throws {
    var fixture = GuardFixture()
    fixture.session.readRoots = ["/work", "/data", "/work/project/vendor"]
    func refusal(_ path: String) throws -> String? {
      try fixture.refusal("Write", ("file_path", .string(path)))
    }
    #expect(try refusal("/data/x")?.contains("read-only") == true)
    #expect(try refusal("/work/other/x")?.contains("read-only") == true)
    #expect(try refusal("vendor/x")?.contains("read-only") == true)
    for path in ["x", "/tmp/x", "/database/x"] { #expect(try refusal(path) == nil) }
    #expect(try fixture.refusal("Read", ("file_path", .string("/data/x"))) == nil)
  }

  @Test func searchesThatReachSecretsAreRefused() throws {
    let refused: [(String, String?, String?)] = [
      ("Grep", "/home/dev", nil), ("Grep", "/", nil), ("Grep", "~", nil),
      ("Grep", "~/.config", nil),
      ("Grep", "home", nil), ("Grep", "~", "*"), ("Grep", "~", "id_*"), ("Grep", "/", "*.json"),
      ("Grep", "~", "!*.md"), ("Grep", "~", "*.{swift,json}"), ("Grep", "~", ".ssh/**"),
      ("Glob", "~", "**"), ("Glob", "~", "**/*"), ("Glob", "/", "**/id_*"), ("Glob", "~", ".ssh/*"),
      ("Glob", nil, "/home/dev/.ssh/*"), ("Glob", nil, "~/.ssh/*"), ("Glob", nil, "keys/*"),
      ("Glob", nil, "../../home/dev/.s*/*"), ("Glob", "/home", "*/.aws/*"),
      ("Glob", nil, "home/**"),
      ("Glob", "~", "{src,.ssh}/*"), ("Glob", "~/.claude", "*.json"),
      ("Glob", "/home/dev/.ssh", "*"),
    ]
    for (tool, path, pattern) in refused {
      let reason = try search(tool, path, pattern)
      #expect(reason != nil, "\(tool) \(path ?? "-") \(pattern ?? "-")")
    }
    let allowed: [(String, String?, String?)] = [
      ("Grep", nil, nil), ("Grep", "Sources", nil), ("Grep", "~", "*.swift"), ("Grep", "/etc", nil),
      ("Grep", "~/src", "*"), ("Glob", nil, "**/*"), ("Glob", "~", "*.md"),
      ("Glob", "~", "**/*.swift"),
      ("Glob", "/", "etc/*"), ("Glob", nil, "**/.ssh/*"), ("Glob", nil, "*.{json,md}"),
      ("Glob", "~", "src/**"),
    ]
    for (tool, path, pattern) in allowed {
      let reason = try search(tool, path, pattern)
      #expect(reason == nil, "\(tool) \(path ?? "-") \(pattern ?? "-")")
    }
    #expect(
      try fixture.refusal("Grep", ("path", .string("~")), ("type", .string("swift"))) == nil)
    #expect(try fixture.refusal("Grep", ("path", .string("~")), ("type", .string("json"))) != nil)
  }

  private func search(_ tool: String, _ path: String?, _ pattern: String?) throws -> String? {
    var input: [(String, JSONValue)] = [("path", path.map { .string($0) } ?? .null)]
    if tool == "Grep" { input.append(("pattern", .string("/home/dev/.ssh"))) }
    if let pattern { input.append((tool == "Grep" ? "glob" : "pattern", .string(pattern))) }
    guard case .refused(let reason) = try fixture.finding(tool, input) else { return nil }
    return reason
  }

  @Test func placesThatAreNotThereDoNotStopSearches() throws {
    var fixture = GuardFixture()
    let names = SensitivePath.all.map { String($0.name.dropFirst(2)) }
    fixture.files.missing = Set(names.map { "/home/dev/\($0)" })
    #expect(try fixture.refusal("Grep", ("path", .string("~"))) == nil)
    #expect(try fixture.refusal(ofCommand: "cat ~/.*/x") == nil)
    // What is spelled out is refused all the same.
    #expect(try fixture.refusal("Grep", ("path", .string("~/.ssh"))) != nil)
    #expect(try fixture.refusal(ofCommand: "cat ~/.s*/x") != nil)
  }

  @Test func commandsAsListsAreChecked() throws {
    func finding(_ words: [String]) throws -> Guard.Finding {
      try fixture.finding("shell", [("command", .array(words.map { .string($0) }))])
    }
    #expect(
      try finding(["ls", "it's"]) == .command(Array("'ls' 'it'\\''s'".utf8), destruction: nil))
    for words in [
      ["cat", "/home/dev/.ssh/id_x"], ["bash", "-lc", "cat ~/.s\"\"sh/x"],
      ["git", "worktree", "prune"],
    ] {
      guard case .refused = try finding(words) else {
        Issue.record("\(words)")
        continue
      }
    }
    #expect(
      try fixture.refusal(
        "exec_command", ("cmd", .string("cat id_x")), ("workdir", .string("~/.ssh")))
        != nil)
    #expect(try fixture.refusal("mcp__x__run", ("script", .string("cat ~/.ssh/id_x"))) != nil)
  }

  @Test func toolsThatNameNoFileAreAllowed() throws {
    #expect(try fixture.refusal("Task", ("prompt", .string("read ~/.ssh/id_x"))) == nil)
    #expect(try fixture.refusal("WebFetch", ("url", .string("https://e.org/.ssh/x"))) == nil)
    #expect(try fixture.refusal("WebFetch", ("url", .string("file:///home/dev/.ssh/x"))) != nil)
    #expect(try fixture.refusal("TodoWrite", ("todos", .array([.string("~/.ssh")]))) == nil)
    #expect(try fixture.refusal("SlashCommand", ("command", .string("/review"))) == nil)
    #expect(try fixture.finding(Array(#"{"tool_name":"New"}"#.utf8)) == .allowed)
  }

  @Test func yoloAllowsEverything() throws {
    var fixture = fixture
    fixture.session = SessionDocument(lockdown: true, yolo: true)
    #expect(try fixture.refusal("Read", ("file_path", .string("~/.ssh/id_x"))) == nil)
    #expect(try fixture.finding("Bash", [("command", .string("rm -rf /"))]) == .allowed)
  }

  @Test func anotherHomeIsOneMorePlace() throws {
    var fixture = fixture
    fixture.homes = ["/home/dev", "/srv/me"]
    for path in ["/srv/me/.ssh/x", "/home/dev/.ssh/x", "~/.npmrc", "/srv/me/.npmrc"] {
      #expect(try fixture.refusal("Read", ("file_path", .string(path))) != nil)
    }
    #expect(try fixture.refusal(ofCommand: "cat /srv/me/.npmrc") != nil)
  }
}
