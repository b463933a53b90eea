import AGSLib
import FoundationEssentials

/// Builds the image in the middle of a first run (3-run "Order" 5).
enum MissingImage {
  /// Signals cancel the build; afterwards their default actions are in force.
  static func build(_ image: String, context: RunContext) async throws {
    let launcher = context.launcher
    let request = ImageBuildRequest(
      imageName: image, containerfile: launcher.configuration.sandbox.containerfile)
    let progress = Progress(style: ProgressStyle(environment: launcher.host.environment))
    defer { progress.finish() }
    let builder = ImageBuilder(runner: SubprocessRunner(), host: launcher.host, now: Date())
    _ = try await interruptible {
      try await builder.build(request) { progress.show($0) }
    }
  }
}
