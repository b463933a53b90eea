internal import Synchronization

/// Has an installation's directory filled from one source. A container fetches what the
/// source offers and prints it; what is taken is decided here, where nothing of it is more
/// than data; another container downloads exactly that. This program opens no connection.
struct AgentDownload: Sendable {
  let sandbox: InstallSandbox
  let source: AgentSource
  let program: String
  let age: ReleaseAge
  /// The version from this source that is there.
  let installed: String?
  let onEvent: @Sendable (AgentInstallEvent) -> Void

  enum Outcome: Equatable {
    /// The version as the source calls it.
    case version(String)
    case unchanged
  }

  /// An npm installation of many packages over a slow line; a hung one ends.
  private static let installLimit = Duration.seconds(30 * 60)
  private static let askLimit = Duration.seconds(5 * 60)
  private static let largestAnswer = 16 << 20
  private static let defaultIndex = "https://pypi.org/simple"
  /// Where Claude Code's own downloads are; the variable names a mirror.
  private static let claudeReleases = "https://downloads.claude.ai/claude-code-releases"

  func finish() async throws(InstallProblem) -> Outcome {
    switch source {
    case .npm(let package): try await npm(package)
    case .wheel(let package, let folder, let path): try await wheel(package, folder, path)
    case .claudeReleases: try await release()
    }
  }

  private func npm(_ package: String) async throws(InstallProblem) -> Outcome {
    let script = InstallScript.npm(
      package: package, program: program, directory: sandbox.inside, age: age,
      host: sandbox.host)
    guard let version = try await install(script) else {
      throw InstallProblem("it did not say which version it installed")
    }
    return .version(version)
  }

  private func wheel(
    _ package: String, _ folder: String, _ path: String
  ) async throws(InstallProblem) -> Outcome {
    let index = try address("PIP_INDEX_URL", else: Self.defaultIndex).appending("\(package)/")
    guard let index else { throw InstallProblem("\(package) is no name of a package") }
    let answer = try await get(index, accepting: PackageIndex.mediaType)
    guard let listing = PackageIndex.read(answer.body) else {
      throw InstallProblem("\(index) is not an index of packages in JSON")
    }
    let choice = try listing.choose(package, for: answer.platform, age: age)
    if isInstalled(choice.version) { return .unchanged }
    guard let file = index.resolving(choice.url) else {
      throw InstallProblem("the index has no web address for \(package) \(choice.version)")
    }
    _ = try await install(
      .wheel(
        file, sha256: choice.sha256, directory: sandbox.inside, folder: folder, path: path,
        host: sandbox.host))
    return .version(choice.version)
  }

  /// The newest of two channels that is old enough.
  private func release() async throws(InstallProblem) -> Outcome {
    let base = try address("AGS_CLAUDE_RELEASES_URL", else: Self.claudeReleases)
    var verdict = ReleaseAge.Verdict.oldEnough
    for channel in ClaudeRelease.channels {
      let place = try below(base, channel)
      guard let version = ClaudeRelease.version(try await get(place).body) else {
        throw InstallProblem("\(place) names no version")
      }
      let answer = try await get(below(base, "\(version)/manifest.json"))
      let release = try ClaudeRelease(
        manifest: answer.body, version: version, for: answer.platform)
      verdict = age.verdict(release.published)
      guard verdict == .oldEnough else { continue }
      if isInstalled(version) { return .unchanged }
      _ = try await install(
        .program(
          below(base, "\(version)/\(release.download)"), sha256: release.sha256,
          directory: sandbox.inside, path: source.programPath(of: program),
          host: sandbox.host))
      return .version(version)
    }
    throw InstallProblem(
      verdict == .undated
        ? "the manifest does not say when the release was made, so its age is not known "
          + "(minimum_release_age = 0 takes it anyway)"
        : "the vendor's releases are younger than minimum_release_age")
  }

  /// That one, or a newer one: the other channel is behind, and so may a mirror be.
  private func isInstalled(_ version: String) -> Bool {
    guard let installed else { return false }
    guard let have = ReleaseVersion(installed), let offered = ReleaseVersion(version) else {
      return installed == version
    }
    return have >= offered
  }

  // MARK: - Addresses

  private func address(
    _ variable: String, else standard: String
  ) throws(InstallProblem) -> WebAddress {
    let own = sandbox.host.environment[variable] ?? ""
    guard let address = WebAddress(own.isEmpty ? standard : own) else {
      throw InstallProblem("\(variable) is not a web address")
    }
    return address
  }

  private func below(_ base: WebAddress, _ path: String) throws(InstallProblem) -> WebAddress {
    guard let address = base.appending(path) else {
      throw InstallProblem("there is no \(path) below \(base)")
    }
    return address
  }

  // MARK: - Containers

  private func get(
    _ address: WebAddress, accepting type: String = "*/*"
  ) async throws(InstallProblem) -> (platform: InstallPlatform, body: [UInt8]) {
    let script = InstallScript.get(
      address, accepting: type, limit: Self.largestAnswer, host: sandbox.host)
    let container = try sandbox.container(
      running: script, writing: .nothing, limit: Self.askLimit)
    // The line before it is short.
    let result = try await sandbox.collect(container, outputLimit: Self.largestAnswer + 1024)
    guard let result else {
      throw InstallProblem("\(address) sent more than \(Self.largestAnswer >> 20) MiB")
    }
    guard result.status.isSuccess else {
      throw InstallProblem(
        InstallReport.lastLine(result.standardError)
          ?? "\(address): podman ended with \(result.status.shellStatus)")
    }
    let output = result.standardOutput
    guard let end = output.firstIndex(of: UInt8(ascii: "\n")),
      let platform = InstallPlatform(line: String(decoding: output[..<end], as: UTF8.self))
    else { throw InstallProblem("the image does not say what machine it is for") }
    return (platform, Array(output[(end + 1)...]))
  }

  /// - Returns: the version, where the script says it.
  private func install(_ script: InstallScript) async throws(InstallProblem) -> String? {
    let container = try sandbox.container(
      running: script, writing: .directory, limit: Self.installLimit)
    let collected = Mutex(InstallReport())
    let lastError = Mutex<String?>(nil)
    let status = try await sandbox.stream(container) { line, stream in
      switch stream {
      case .standardOutput:
        switch collected.withLock({ $0.take(line) }) {
        case .progress(let fraction): onEvent(.progress(fraction))
        case .doing(let what): onEvent(.line(what))
        case nil: break
        }
      case .standardError:
        let shown = InstallReport.shown(line, longest: 300)
        guard !shown.isEmpty else { return }
        lastError.withLock { $0 = shown }
        onEvent(.line(shown))
      }
    }
    let report = collected.withLock { $0 }
    guard status.isSuccess else {
      throw InstallProblem(
        report.failure ?? lastError.withLock { $0 } ?? "it ended with \(status.shellStatus)")
    }
    return report.version
  }
}
