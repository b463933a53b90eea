internal import FoundationEssentials
internal import SystemPackage

/// One build, from the base to the name.
struct ImageBuild: Sendable {
  let request: ImageBuildRequest
  let files: ImageFiles
  let podman: ImagePodman
  let directory: BuildDirectory
  let host: Host
  let now: Date
  let onEvent: @Sendable (ImageBuildEvent) -> Void

  /// Where every build step sees the empty marker directory: one that images have, because
  /// podman would leave a new one behind in the image.
  private static let markerMount = "/media"
  /// How long podman may take to end after its build step was ended.
  private static let interruptionLimit = Duration.seconds(20)

  func finish() async throws(ImageError) -> BuiltImage {
    let base = try await base()
    onEvent(.began(.building(request.stage)))
    let built = try await build(on: base)
    onEvent(.began(.checking))
    let contents = try await look(into: built)
    let labelled = try await label(built, contents)
    if !host.isRoot { try await warm(labelled) }
    let previous = try await ImageReplacement(podman: podman, now: now)
      .replace(request.imageName, with: labelled, keepsExisting: request.keepsExisting)
    return BuiltImage(id: labelled, contents: contents, previous: previous)
  }

  /// `nil` for a Containerfile that names its own base.
  private func base() async throws(ImageError) -> String? {
    guard let byDefault = files.defaultBase else {
      guard request.base == .automatic else {
        throw .containerfileLacks(source, what: "line \"ARG BASE_IMAGE=…\" before its FROM")
      }
      return nil
    }
    let finder = BaseImage(
      podman: podman, offline: OfflineBase(podman: podman, host: host), onEvent: onEvent)
    return try await finder.resolve(request.base, byDefault: byDefault, in: directory)
  }

  private var source: FilePath { files.source ?? "Containerfile" }

  /// The `--target`; a Containerfile without our stages is built as a whole.
  private func target() throws(ImageError) -> String? {
    if files.hasStage(request.stage.rawValue) { return request.stage.rawValue }
    guard request.stage == .core else {
      throw .containerfileLacks(source, what: "stage \"\(request.stage.rawValue)\"")
    }
    return nil
  }

  private func build(on base: String?) async throws(ImageError) -> String {
    var arguments = ["build", "--iidfile", directory.path.appending("id").string]
    arguments += ["--file", directory.containerfile.string]
    arguments += ["--security-opt", "label=disable"]
    arguments += ["--volume", "\(directory.marker):\(Self.markerMount):ro"]
    if let base { arguments += ["--pull=never", "--build-arg", "BASE_IMAGE=\(base)"] }
    if let target = try target() { arguments += ["--target", target] }
    let day = now.formatted(.iso8601.year().month().day())
    arguments += ["--build-arg", "REFRESH=\(day)"]
    arguments += ["--build-arg", "TRY=\(Int(now.timeIntervalSince1970))"]
    arguments.append(directory.context.string)
    let (status, lines) = try await interruptible(podman.command(arguments, timeout: nil))
    if Task.isCancelled { throw .interrupted }
    guard status.isSuccess, let id = directory.readID("id") else {
      throw .buildFailed(image: request.imageName, lastLines: lines)
    }
    return id
  }

  /// Runs the build in a task that cancelling this one does not reach, and ends its
  /// step instead.
  private func interruptible(
    _ command: Command
  ) async throws(ImageError) -> (status: TerminationStatus, lastLines: [String]) {
    let step = BuildInterruption(mark: "\(directory.path.lastComponent?.string ?? "")/marker")
    let interruption = GentleInterruption(
      limit: Self.interruptionLimit, interval: .milliseconds(50), endWork: { step.endStep() })
    let result = await interruption.run { () async throws(CommandError) in
      try await podman.stream(command, onEvent: onEvent)
    }
    return try result.mapError { ImageError($0) }.get()
  }

  /// Starts the image once and sees what is in it.
  private func look(into id: String) async throws(ImageError) -> ImageContents {
    let result = try await runOnce(
      id, options: [], command: ["-c", ImageContents.probe, "sh"] + ImageContents.interesting)
    guard result.status.isSuccess else {
      throw .imageUnusable(lastLines: ImagePodman.lastLines(result))
    }
    return ImageContents(
      tools: ImageContents.tools(inProbe: result.standardOutput), version: files.version,
      stage: try target() ?? "custom")
  }

  /// A build of one line: labels without another layer.
  private func label(_ id: String, _ contents: ImageContents) async throws(ImageError) -> String {
    let file = directory.path.appending("labelled-id")
    var command = podman.command([
      "build", "--quiet", "--pull=never", "--iidfile", file.string, "--file", "-",
    ])
    for (name, value) in contents.labels {
      command.arguments += ["--label", "\(name)=\(value)"]
    }
    command.arguments.append(directory.marker.string)
    command.input = Array("FROM \(id)\n".utf8)
    command.gracePeriod = .seconds(10)
    let result: CommandResult
    do {
      result = try await podman.runner.run(command)
    } catch {
      throw ImageError(error)
    }
    guard result.status.isSuccess, let labelled = directory.readID("labelled-id") else {
      throw .podmanFailed(
        what: "write the image's labels", lastLines: ImagePodman.lastLines(result))
    }
    return labelled
  }

  /// The first container with the user's ids makes podman copy the image with other
  /// owners; better now than in the first run.
  private func warm(_ id: String) async throws(ImageError) {
    onEvent(.began(.warming))
    let result = try await runOnce(
      id, options: ["--userns=keep-id:uid=1000,gid=1000"], command: ["-c", ":"])
    if !result.status.isSuccess {
      let reason = ImagePodman.lastLines(result).last ?? "podman did not say why"
      onEvent(.warning("the image does not start with your own ids: \(reason)"))
    }
  }

  /// One throwaway container, without network, as the image's shell.
  private func runOnce(
    _ id: String, options: [String], command arguments: [String]
  ) async throws(ImageError) -> CommandResult {
    let name = directory.path.lastComponent?.string ?? "ags-image"
    // As root podman's default limits may exceed what this process may set.
    let limits = host.isRoot ? host.hardLimits.sorted { $0.key < $1.key } : []
    let options = options + limits.map { "--ulimit=\($0.key)=\($0.value):\($0.value)" }
    var command = podman.command(
      ["run", "--rm", "--name", name, "--network=none", "--pull=never", "--entrypoint", "sh"]
        + options + [id] + arguments, timeout: .seconds(600))
    command.gracePeriod = .seconds(20)
    do {
      return try await podman.runner.run(command)
    } catch {
      // Stopped on the way, podman may leave the container.
      await Task {
        // The error above is the one to tell.
        _ = try? await podman.runner.run(
          podman.command(["rm", "--force", "--ignore", "--time", "0", name]))
      }.value
      throw ImageError(error)
    }
  }
}
