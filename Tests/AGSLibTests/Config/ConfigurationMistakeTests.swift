import SystemPackage
import Testing

@testable import AGSLib

/// One mistake and what must be said about it.
struct Mistake: Sendable, CustomTestStringConvertible {
  var name: String
  var text: String
  var kind: ConfigurationError.Kind
  var line: Int
  var column: Int?
  var keyPath: String
  /// What is named as probably meant.
  var nearest: String?
  /// A part of summary or hint.
  var says: String

  init(
    _ name: String, _ text: String, _ kind: ConfigurationError.Kind, at line: Int,
    column: Int? = nil, _ keyPath: String, nearest: String? = nil, says: String
  ) {
    self.name = name
    self.text = text
    self.kind = kind
    self.line = line
    self.column = column
    self.keyPath = keyPath
    self.nearest = nearest
    self.says = says
  }

  var testDescription: String { name }
}

private let mount = "[[mount]]\nhost = \"/a\"\ncontainer = \"/b\"\nmode = \"ro\"\n"

private let syntaxAndKeys: [Mistake] = [
  Mistake(
    "no closing quote", "[sandbox]\nimage = \"x\n", .syntax, at: 2, "", says: "not valid TOML"),
  Mistake(
    "no value", "[sandbox]\n\nimage =\n", .syntax, at: 3, "", says: "key = value"),
  Mistake(
    "key twice", "[git]\nmode = \"direct\"\nmode = \"direct\"\n", .syntax, at: 3, "",
    says: "not valid TOML"),
  Mistake("header without a name", "\n[[[git]]]\n", .syntax, at: 2, column: 1, "", says: "a name"),
  Mistake("empty header", "[ ]\n", .syntax, at: 1, "", says: "a name"),
  Mistake("section twice", "[git]\n[git]\n", .syntax, at: 2, "", says: "not valid TOML"),
  Mistake(
    "NUL byte", "[git]\nmode = \"a\u{0}b\"\n", .syntax, at: 2, "", says: "NUL"),
  Mistake(
    "escaped NUL", "[git]\nmode = \"direct\\u0000\"\n", .syntax, at: 2, column: 15, "", says: "NUL"),
  Mistake(
    "unknown section", "\n[sandbx]\n", .unknownKey, at: 2, column: 1, "sandbx", nearest: "sandbox",
    says: "did you mean \"sandbox\"?"),
  Mistake(
    "unknown key", "[sandbox]\n  imagee = \"x\"\n", .unknownKey, at: 2, column: 3, "sandbox.imagee",
    nearest: "image", says: "unknown key"),
  Mistake(
    "swapped letters", "[clipboard]\nenabeld = true\n", .unknownKey, at: 2,
    "clipboard.enabeld", nearest: "enabled", says: "did you mean"),
  Mistake(
    "key without its section", "pids_limit = 3\n", .unknownKey, at: 1, "pids_limit",
    says: "belongs in [sandbox]"),
  Mistake(
    "nothing near", "[git]\nzzzzzzzz = 1\n", .unknownKey, at: 2, "git.zzzzzzzz",
    says: "known here: mode"),
  Mistake(
    "unknown key in the second mount", mount + mount + "optionalx = true\n", .unknownKey,
    at: 9, "mount[1].optionalx", nearest: "optional", says: "did you mean"),
  Mistake(
    "unknown key in a nested table",
    "[[tool]]\nname = \"t\"\npath = \"/t\"\ncontainer_path = \"/t\"\n[[tool.directory]]\n"
      + "host = \"/a\"\ncontaner = \"/b\"\n", .unknownKey, at: 7, column: 1,
    "tool[0].directory[0].contaner", nearest: "container", says: "did you mean"),
  Mistake(
    "unknown key in an inline table",
    "mount = [\n  { host = \"/a\", container = \"/b\", mod = \"ro\" },\n]\n", .unknownKey,
    at: 2, column: 36, "mount[0].mod", nearest: "mode", says: "did you mean"),
  Mistake(
    "dotted unknown key", "sandbox.hom = \"image\"\n", .unknownKey, at: 1, "sandbox.hom",
    nearest: "home", says: "did you mean"),
]

private let types: [Mistake] = [
  Mistake(
    "string for a flag", "[browser]\nenabled = \"yes\"\n", .wrongType, at: 2, column: 11,
    "browser.enabled", says: "expected true or false"),
  Mistake(
    "number for a string", "[sandbox]\nimage = 3\n", .wrongType, at: 2, column: 9, "sandbox.image",
    says: "found a whole number"),
  Mistake(
    "string for an array", "[sandbox]\npassthrough_env = \"A\"\n", .wrongType, at: 2, column: 19,
    "sandbox.passthrough_env", says: "in brackets"),
  Mistake(
    "number in an array", "[sandbox]\npassthrough_env = [\n  \"A\",\n  7,\n]\n", .wrongType,
    at: 4, column: 3, "sandbox.passthrough_env[1]", says: "expected a variable's name"),
  Mistake(
    "single brackets", "[mount]\nhost = \"/a\"\n", .wrongType, at: 1, "mount",
    says: "[[mount]] with double brackets"),
  Mistake(
    "double brackets", "[[git]]\nmode = \"direct\"\n", .wrongType, at: 1, "git",
    says: "write [git] once"),
  Mistake(
    "value for a section", "git = \"direct\"\n", .wrongType, at: 1, column: 7, "git",
    says: "the section [git]"),
  Mistake(
    "decimal for a port", "[[forward]]\nport = 5432.5\n", .wrongType, at: 2,
    "forward[0].port", says: "a whole number from 1 to 65535"),
  Mistake(
    "date for a string", "[psp]\nbinary = 2020-01-01\n", .wrongType, at: 2, "psp.binary",
    says: "found a date or time"),
  Mistake(
    "string for a table", "[[secret]]\nenv = \"A\"\nsecret_store = \"x\"\n", .wrongType, at: 3,
    "secret[0].secret_store", says: "a table of strings"),
  Mistake(
    "table for an array of tables",
    "[[tool]]\nname = \"t\"\npath = \"/t\"\ncontainer_path = \"/t\"\n[tool.directory]\n",
    .wrongType, at: 5, "tool[0].directory", says: "double brackets"),
]

private let values: [Mistake] = [
  Mistake(
    "mode", mount.replacing("ro", with: "read"), .badValue, at: 4, column: 8, "mount[0].mode",
    says: "\"ro\" or \"rw\""),
  Mistake(
    "near a choice", "[clipboard]\nmode = \"readwrit\"\n", .badValue, at: 2, "clipboard.mode",
    nearest: "readwrite", says: "did you mean \"readwrite\"?"),
  Mistake(
    "cache policy", "[sandbox]\ncaches = \"projects\"\n", .badValue, at: 2, "sandbox.caches",
    nearest: "project", says: "\"project\", \"shared\" or \"none\""),
  Mistake(
    "empty image", "[sandbox]\nimage = \"\"\n", .emptyValue, at: 2, "sandbox.image",
    says: "the value is empty"),
  Mistake(
    "empty host", "[[mount]]\nhost = \"\"\ncontainer = \"/b\"\nmode = \"ro\"\n", .emptyValue,
    at: 2, "mount[0].host", says: "empty"),
  Mistake(
    "empty argv", "[[agent]]\nname = \"a\"\ncommand = []\n", .emptyValue, at: 3,
    "agent[0].command", says: "empty"),
  Mistake(
    "empty attributes", "[[secret]]\nenv = \"A\"\nsecret_store = {}\n", .emptyValue, at: 3,
    "secret[0].secret_store", says: "the table is empty"),
  Mistake(
    "variable name", "[[secret]]\nenv = \"MY-TOKEN\"\nfrom_env = \"A\"\n", .badValue, at: 2,
    "secret[0].env", says: "legal variable name"),
  Mistake(
    "1Password variable", "[sandbox]\npassthrough_env = [\"OP_SESSION\"]\n", .badValue, at: 2,
    "sandbox.passthrough_env[0]", says: "never passed in"),
  Mistake(
    "relative container path", mount.replacing("/b", with: "b"), .badValue, at: 3,
    "mount[0].container", says: "begin it with /"),
  Mistake(
    "home in a container path", mount.replacing("/b", with: "~/b"), .badValue, at: 3,
    "mount[0].container", says: "the container's home is /home/dev"),
  Mistake(
    "parent in a container path", mount.replacing("/b", with: "/b/../etc"), .badValue, at: 3,
    "mount[0].container", says: "\"..\""),
  Mistake(
    "relative host path", mount.replacing("/a", with: "a"), .badValue, at: 2, "mount[0].host",
    says: "an absolute path on the host"),
  Mistake(
    "another user's home", mount.replacing("/a", with: "~bob/a"), .badValue, at: 2,
    "mount[0].host", says: "only your own home"),
  Mistake(
    "undefined variable", mount.replacing("/a", with: "$NOPE/a"), .undefinedVariable, at: 2,
    "mount[0].host", says: "the variable NOPE is not set"),
  Mistake(
    "undefined variable in braces", "[psp]\nbinary = \"${NO_SUCH}/psp\"\n",
    .undefinedVariable, at: 2, "psp.binary", says: "NO_SUCH"),
  Mistake(
    "empty variable", mount.replacing("/a", with: "$EMPTY/a"), .undefinedVariable, at: 2,
    "mount[0].host", says: "the variable EMPTY is empty"),
  Mistake(
    "open brace", mount.replacing("/a", with: "${HOME/a"), .badValue, at: 2, "mount[0].host",
    says: "$NAME or ${NAME}"),
  Mistake(
    "undefined variable in a command",
    "[[secret]]\nenv = \"A\"\ncommand = [\"$NOPE/pass\"]\n", .undefinedVariable, at: 3, column: 12,
    "secret[0].command[0]", says: "NOPE"),
  Mistake(
    "bare command of a secret", "[[secret]]\nenv = \"A\"\ncommand = [\"pass\"]\n", .badValue,
    at: 3, "secret[0].command[0]", says: "an absolute path"),
  Mistake(
    "memory", "[sandbox]\nmemory = \"4 gigs\"\n", .badValue, at: 2, "sandbox.memory",
    says: "for example \"4g\""),
  Mistake(
    "cpus", "[sandbox]\ncpus = -1\n", .badValue, at: 2, "sandbox.cpus", says: "decimal"),
  Mistake(
    "pids_limit", "[sandbox]\npids_limit = 0\n", .badValue, at: 2, "sandbox.pids_limit",
    says: "from 1 to"),
  Mistake(
    "port", "[[forward]]\nport = 70000\n", .badValue, at: 2, "forward[0].port",
    says: "found 70000"),
  Mistake(
    "URL for a host", "[auth_proxy]\nauto_allow_domains = [\"https://a.org\"]\n", .badValue,
    at: 2, column: 23, "auth_proxy.auto_allow_domains[0]", says: "without scheme"),
  Mistake(
    "lonely star", "[auth_proxy]\nauto_allow_domains = [\"*\"]\n", .badValue, at: 2,
    "auth_proxy.auto_allow_domains[0]", says: "*.example.org"),
  Mistake(
    "option for an image", "[sandbox]\nimage = \"--privileged\"\n", .badValue, at: 2,
    "sandbox.image", says: "an image reference"),
  Mistake(
    "path for a file name", "[sandbox]\nbootstrap_files = [\"../x\"]\n", .badValue, at: 2,
    "sandbox.bootstrap_files[0]", says: "without /"),
  Mistake(
    "agent's name", "[[agent]]\nname = \"My Agent\"\ncommand = [\"x\"]\n", .badValue, at: 2,
    "agent[0].name", says: "lower-case"),
  Mistake(
    "built-in agent", "[[agent]]\nname = \"claude\"\ncommand = [\"x\"]\n", .badValue, at: 2,
    "agent[0].name", says: "my-claude"),
  Mistake(
    "npm option", "[update]\npi_spec = \"--global\"\n", .badValue, at: 2, "update.pi_spec",
    says: "npm package"),
  Mistake(
    "npm repository", "[update]\npi_spec = \"somebody/pi\"\n", .badValue, at: 2,
    "update.pi_spec", says: "npm package"),
]

private let images: [Mistake] = [
  "dir:/tmp/x", "oci:layout", "oci:./layout:latest", "oci-archive:x.tar", "docker-archive:x.tar",
  "docker:x", "docker://example.org/x", "containers-storage:x", "sif:x", "Dir:x", "other:/tmp/x",
  "localhost/x:/y",
].map {
  Mistake(
    "image \($0)", "[sandbox]\nimage = \"\($0)\"\n", .badValue, at: 2, "sandbox.image",
    says: "an image reference without")
}

private let wholes: [Mistake] = [
  Mistake(
    "missing mode", "\n[[mount]]\nhost = \"/a\"\ncontainer = \"/b\"\n", .missingKey, at: 2,
    column: 1,
    "mount[0]", says: "\"mode\" is missing"),
  Mistake(
    "missing container path", "[[tool]]\nname = \"t\"\npath = \"/t\"\n", .missingKey, at: 1,
    "tool[0]", says: "container_path"),
  Mistake(
    "secret without a source", "[[secret]]\nenv = \"A\"\n", .missingKey, at: 1, "secret[0]",
    says: "from_env, secret_store or command"),
  Mistake(
    "provider without its key", "[[secret]]\nenv = \"A\"\nprovider = \"env\"\n", .missingKey,
    at: 1, "secret[0]", says: "`var`"),
  Mistake(
    "old key without its provider", "[[secret]]\nenv = \"A\"\nvar = \"B\"\n", .conflict,
    at: 3, "secret[0].var", says: "from_env"),
  Mistake(
    "browser without a command", "[browser]\nenabled = true\nprofile_dir = \"/p\"\n",
    .missingKey, at: 1, "browser", says: "command"),
  Mistake(
    "browser without a profile", "[browser]\nenabled = true\ncommand = \"c\"\n", .missingKey,
    at: 1, "browser", says: "profile_dir"),
  Mistake(
    "host UI without a renderer", "[host_ui]\nenabled = true\n", .missingKey, at: 1,
    "host_ui", says: "renderer_command"),
  Mistake(
    "two renderers", "[host_ui]\nrenderer_bin = \"/r\"\nrenderer_command = [\"/r\"]\n",
    .conflict, at: 3, "host_ui.renderer_command", says: "renderer_bin"),
  Mistake(
    "container path twice", mount + mount, .duplicate, at: 5, column: 1, "mount",
    says: "config.toml:1"),
  Mistake(
    "container path twice, written differently",
    mount + mount.replacing("/b", with: "/b/./"), .duplicate, at: 5, "mount", says: "/b"),
  Mistake(
    "container path of a mount and a tool",
    mount + "[[tool]]\nname = \"t\"\npath = \"/t\"\ncontainer_path = \"/b\"\n", .duplicate,
    at: 5, "tool", says: "already used"),
  Mistake(
    "port twice", "[[forward]]\nport = 1\n[[forward]]\nport = 1\n", .duplicate, at: 3,
    "forward", says: "the port 1"),
  Mistake(
    "agent twice",
    "[[agent]]\nname = \"a\"\ncommand = [\"x\"]\n[[agent]]\nname = \"a\"\ncommand = [\"x\"]\n",
    .duplicate, at: 4, "agent", says: "the agent a"),
]

@Test(arguments: syntaxAndKeys + types + values + images + wholes)
func mistakeIsNamedWithItsPlace(_ mistake: Mistake) throws {
  try ConfigurationFixture.with { fixture in
    let error = try #require(throws: ConfigurationError.self) {
      _ = try fixture.base(mistake.text)
    }
    #expect(error.kind == mistake.kind)
    #expect(error.line == mistake.line)
    if let column = mistake.column { #expect(error.column == column) }
    #expect(error.keyPath.description == mistake.keyPath)
    #expect(error.nearest == mistake.nearest)
    let said = "\(error.summary)\n\(error.hint ?? "")"
    #expect(said.contains(mistake.says), "\(said)")
    #expect(
      error.summary.hasPrefix("\(fixture.baseFile.string):\(mistake.line):\(error.column): "))
    #expect(error.exitStatus == .usage)
  }
}

@Test(arguments: [
  "debian", "debian:trixie", "localhost/x:latest", "example.org:5000/team/x:1.2",
  "example.org:5000/x", "x@sha256:00", "docker/x", "dir/x:1",
])
func imageNameIsTaken(_ name: String) throws {
  #expect(try ImageReference.checked(name) == name)
}

@Test func missingFileOfTheConfigFlagIsAnError() throws {
  try ConfigurationFixture.with { fixture in
    let error = try #require(throws: ConfigurationError.self) {
      _ = try fixture.loader.load(baseOverride: "nowhere.toml", workspaceRoot: nil)
    }
    #expect(error.summary == "\(fixture.root)/nowhere.toml: the file does not exist")
  }
}

@Test func danglingLinkIsNotAnEmptyConfiguration() throws {
  try ConfigurationFixture.with { fixture in
    try fixture.write("", to: fixture.baseFile.removingLastComponent().appending("other"))
    try fixture.link(fixture.baseFile, to: "/nowhere/at/all")
    #expect(throws: ConfigurationError.self) { try fixture.loader.load(workspaceRoot: nil) }
  }
}

@Test func bytesThatAreNoTextNameTheirLine() throws {
  let error = try #require(throws: ConfigurationError.self) {
    _ = try ConfigurationDocument(
      bytes: Array("a = 1\nb = \"".utf8) + [0xff, 0x22], file: "/c", layer: .base)
  }
  #expect(error.line == 2)
}

@Test func controlCharactersOfAFileDoNotReachTheErrorLine() throws {
  try ConfigurationFixture.with { fixture in
    let error = try #require(throws: ConfigurationError.self) {
      _ = try fixture.base("[git]\nmode = \"\\u001b[2J\\u202e\"\n")
    }
    #expect(error.summary.contains("\\u{1B}[2J\\u{202E}"))
    #expect(!error.summary.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202e })
  }
}
