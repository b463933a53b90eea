internal import Synchronization
internal import SystemPackage

/// The podman commands of a build, over one runner and one environment.
struct ImagePodman: Sendable {
  let runner: any CommandRunner
  let program: FilePath
  let environment: [String: String]

  init(runner: any CommandRunner, host: Host) throws(ImageError) {
    guard let program = ProgramLookup.find("podman", on: host) else { throw .noPodman }
    self.runner = runner
    self.program = program
    environment = ChildEnvironment.podman(host)
  }

  /// Lines of a failed command that a person gets to see.
  static let shownLines = 12

  func command(_ arguments: [String], timeout: Duration? = .seconds(60)) -> Command {
    Command(
      executable: program, arguments: arguments, environment: environment, timeout: timeout)
  }

  func run(_ arguments: [String], timeout: Duration? = .seconds(60))
    async throws(ImageError) -> CommandResult
  {
    do {
      return try await runner.run(command(arguments, timeout: timeout))
    } catch {
      throw ImageError(error)
    }
  }

  func imageExists(_ name: String) async throws(ImageError) -> Bool {
    try await run(["image", "exists", name]).status.isSuccess
  }

  /// The id behind a name, without `sha256:`; `nil` if there is no such image.
  func id(of name: String) async throws(ImageError) -> String? {
    let result = try await run(["image", "inspect", "--format", "{{.Id}}", name])
    guard result.status.isSuccess else { return nil }
    let id = String(decoding: result.standardOutput, as: UTF8.self).prefix { $0.isHexDigit }
    return id.isEmpty ? nil : String(id)
  }

  /// The names an image has.
  func names(of id: String) async throws(ImageError) -> [String] {
    let format = "{{range .RepoTags}}{{.}}\n{{end}}"
    return lines(try await run(["image", "inspect", "--format", format, id]))
  }

  /// The containers that use an image, running or not.
  func containers(using id: String) async throws(ImageError) -> [String] {
    lines(
      try await run(["ps", "--all", "--filter", "ancestor=\(id)", "--format", "{{.Names}}"]))
  }

  func tag(_ id: String, as name: String) async throws(ImageError) {
    let result = try await run(["tag", id, name])
    guard result.status.isSuccess else {
      throw .podmanFailed(what: "name the image \(name)", lastLines: Self.lastLines(result))
    }
  }

  private func lines(_ result: CommandResult) -> [String] {
    guard result.status.isSuccess else { return [] }
    return String(decoding: result.standardOutput, as: UTF8.self).split(separator: "\n")
      .map(String.init)
  }

  /// Runs `command`, handing each line on and keeping the last ones.
  func stream(
    _ command: Command, onEvent: @escaping @Sendable (ImageBuildEvent) -> Void
  ) async throws(CommandError) -> (status: TerminationStatus, lastLines: [String]) {
    let tail = LastLines()
    let status = try await runner.stream(command) { line, _ in
      let line = ImageBuildOutput.printable(line)
      guard !line.isEmpty else { return }
      tail.add(line)
      onEvent(ImageBuildOutput.event(for: line))
    }
    return (status, tail.lines)
  }

  static func lastLines(_ result: CommandResult) -> [String] {
    let text = String(decoding: result.standardError, as: UTF8.self)
    return text.split(separator: "\n").suffix(shownLines)
      .map { ImageBuildOutput.printable(String($0)) }
  }
}

/// The last lines of a long output.
final class LastLines: Sendable {
  private let kept = Mutex<[String]>([])

  func add(_ line: String) {
    kept.withLock { kept in
      kept.append(line)
      if kept.count > ImagePodman.shownLines { kept.removeFirst() }
    }
  }

  var lines: [String] { kept.withLock { $0 } }
}
