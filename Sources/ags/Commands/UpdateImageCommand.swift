import AGSLib
import ArgumentParser
import FoundationEssentials
import SystemPackage

/// `ags update-image` (5-commands).
struct UpdateImageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update-image",
    abstract: "Build the sandbox image and put it in place of the previous one.",
    discussion: """
      Without a registry the image is built on a Debian base made with mmdebstrap from \
      this host's own mirror. A build that fails leaves the old image as it was.

      Example: ags update-image --full --keep-existing
      """)

  @OptionGroup var options: UpdateImageOptions

  func run() async throws { try await options.build() }
}

/// `ags update`, the old name.
struct UpdateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update", abstract: "The old name of update-image.", shouldDisplay: false)

  @OptionGroup var options: UpdateImageOptions

  func run() async throws {
    StandardError.writeLine("note: ags update is now called ags update-image")
    try await options.build()
  }
}

struct UpdateImageOptions: ParsableArguments {
  @Flag(help: "Add Go, Rust, a JDK and Ruby.")
  var full = false

  @Flag(help: "Keep the previous image under a name with the date.")
  var keepExisting = false

  @Option(help: ArgumentHelp("Build on this image.", valueName: "ref"))
  var base: String?

  @Flag(help: "Make the base image anew from this host's Debian mirror.")
  var offlineBase = false

  @Option(help: "Read this file instead of ~/.config/ags/config.toml.")
  var config: String?

  @Flag(help: .hidden)
  var minimal = false

  func validate() throws {
    if base != nil, offlineBase {
      throw ValidationError("--base and --offline-base exclude each other")
    }
    if let base {
      do throws(InvalidValue) {
        _ = try ImageReference.checked(base)
      } catch {
        throw ValidationError("--base: \(error.summary)")
      }
    }
    if full, minimal { throw ValidationError("--full and --minimal exclude each other") }
  }

  func build() async throws {
    let current = try Host.current()
    let loaded = try ConfigurationLoader(host: current).loadBase(
      baseOverride: config.map { FilePath($0) }, missing: .defaults)
    let host = current.withTrustedSearchPath(loaded.configuration)
    let sandbox = loaded.configuration.sandbox
    let request = ImageBuildRequest(
      imageName: sandbox.image, containerfile: sandbox.containerfile,
      stage: full ? .full : minimal ? .minimal : .core,
      base: offlineBase ? .offline : base.map { .reference($0) } ?? .automatic,
      keepsExisting: keepExisting)
    let progress = Progress(style: ProgressStyle(environment: host.environment))
    defer { progress.finish() }
    let builder = ImageBuilder(runner: SubprocessRunner(), host: host, now: Date())
    let image = try await interruptible {
      try await builder.build(request) { progress.show($0) }
    }
    progress.finish()
    print("\(request.imageName) \(image.id)")
    if let note = Self.note(on: image.previous) { StandardError.writeLine(note) }
  }

  private static func note(on previous: PreviousImage) -> String? {
    switch previous {
    case .none, .same: nil
    case .removed(let id): "removed the previous image \(id.prefix(12))"
    case .kept(let name): "the previous image is kept as \(name)"
    case .named(let id, let names):
      "the previous image \(id.prefix(12)) is kept: it is also \(names.joined(separator: ", "))"
    case .inUse(let id, let containers):
      "the previous image \(id.prefix(12)) is kept: "
        + "\(containers.joined(separator: ", ")) still uses it"
    case .notRemoved(let id, let reason):
      "the previous image \(id.prefix(12)) could not be removed: \(reason)"
    }
  }
}
