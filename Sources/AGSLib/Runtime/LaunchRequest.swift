public import SystemPackage

/// A combination of flags that cannot be run.
public struct LaunchError: DescribedError, Equatable {
  public var summary: String
  public var cause: String?
  public var hint: String?

  init(_ summary: String, cause: String? = nil, hint: String? = nil) {
    self.summary = summary
    self.cause = cause
    self.hint = hint
  }
}

/// What the user asked for, unresolved: the first of the three values of 3-run.
public struct LaunchRequest: Sendable, Equatable {
  /// An agent's name, built-in or from `[[agent]]`.
  public var agent: String
  /// Handed to the agent unchanged.
  public var agentArguments: [String]
  public var modes: Set<RunMode>
  /// `--add-dir`: mounted at the same path, read-write. Relative to where the user stands.
  public var addedDirectories: [FilePath]
  /// `--allow-path`: what the mount policy lets through.
  public var allowedPaths: [FilePath]
  /// `--keep-patches`: where a lockdown's commits are kept. Relative to where the user stands.
  public var patchesDirectory: FilePath?
  /// `--git-report`: the file that gets what came of the work in git. Relative to where the
  /// user stands.
  public var gitReportFile: FilePath?
  /// `--op-secret-set`: `VAULT/ITEM`.
  public var onePasswordItems: [String]

  public init(
    agent: String, agentArguments: [String] = [], modes: Set<RunMode> = [],
    addedDirectories: [FilePath] = [], allowedPaths: [FilePath] = [],
    patchesDirectory: FilePath? = nil, gitReportFile: FilePath? = nil,
    onePasswordItems: [String] = []
  ) {
    self.agent = agent
    self.agentArguments = agentArguments
    self.modes = modes
    self.addedDirectories = addedDirectories
    self.allowedPaths = allowedPaths
    self.patchesDirectory = patchesDirectory
    self.gitReportFile = gitReportFile
    self.onePasswordItems = onePasswordItems
  }

  /// Throws for flags that exclude each other, miss another, or are not there yet.
  func validate() throws(LaunchError) {
    let modes = RunMode.allCases.filter { self.modes.contains($0) }
    for mode in modes {
      if let needed = mode.needs, !self.modes.contains(needed) {
        throw LaunchError(
          "\(mode.rawValue) needs \(needed.rawValue)",
          hint: "add \(needed.rawValue), or leave \(mode.rawValue) out")
      }
    }
    guard patchesDirectory == nil || self.modes.contains(.lockdown) else {
      throw LaunchError(
        "--keep-patches needs --lockdown",
        hint: "other runs take commits over themselves; leave --keep-patches out")
    }
    if self.modes.contains(.lockdown) {
      if let refused = RunMode.refusedInLockdown.first(where: { self.modes.contains($0) }) {
        throw LaunchError(
          "--lockdown and \(refused.rawValue) exclude each other",
          hint: "leave one of them out")
      }
      guard onePasswordItems.isEmpty else {
        throw LaunchError(
          "--lockdown and --op-secret-set exclude each other", hint: "leave one of them out")
      }
    }
    if let missing = modes.first(where: { !RunMode.available.contains($0) }) {
      throw LaunchError(
        "\(missing.rawValue) is not in this version of ags",
        hint: "ags run --help lists what is; CHANGELOG.md says what comes next")
    }
    guard onePasswordItems.isEmpty else {
      throw LaunchError(
        "--op-secret-set is not in this version of ags",
        hint: "store the value with secret-tool and name it in a [[secret]] meanwhile")
    }
  }
}
