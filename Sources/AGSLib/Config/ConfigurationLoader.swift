public import SystemPackage

/// How a repository's configuration is dealt with.
public struct TrustPolicy: Sendable {
  /// Who asks the user; nil when there is no terminal.
  public var prompt: (any TrustPrompt)?
  /// `--require-trust`: what is not trusted is an error instead of being skipped.
  public var isRequired: Bool

  public init(prompt: (any TrustPrompt)? = nil, isRequired: Bool = false) {
    self.prompt = prompt
    self.isRequired = isRequired
  }
}

/// What became of the repository's configuration.
public enum OverlayStatus: Sendable, Equatable {
  /// There is none.
  case absent
  case applied(FilePath)
  /// Nobody could be asked, or nothing was answered.
  case skipped(FilePath)
  /// The user said no to this content, now or before.
  case denied(FilePath)
}

/// Everything loading found out.
public struct LoadedConfiguration: Sendable {
  public var configuration: Configuration
  /// One line each, for standard error.
  public var warnings: [String]
  /// The default that was written because there was no file yet.
  public var wroteDefault: FilePath?
  public var overlay: OverlayStatus
}

/// What a base file that is not there yet means.
public enum MissingBase: Sendable {
  /// The commented default is written: a first run.
  case written
  /// As if it had been, but nothing is written: `ags plan`, `ags doctor`.
  case defaults
}

/// Loads the layers below the command line: built-in defaults, the base file, the
/// repository's overlay (2-config).
public struct ConfigurationLoader: Sendable {
  public let host: Host

  /// The largest configuration file, in bytes.
  public static let fileLimit = 1 << 20
  /// The overlay below the repository's root.
  public static let overlayName = ".ags/config.toml"

  public init(host: Host) { self.host = host }

  /// Where the base file is by default.
  public var basePath: FilePath { host.configurationDirectory.appending("config.toml") }

  /// Loads base and overlay.
  /// - Parameters:
  ///   - baseOverride: the path of `--config`; it must exist.
  ///   - missing: what happens when there is no base file yet.
  ///   - workspaceRoot: the repository's root, or nil outside one: then no overlay.
  /// - Throws: `ConfigurationError`, `OverlayNotTrusted`, `FileError` and what the prompt
  ///   throws.
  public func load(
    baseOverride: FilePath? = nil, missing: MissingBase = .written, workspaceRoot: FilePath?,
    trust: TrustPolicy = TrustPolicy()
  ) throws -> LoadedConfiguration {
    var loaded = try loadBase(baseOverride: baseOverride, missing: missing)
    guard let workspaceRoot else { return loaded }
    try overlayReview(workspaceRoot, loaded.configuration).apply(to: &loaded, trust)
    return loaded
  }

  /// The base file's path, absolute.
  func path(of baseOverride: FilePath?) -> FilePath {
    baseOverride.map { host.currentDirectory.pushing($0) } ?? basePath
  }

  /// Loads the base only.
  public func loadBase(
    baseOverride: FilePath? = nil, missing: MissingBase = .written
  ) throws -> LoadedConfiguration {
    let path = path(of: baseOverride)
    var configuration = Configuration(home: host.home)
    configuration.baseFile = path
    var bytes = try RegularFile.read(path, limit: Self.fileLimit, links: .followed)
    var wroteDefault: FilePath?
    if bytes == nil {
      guard baseOverride == nil else {
        throw ConfigurationError(
          kind: .unreadable, file: path, problem: "the file does not exist",
          hint: "check the path given with --config")
      }
      switch missing {
      case .written:
        if try DefaultConfiguration.writeIfMissing(to: path) { wroteDefault = path }
        bytes = try RegularFile.read(path, limit: Self.fileLimit, links: .followed)
      case .defaults:
        bytes = DefaultConfiguration.bytes
      }
    }
    guard let bytes else {
      throw ConfigurationError(
        kind: .unreadable, file: path, problem: "the file is a link that leads nowhere",
        hint: "remove it, or make the file it names")
    }
    let document = try ConfigurationDocument(bytes: bytes, file: path, layer: .base)
    try configuration.apply(
      document, context: ReadingContext(expansion: expansion, relativePathsStart: nil))
    return LoadedConfiguration(
      configuration: configuration, warnings: [], wroteDefault: wroteDefault, overlay: .absent)
  }

  /// The store that decisions about overlays are in; only the base says where.
  public func trustStore(_ base: Configuration) -> TrustStore {
    TrustStore(
      directory: base.sandbox.stateDirectory.appending("trust"), userID: host.userID)
  }

  var expansion: PathExpansion {
    PathExpansion(home: host.home, environment: host.environment)
  }
}
