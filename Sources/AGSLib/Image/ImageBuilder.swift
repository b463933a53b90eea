public import FoundationEssentials
public import SystemPackage

/// Builds the sandbox image (5-commands "update-image" and "The image").
///
/// The image is built without a name, looked into, and only then takes the name over
/// from the one before. Whatever goes wrong until then, cancelling included, leaves the
/// old image as it was, no directory, no process and no container.
public struct ImageBuilder: Sendable {
  let runner: any CommandRunner
  let host: Host
  let now: Date

  /// - Parameter now: when the build is made. Its day decides which Debian packages may
  ///   come from an earlier, unfinished build.
  public init(runner: any CommandRunner, host: Host, now: Date) {
    self.runner = runner
    self.host = host
    self.now = now
  }

  /// Builds what `request` asks for and puts it under the name.
  /// - Parameter onEvent: is told what happens; calls do not overlap.
  public func build(
    _ request: ImageBuildRequest,
    onEvent: @escaping @Sendable (ImageBuildEvent) -> Void = { _ in }
  ) async throws(ImageError) -> BuiltImage {
    let files = try ImageFiles(containerfile: request.containerfile)
    let podman = try ImagePodman(runner: runner, host: host)
    await remove(BuildDirectory.sweep(host: host), podman: podman)
    let directory = try BuildDirectory(host: host)
    let outcome: Result<BuiltImage, ImageError>
    do {
      try directory.write(files, certificates: ImageFiles.certificates(of: host))
      let build = ImageBuild(
        request: request, files: files, podman: podman, directory: directory, host: host,
        now: now, onEvent: onEvent)
      outcome = .success(try await build.finish())
    } catch {
      outcome = .failure(Task.isCancelled ? .interrupted : error)
    }
    if !directory.remove() { await remove([directory.path], podman: podman) }
    return try outcome.get()
  }

  /// What `version` an image would have that is built from this Containerfile now; one
  /// whose label says another is out of date.
  public static func version(containerfile: FilePath?) throws(ImageError) -> String {
    try ImageFiles(containerfile: containerfile).version
  }

  /// Removes trees with files of the user's subordinate ids, which an mmdebstrap leaves
  /// that was killed.
  private func remove(_ directories: [FilePath], podman: ImagePodman) async {
    if directories.isEmpty || host.isRoot { return }
    // In a task of its own, because this one may be cancelled.
    await Task {
      // What it leaves is in the temporary directory, and the build's own outcome is
      // what counts.
      _ = try? await podman.runner.run(
        podman.command(["unshare", "rm", "-rf", "--"] + directories.map(\.string)))
    }.value
  }
}
