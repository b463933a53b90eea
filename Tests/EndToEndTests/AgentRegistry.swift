import AGSTestSupport
import FoundationEssentials
import Glibc
import SystemPackage

/// A registry of made packages in the tests' own network (Tests/Fixtures/agent-registry),
/// and an `ags update-agents` that knows no other, with a cache directory of its own.
struct AgentRegistry {
  let fixture: SandboxFixture
  /// Holds the packages, the configuration and the cache.
  let folder: FilePath
  let address: String

  /// Serves `packages` while `body` runs.
  /// - Parameter configuration: more of it, after `[sandbox]`.
  static func with(
    _ packages: String, configuration: String = "", image: String? = nil,
    fixture: SandboxFixture, _ body: @escaping @Sendable (AgentRegistry) async throws -> Void
  ) async throws {
    let fixture = fixture.onServiceNetwork
    let image = try await image == nil ? ToolsImage.loaded(fixture) : image!
    try await withRepository(fixture) { path in
      let folder = path.removingLastComponent()
      let file = folder.appending("registry.json")
      try await write(packages, to: file, fixture)
      _ = try await fixture.configuration(
        """
        [sandbox]
        image = "\(image)"
        cache_dir = "\(folder)/cache"
        \(configuration)
        """, beside: path)
      let script = FilePath(#filePath).removingLastComponent()
        .pushing("../Fixtures/agent-registry").lexicallyNormalized()
      let text = String(
        decoding: try Data(contentsOf: URL(filePath: script.string)), as: UTF8.self)
      let server = fixture.call(
        "python3", ["-I", "-", fixture.serviceAddress, file.string], in: folder, input: text,
        timeLimit: .seconds(600))
      _ = try await server.run { program in
        let port = FilePath("\(file).port")
        try await fixture.waitForFile(port)
        let number = try String(contentsOfFile: port.string, encoding: .utf8)
        try await body(
          AgentRegistry(
            fixture: fixture, folder: folder,
            address: "http://host.containers.internal:\(number)"))
        program.send(SIGKILL)
      }
    }
  }

  private static func write(
    _ text: String, to file: FilePath, _ fixture: SandboxFixture
  ) async throws {
    try await fixture.call("/usr/bin/tee", [file.string], input: text).runOrThrow()
  }

  /// Serves other packages from now on.
  func publish(_ packages: String) async throws {
    try await Self.write(packages, to: folder.appending("registry.json"), fixture)
  }

  var project: FilePath { folder.appending("project") }
  var agents: FilePath { folder.appending("cache/agents") }
  var flags: [String] { ["--config", folder.appending("config.toml").string] }

  private var variables: [String: String?] {
    [
      "npm_config_registry": "\(address)/npm/", "PIP_INDEX_URL": "\(address)/simple",
      "AGS_CLAUDE_RELEASES_URL": "\(address)/claude",
    ]
  }

  /// `ags update-agents --json NAMES`.
  func update(
    _ names: String..., adding more: [String: String?] = [:],
    while body: @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramOutcome {
    try await fixture.call(
      fixture.programs.appending("ags").string, ["update-agents", "--json"] + flags + names,
      in: project, adding: variables.merging(more) { $1 }, timeLimit: .seconds(300)
    ).run(while: body)
  }

  /// What PROGRAM prints in a run, with its errors.
  func run(_ script: String) async throws -> ProgramOutcome {
    try await fixture.sandbox(script, in: project, flags: flags)
  }

  /// The directories of an agent, in use or not, and nothing else that may be there.
  func directories(of agent: String) throws -> [String] {
    let folder = agents.appending(agent).string
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { !$0.hasSuffix(".json") }
  }
}

/// The answer of `--json`.
struct AgentOutcome: Decodable, Equatable {
  var agent: String
  var status: String
  var version: String?
  var previous: String?
  var source: String?
  var problems: [String]

  enum CodingKeys: String, CodingKey {
    case agent, status, version
    case previous = "previous_version"
    case source, problems
  }
}

extension ProgramOutcome {
  /// The outcomes that `ags update-agents --json` printed.
  func agents() throws -> [AgentOutcome] {
    try JSONDecoder().decode([AgentOutcome].self, from: Data(standardOutput.utf8))
  }
}

/// The image with python3, node and npm: loaded by the first test that needs it.
enum ToolsImage {
  static func loaded(_ fixture: SandboxFixture) async throws -> String {
    let variables = ProcessInfo.processInfo.environment
    guard let image = variables["AGS_E2E_TOOLS_IMAGE"],
      let archive = variables["AGS_E2E_TOOLS_ARCHIVE"]
    else { throw MissingTestEnvironment(variable: "AGS_E2E_TOOLS_IMAGE") }
    if try await fixture.podman("image", "exists", image).status == 0 { return image }
    // Opened by us: the user may not be let into the checkout.
    let load = fixture.call("podman", ["load", "--quiet"])
    var call = ProgramCall(
      program: "/bin/bash",
      arguments: ["-c", #"exec "$0" "$@" <"$ARCHIVE""#, load.program.string] + load.arguments,
      environment: load.environment.merging(["ARCHIVE": archive]) { $1 },
      directory: load.directory)
    call.timeLimit = .seconds(300)
    try await call.runOrThrow()
    return image
  }
}
