internal import CPosix
internal import FoundationEssentials
internal import Glibc
public import SystemPackage

/// The user's own rootless podman (3-run "Container flags").
public struct Podman: ContainerRuntime {
  public let executable: FilePath
  public let environment: [String: String]
  private let runner: any CommandRunner
  private let cacheFile: FilePath

  /// Finds `podman` in the host's `PATH`.
  public init(
    host: Host, cacheDirectory: FilePath, runner: any CommandRunner
  ) throws(PodmanError) {
    guard let executable = ProgramLookup.find("podman", on: host) else {
      throw PodmanError(
        summary: "podman is not installed",
        hint: "install it: apt-get install podman uidmap slirp4netns")
    }
    self.executable = executable
    self.runner = runner
    environment = ChildEnvironment.podman(host)
    cacheFile = cacheDirectory.appending("podman.json")
  }

  /// What is kept in `cache_dir/podman.json`.
  private struct Cached: Codable {
    var identity: String
    var facts: PodmanFacts
  }

  public func facts() async throws -> PodmanFacts {
    let identity = identity
    if let text = SmallFile.text(cacheFile) {
      do {
        let cached = try JSONDecoder().decode(Cached.self, from: Data(text.utf8))
        if cached.identity == identity { return cached.facts }
      } catch {
        // Not ours, or of another version: asked again and replaced.
      }
    }
    let facts = try await ask()
    // A machine without a helper is about to get one: not remembered.
    if !facts.slirp4netns.isEmpty || !facts.pasta.isEmpty {
      try remember(Cached(identity: identity, facts: facts))
    }
    return facts
  }

  /// Asks podman itself, whatever is cached.
  public func ask() async throws -> PodmanFacts {
    let result = try await run(["info", "--format", "json"], timeout: .seconds(60))
    guard result.status.isSuccess else {
      throw PodmanError(
        summary: "podman info failed", cause: Self.lastLine(result.standardError),
        hint: "run podman info, and ags doctor")
    }
    guard let facts = PodmanFacts(podmanInfo: result.standardOutput) else {
      throw PodmanError(
        summary: "podman info printed something ags does not understand",
        hint: "ags needs podman 4.3 or later")
    }
    guard !facts.isRemote else {
      throw PodmanError(
        summary: "this podman is a remote client; ags needs one that runs containers itself",
        hint: "install the full podman, not podman-remote")
    }
    return facts
  }

  public func imageExists(_ image: String) async throws -> Bool {
    let result = try await run(["image", "exists", image], timeout: .seconds(60))
    if result.status.isSuccess { return true }
    // 1 is its "no"; a storage that cannot be read is no reason to build an image.
    guard result.status == .exited(1) else {
      throw PodmanError(
        summary: "podman cannot say whether there is an image \(image)",
        cause: Self.lastLine(result.standardError), hint: "run podman info, and ags doctor")
    }
    return false
  }

  public func imageLabels(_ image: String) async throws -> [String: String]? {
    let result = try await run(
      ["image", "inspect", "--format", "{{json .Labels}}", image], timeout: .seconds(60))
    guard result.status.isSuccess else {
      // One process where the image is there; a storage that cannot be read is an error.
      guard try await imageExists(image) else { return nil }
      throw PodmanError(
        summary: "podman cannot say what is in the image \(image)",
        cause: Self.lastLine(result.standardError), hint: "podman image inspect \(image)")
    }
    do {
      // null for an image without any.
      return try JSONDecoder().decode(
        [String: String]?.self, from: Data(result.standardOutput)) ?? [:]
    } catch {
      return [:]
    }
  }

  public func removeContainer(_ name: String) async throws -> Bool {
    let result = try await run(
      ["rm", "--force", "--ignore", "--time=0", name], timeout: .seconds(30))
    guard result.status.isSuccess else {
      throw PodmanError(
        summary: "the container \(name) could not be removed",
        cause: Self.lastLine(result.standardError), hint: "podman rm --force \(name)")
    }
    // podman names what it removed, and with --ignore nothing else.
    return !result.standardOutput.isEmpty
  }

  private func run(_ arguments: [String], timeout: Duration) async throws -> CommandResult {
    try await runner.run(
      Command(
        executable: executable, arguments: arguments, environment: environment,
        timeout: timeout))
  }

  private static func lastLine(_ bytes: [UInt8]) -> String? {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").last.map(String.init)
  }

  /// Changes when the program, or a setting that names another storage, does.
  private var identity: String {
    var facts = stat()
    guard stat(executable.string, &facts) == 0 else { return executable.string }
    let settings = ["CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF", "XDG_CONFIG_HOME", "HOME"]
    return
      ([
        executable.string, "\(facts.st_dev)", "\(facts.st_ino)", "\(facts.st_size)",
        "\(facts.st_mtim.tv_sec)", "\(getuid())",
      ] + settings.map { environment[$0] ?? "" }).joined(separator: "\n")
  }

  private func remember(_ cached: Cached) throws {
    try PrivateDirectory.makeAll(cacheFile.removingLastComponent())
    try RegularFile.write(
      Array(JSONEncoder().encode(cached)), to: cacheFile, existing: .replaced, isDurable: false)
  }
}
