import AGSLib
import FoundationEssentials
import SystemPackage

/// Builds the image in the middle of a first run (3-run "Order" 5).
enum MissingImage {
  /// Signals cancel the build; afterwards their default actions are in force.
  static func build(_ image: String, containerfile: FilePath, host: Host) async throws {
    let request = ImageBuildRequest(imageName: image, containerfile: containerfile)
    let progress = Progress(style: ProgressStyle(environment: host.environment))
    defer { progress.finish() }
    let builder = ImageBuilder(runner: SubprocessRunner(), host: host, now: Date())
    _ = try await interruptible {
      try await builder.build(request) { progress.show($0) }
    }
  }
}
