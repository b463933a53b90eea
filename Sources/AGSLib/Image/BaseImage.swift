internal import SystemPackage

/// Finds or makes the image that a build starts from.
struct BaseImage: Sendable {
  /// The base made from the host's Debian mirror.
  static let offlineName = "localhost/ags-base:trixie"

  let podman: ImagePodman
  let offline: OfflineBase
  let onEvent: @Sendable (ImageBuildEvent) -> Void

  /// How long a registry may take to answer a question about the image.
  private static let probeLimit = Duration.seconds(30)
  private static let pullLimit = Duration.seconds(30 * 60)

  /// - Parameter byDefault: what the Containerfile names.
  /// - Returns: a name that podman has an image for.
  func resolve(
    _ base: ImageBase, byDefault: String, in directory: BuildDirectory
  ) async throws(ImageError) -> String {
    switch base {
    case .offline:
      try await offline.bootstrap(as: Self.offlineName, in: directory, onEvent: onEvent)
      return Self.offlineName
    case .reference(let name):
      switch try await pull(name) {
      case .pulled: return name
      case .refused(let lines):
        guard try await usesLocalCopy(of: name) else {
          throw .noBase(name, canBootstrap: true, lastLines: lines)
        }
        return name
      }
    case .automatic:
      guard case .refused(let lines) = try await pull(byDefault) else { return byDefault }
      if try await usesLocalCopy(of: byDefault) { return byDefault }
      if try await podman.imageExists(Self.offlineName) {
        onEvent(.line("\(byDefault) cannot be pulled; building on \(Self.offlineName)"))
        return Self.offlineName
      }
      guard offline.isPossible else {
        throw .noBase(byDefault, canBootstrap: false, lastLines: lines)
      }
      onEvent(.line("\(byDefault) cannot be pulled; making a base from Debian packages"))
      try await offline.bootstrap(as: Self.offlineName, in: directory, onEvent: onEvent)
      return Self.offlineName
    }
  }

  private enum Answer {
    case pulled
    case refused([String])
  }

  /// Asks the registry first, under a short limit: a pull from one that never answers
  /// would wait for many minutes.
  private func pull(_ name: String) async throws(ImageError) -> Answer {
    // Nothing answers for `localhost/`: such an image is here or nowhere.
    if name.hasPrefix("localhost/") { return .refused([]) }
    onEvent(.began(.pullingBase(name)))
    let question = podman.command(["manifest", "inspect", name], timeout: Self.probeLimit)
    do {
      let answer = try await podman.runner.run(question)
      guard answer.status.isSuccess else { return .refused(ImagePodman.lastLines(answer)) }
      let pull = podman.command(["pull", name], timeout: Self.pullLimit)
      let (status, lines) = try await podman.stream(pull, onEvent: onEvent)
      return status.isSuccess ? .pulled : .refused(lines)
    } catch {
      switch error {
      case .timedOut: return .refused([error.summary])
      default: throw ImageError(error)
      }
    }
  }

  private func usesLocalCopy(of name: String) async throws(ImageError) -> Bool {
    guard try await podman.imageExists(name) else { return false }
    if !name.hasPrefix("localhost/") {
      onEvent(.warning("\(name) cannot be pulled; the copy that is here is used"))
    }
    return true
  }
}
