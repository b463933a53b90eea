import AGSLib
import SystemPackage

/// What every run and plan starts from: the host, the configuration and the launcher.
struct RunContext {
  /// Whether the user is asked, and files are written, on the way.
  enum Purpose {
    case run
    case plan
  }

  var launcher: Launcher
  var warnings: [String] = []

  init(_ options: RunOptions, for purpose: Purpose) throws {
    let host = try Host.current()
    let trust = TrustPolicy(
      prompt: purpose == .run ? TerminalTrustPrompt(host: host) : nil,
      isRequired: options.requireTrust)
    let loaded = try ConfigurationLoader(host: host).load(
      baseOverride: options.config.map { FilePath($0) },
      missing: purpose == .run ? .written : .defaults,
      workspaceRoot: try Self.repositoryRoot(host, options), trust: trust)
    if let written = loaded.wroteDefault {
      ErrorOutput.note("wrote the default configuration \(written)")
    }
    warnings = loaded.warnings
    launcher = try Launcher(host: host, configuration: loaded.configuration)
  }

  /// Where the overlay is. With `--here` a repository that cannot be used is none.
  private static func repositoryRoot(_ host: Host, _ options: RunOptions) throws -> FilePath? {
    do {
      return try Repository.find(from: host.currentDirectory, userID: host.userID)?.root
    } catch {
      if options.here { return nil }
      throw error
    }
  }
}
