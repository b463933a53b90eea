import FoundationEssentials
import SystemPackage
import Testing

@testable import AGSLib

/// One thing a repository may not do, and the key the error names.
struct Forbidden: Sendable, CustomTestStringConvertible {
  var text: String
  var keyPath: String
  var line: Int
  init(_ text: String, _ keyPath: String, at line: Int) {
    self.text = text
    self.keyPath = keyPath
    self.line = line
  }
  var testDescription: String { keyPath }
}

private let forbidden: [Forbidden] =
  [
    "containerfile = \"/c\"", "cache_dir = \"/c\"", "state_dir = \"/c\"",
    "gitconfig_path = \"/c\"", "auth_key = \"/c\"", "sign_key = \"/c\"",
    "bootstrap_files = []", "caches = \"none\"", "homes = \"none\"", "home = \"image\"",
  ].map { Forbidden("[sandbox]\n\($0)\n", "sandbox.\($0.prefix { $0 != " " })", at: 2) }
  + [
    "auth_proxy", "browser", "host_ui", "clipboard", "git", "desktop_passthrough", "psp", "update",
  ]
  .map { Forbidden("[\($0)]\n", $0, at: 1) }
  + [
    Forbidden("[clipboard]\nenabled = true\n", "clipboard", at: 1),
    Forbidden(
      "[[secret]]\nenv = \"A\"\nfrom_env = \"A\"\ncommand = [\"/bin/cat\"]\n",
      "secret[0].command", at: 4),
    Forbidden(
      "[[tool]]\nname = \"t\"\npath = \"t\"\ncontainer_path = \"/t\"\n[[tool.secret]]\n"
        + "env = \"A\"\ncommand = [\"/bin/cat\"]\n", "tool[0].secret[0].command", at: 7),
    Forbidden(
      "[[agent]]\nname = \"a\"\ncommand = [\"a\"]\nnpm = \"a\"\n", "agent[0].npm", at: 4),
    Forbidden(
      "[[agent_mount]]\nhost = \"~/.claude\"\ncontainer = \"/c\"\n", "agent_mount[0].host",
      at: 2),
    Forbidden(
      "[[tool]]\nname = \"t\"\npath = \"/bin/cat\"\ncontainer_path = \"/t\"\n",
      "tool[0].path", at: 3),
    Forbidden(
      "[[tool]]\nname = \"t\"\npath = \"t\"\ncontainer_path = \"/t\"\n[[tool.directory]]\n"
        + "host = \"~\"\ncontainer = \"/d\"\nmode = \"ro\"\n", "tool[0].directory[0].host",
      at: 6),
    Forbidden("[sandbox]\npids_limit = 5000\n", "sandbox.pids_limit", at: 2),
    Forbidden("[sandbox]\nmemory = \"5g\"\n", "sandbox.memory", at: 2),
    Forbidden("[sandbox]\ncpus = 2.5\n", "sandbox.cpus", at: 2),
    Forbidden(
      "[[mount]]\nhost = \".git/hooks\"\ncontainer = \"/h\"\nmode = \"rw\"\n",
      "mount[0].host", at: 2),
    Forbidden(
      "[[mount]]\nhost = \".\"\ncontainer = \"/h\"\nmode = \"rw\"\n", "mount[0].host", at: 2),
    Forbidden(
      "[[agent_mount]]\nhost = \"escape\"\ncontainer = \"/h\"\n", "agent_mount[0].host", at: 2),
  ]

@Test(arguments: forbidden)
func overlayMayNotUse(_ forbidden: Forbidden) throws {
  try ConfigurationFixture.with { fixture in
    try fixture.write("", to: fixture.root.appending(".git/config"))
    try fixture.link(fixture.root.appending("escape"), to: fixture.home.string)
    let error = try #require(throws: ConfigurationError.self) {
      _ = try fixture.load(
        base: "[sandbox]\nmemory = \"4g\"\ncpus = 2\n", overlay: forbidden.text)
    }
    #expect(error.kind == .forbidden)
    #expect(error.keyPath.description == forbidden.keyPath)
    #expect(error.line == forbidden.line)
    #expect(error.file == fixture.overlayFile)
    #expect(error.hint?.contains("ags trust --deny") == true)
    #expect(try fixture.store.records().isEmpty)
  }
}

@Test func everythingThatReachesTheHostIsAskedOneByOne() throws {
  try ConfigurationFixture.with { fixture in
    try fixture.write(
      "[sandbox]\npassthrough_env = [\"KNOWN\"]\n[[secret]]\nenv = \"S\"\nfrom_env = \"S\"\n",
      to: fixture.baseFile)
    try fixture.link(fixture.root.appending("escape"), to: fixture.home.string)
    try fixture.write(
      """
      [sandbox]
      image = "evil:latest"
      passthrough_env = ["KNOWN", "AWS_KEY"]
      pids_limit = 10
      [[mount]]
      host = "inside"
      container = "/inside"
      mode = "rw"
      [[mount]]
      host = "escape/.config"
      container = "/c"
      mode = "ro"
      [[mount]]
      host = "/srv"
      container = "/srv"
      mode = "rw"
      create = true
      [[secret]]
      env = "TOKEN"
      from_env = "GH"
      secret_store = { service = "s", user = "u" }
      [[tool]]
      name = "t"
      path = "t"
      container_path = "/t"
      [[tool.secret]]
      env = "T"
      provider = "env"
      var = "X"
      [[forward]]
      port = 8080
      host_port = 80
      [[agent]]
      name = "mine"
      command = ["./agent"]
      """, to: fixture.overlayFile)
    let prompt = RecordingPrompt(givenAnswer: .allow)
    let loaded = try fixture.loader.load(
      workspaceRoot: fixture.root, trust: TrustPolicy(prompt: prompt))
    let question = try #require(prompt.questions.first)
    #expect(question.reason == .new)
    #expect(
      question.requests == [
        "give the agent T from your variable X",
        "give the agent TOKEN from your variable GH, else from the keyring's item with "
          + "service=s, user=u",
        "give the agent your variable AWS_KEY",
        "let the agent connect to port 80 of your machine, as its own port 8080",
        "run in the image evil:latest",
        "mount \(fixture.home)/.config of your machine at /c, read-only "
          + "(written as \(fixture.root)/escape/.config)",
        "mount /srv of your machine at /srv, readable and writable, "
          + "and make it when it is missing",
      ])
    // What was approved is what is mounted: the link is no longer in the path.
    #expect(
      loaded.configuration.mounts.map(\.host) == [
        fixture.root.appending("inside"), fixture.home.appending(".config"), "/srv",
      ])
    // What was not asked about stays in the repository, whatever is put there later.
    #expect(loaded.configuration.mounts.map(\.confinedTo) == [fixture.root, nil, nil])
    #expect(loaded.configuration.tools.map(\.confinedTo) == [fixture.root])
  }
}

@Test(arguments: [
  "$SECRET/x", "/tmp/${SECRET}", "$PATH", "~/$SECRET", "$DATA", "$XDG_SESSION_ID",
])
func overlayCannotReadVariables(_ host: String) throws {
  try ConfigurationFixture.with { fixture in
    var fixture = fixture
    fixture.environment["SECRET"] = "hunter2"
    let error = try #require(throws: ConfigurationError.self) {
      _ = try fixture.load(
        overlay: "[[mount]]\nhost = \"\(host)\"\ncontainer = \"/c\"\nmode = \"ro\"\n")
    }
    #expect(error.kind == .forbidden)
    #expect(error.problem.contains("a repository's configuration may not use $"))
    #expect(!"\(error)".contains("hunter2"))
  }
}

@Test func overlayKnowsTheHomeAndTheBaseDirectories() throws {
  try ConfigurationFixture.with { fixture in
    var fixture = fixture
    fixture.environment["XDG_DATA_HOME"] = "/data"
    let mounts = ["~/a", "$HOME/b", "${XDG_DATA_HOME}/c"].enumerated().map {
      "[[mount]]\nhost = \"\($1)\"\ncontainer = \"/\($0)\"\nmode = \"ro\"\n"
    }
    let loaded = try fixture.load(overlay: mounts.joined())
    #expect(
      loaded.configuration.mounts.map(\.host) == [
        fixture.home.appending("a"), fixture.home.appending("b"), "/data/c",
      ])
  }
}

@Test func moreRequestsThanAnybodyReadsAreAnError() throws {
  try ConfigurationFixture.with { fixture in
    func variables(_ count: Int) -> String {
      "[sandbox]\npassthrough_env = ["
        + (0..<count).map { "\"V\($0)\"" }.joined(separator: ", ") + "]\n"
    }
    #expect(try fixture.load(overlay: variables(40)).overlay == .applied(fixture.overlayFile))
    for text in [
      variables(41),
      "[[secret]]\nenv = \"A\"\nsecret_store = { k = \"\(String(repeating: "x", count: 500))\" }\n",
    ] {
      let error = try #require(throws: ConfigurationError.self) {
        _ = try fixture.load(overlay: text)
      }
      #expect(error.kind == .forbidden)
      #expect(error.hint?.contains("ags trust --deny") == true)
    }
  }
}

@Test func linkTurnedElsewhereIsAskedAgain() throws {
  try ConfigurationFixture.with { fixture in
    let text = "[[mount]]\nhost = \"data\"\ncontainer = \"/d\"\nmode = \"ro\"\n"
    let data = fixture.root.appending("data")
    try fixture.write("", to: data.appending("file"))
    let status1 = try fixture.load(overlay: text, answer: .allow).overlay
    #expect(status1 == .applied(fixture.overlayFile))
    try FileManager.default.removeItem(atPath: data.string)
    try fixture.link(data, to: fixture.home.string)
    let quiet = try fixture.load(overlay: text, answer: nil)
    #expect(quiet.overlay == .skipped(fixture.overlayFile))
    #expect(quiet.configuration.mounts.isEmpty)
    let prompt = RecordingPrompt(givenAnswer: .deny)
    _ = try fixture.loader.load(
      workspaceRoot: fixture.root, trust: TrustPolicy(prompt: prompt))
    #expect(prompt.questions.first?.reason == .reachesMore)
    #expect(prompt.questions.first?.requests.count == 1)
  }
}

@Test func overlayCannotClaimAPathTheBaseUses() throws {
  try ConfigurationFixture.with { fixture in
    let mount = "[[mount]]\nhost = \"/a\"\ncontainer = \"/b\"\nmode = \"ro\"\n"
    let error = try #require(throws: ConfigurationError.self) {
      _ = try fixture.load(base: "\n\n" + mount, overlay: mount)
    }
    #expect(error.kind == .duplicate)
    #expect(error.file == fixture.overlayFile)
    #expect(error.problem.contains("\(fixture.baseFile):3"))
  }
}

@Test func repositoryReachedThroughALinkIsTheSameRepository() throws {
  try ConfigurationFixture.with { fixture in
    let text = "[[mount]]\nhost = \"data\"\ncontainer = \"/d\"\nmode = \"ro\"\n"
    _ = try fixture.load(overlay: text, answer: .allow)
    let alias = fixture.directory.appending("alias")
    try fixture.link(alias, to: fixture.root.string)
    let loaded = try fixture.loader.load(workspaceRoot: alias)
    #expect(loaded.overlay == .applied(fixture.overlayFile))
    #expect(loaded.configuration.mounts.first?.host == fixture.root.appending("data"))
  }
}
