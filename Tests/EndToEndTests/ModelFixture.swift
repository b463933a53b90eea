import AGSTestSupport
import FoundationEssentials
import Glibc
import SystemPackage

/// A repository, a model server that follows a script (Tests/Fixtures/model-server) in the
/// tests' own network, and an `ags` whose agents know no other and have homes of their own.
struct ModelFixture {
  /// What the server answers: conversations by a word of their first message.
  typealias Script = [String: [Turn]]

  /// One answer of the model.
  struct Turn: Codable, Sendable {
    var text: String?
    var tool: String?
    var input: [String: String]?

    static func says(_ text: String) -> Turn { Turn(text: text) }
    static func uses(_ tool: String, _ input: [String: String]) -> Turn {
      Turn(tool: tool, input: input)
    }
  }

  /// One line of the server's log.
  struct Request: Decodable {
    var path: String
    var instructions: [String]
    /// Of all tools so far.
    var results: [String]
  }

  let sandbox: SandboxFixture
  /// Holds the server's files, the configuration, `state` and `project`.
  let folder: FilePath
  private let address: String

  /// What no agent may read, in the container at `guarded`.
  static let secret = "made-private-key"
  static let guarded = "/home/dev/.ssh/id_x"

  /// Serves `script` while `body` runs.
  /// - Parameter configuration: more of it, as tables.
  static func with(
    _ script: Script, configuration: String = "",
    _ body: @escaping @Sendable (ModelFixture) async throws -> Void
  ) async throws {
    let sandbox = try SandboxFixture().onServiceNetwork
    try await withRepository(sandbox) { path in
      let folder = path.removingLastComponent()
      let text = String(decoding: try JSONEncoder().encode(script), as: UTF8.self)
      try await sandbox.write(text, to: folder.appending("script.json"))
      try await sandbox.write(secret, to: folder.appending("id_x"))
      let program = FilePath(#filePath).removingLastComponent()
        .pushing("../Fixtures/model-server").lexicallyNormalized()
      let server = sandbox.call(
        "python3", ["-I", "-", sandbox.serviceAddress, folder.string], in: folder,
        input: String(
          decoding: try Data(contentsOf: URL(filePath: program.string)), as: UTF8.self),
        timeLimit: .seconds(600))
      _ = try await server.run { program in
        let port = folder.appending("port")
        try await sandbox.waitForFile(port)
        let number = try String(contentsOfFile: port.string, encoding: .utf8)
        let fixture = ModelFixture(
          sandbox: sandbox, folder: folder,
          address: "http://host.containers.internal:\(number)")
        try await fixture.configure(configuration)
        try await body(fixture)
        program.send(SIGKILL)
      }
    }
  }

  var project: FilePath { folder.appending("project") }
  /// What the agent keeps of its home.
  func home(of agent: String) -> FilePath {
    folder.appending("state/homes").appending(agent)
  }

  /// Of claude, quiet and without patience.
  var variables: [String: String] {
    [
      "ANTHROPIC_BASE_URL": address, "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
      "CLAUDE_CODE_MAX_RETRIES": "0",
    ]
  }

  private func configure(_ more: String) async throws {
    let names = variables.keys.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
    _ = try await sandbox.configuration(
      """
      [sandbox]
      state_dir = "\(folder)/state"
      passthrough_env = [\(names)]
      [[secret]]
      env = "ANTHROPIC_API_KEY"
      from_env = "MADE_KEY"
      [[secret]]
      env = "CODEX_KEY"
      from_env = "MADE_KEY"
      [[mount]]
      host = "\(folder)/id_x"
      container = "\(Self.guarded)"
      kind = "file"
      mode = "ro"
      \(more)
      """, beside: project)
    try await sandbox.shell("umask 077; mkdir -p \(home(of: "codex"))/.codex", in: folder)
    try await sandbox.write(codexConfiguration, to: home(of: "codex").pushing(".codex/config.toml"))
  }

  /// Codex has no variables for this.
  private var codexConfiguration: String {
    """
    model = "gpt-5.5"
    model_provider = "made"
    check_for_update_on_startup = false
    [analytics]
    enabled = false
    [features]
    plugins = false
    daemon_auto_start = false
    [model_providers.made]
    name = "made"
    base_url = "\(address)/v1"
    wire_api = "responses"
    env_key = "CODEX_KEY"
    request_max_retries = 0
    stream_max_retries = 0

    """
  }

  /// `ags --agent AGENT FLAGS -- ARGUMENTS`, in the repository.
  func run(
    _ agent: String, _ arguments: [String], flags: [String] = [],
    timeLimit: Duration = .seconds(120)
  ) async throws -> ProgramOutcome {
    let all =
      ["--agent", agent, "--config", folder.appending("config.toml").string] + flags + ["--"]
      + arguments
    return try await sandbox.call(
      sandbox.programs.appending("ags").string, all, in: project,
      adding: variables.merging(["MADE_KEY": "made-key"]) { $1 }.mapValues { $0 },
      timeLimit: timeLimit
    ).run()
  }

  /// What agents asked the model, in order.
  func requests() throws -> [Request] {
    let log = try String(
      contentsOfFile: folder.appending("requests.jsonl").string, encoding: .utf8)
    return try log.split(separator: "\n").map {
      try JSONDecoder().decode(Request.self, from: Data($0.utf8))
    }
  }
}

extension SandboxFixture {
  /// Writes a file as the user.
  func write(_ text: String, to file: FilePath) async throws {
    try await call("/usr/bin/tee", [file.string], input: text).runOrThrow()
  }
}
