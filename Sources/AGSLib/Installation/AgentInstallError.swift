/// An update that cannot be made at all. One agent's failure is an `AgentInstallOutcome`.
public enum AgentInstallError: DescribedError, Equatable {
  case unknownAgent(String, known: [String])
  /// There is no source to install it from.
  case nothingToInstall(String, hint: String)
  /// The throwaway containers run in the sandbox image.
  case imageMissing(String)
  case interrupted

  public var summary: String {
    switch self {
    case .unknownAgent(let name, _): "there is no agent \"\(name)\" to install"
    case .nothingToInstall(let name, _): "agent \(name) has nothing to install"
    case .imageMissing(let image): "the image \(image), in which agents are installed, is missing"
    case .interrupted: "interrupted; what was being installed is removed, what was there stays"
    }
  }

  public var hint: String? {
    switch self {
    case .unknownAgent(_, let known):
      "known: " + known.joined(separator: ", ") + "; others are declared with [[agent]] and npm"
    case .nothingToInstall(_, let hint): hint
    case .imageMissing: "ags update-image"
    case .interrupted: nil
    }
  }

  public var exitStatus: ExitStatus {
    switch self {
    case .unknownAgent, .nothingToInstall: .usage
    case .imageMissing: .failure
    case .interrupted: .interrupted
    }
  }
}

/// What became of one agent.
public struct AgentInstallOutcome: Sendable, Equatable, Encodable {
  public enum Status: String, Sendable, Encodable {
    case installed
    case updated
    /// The newest version that is old enough is there already.
    case unchanged
    case failed
  }

  public var agent: String
  public var status: Status
  /// What `--version` says now; nil where nothing is installed.
  public var version: String?
  /// What it said before; nil where nothing was.
  public var previousVersion: String?
  /// Where it came from; nil for a failure.
  public var source: String?
  /// Why each source did not do, in their order; of a success what was tried before it.
  public var problems: [String] = []
}

extension AgentInstallOutcome {
  /// All keys, whatever they hold.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(agent, forKey: .agent)
    try container.encode(status, forKey: .status)
    try container.encode(version, forKey: .version)
    try container.encode(previousVersion, forKey: .previousVersion)
    try container.encode(source, forKey: .source)
    try container.encode(problems, forKey: .problems)
  }

  private enum CodingKeys: String, CodingKey {
    case agent, status, version
    case previousVersion = "previous_version"
    case source, problems
  }

  /// The array that `ags update-agents --json` prints.
  public static func json(_ outcomes: [AgentInstallOutcome]) throws -> String {
    try ReadableJSON.text(outcomes)
  }
}

/// What an update tells while it runs. Texts have no control characters.
public enum AgentInstallEvent: Sendable, Equatable {
  /// Another update holds the lock.
  case waiting
  case began(agent: String, source: String)
  /// Of a download, 0 to 1.
  case progress(Double)
  /// A line that a program wrote, or what is done now.
  case line(String)
  /// The new version is asked for its `--version`.
  case checking(agent: String)
  /// A source did not do; another follows, or the agent has failed.
  case sourceFailed(agent: String, reason: String)
  case finished(AgentInstallOutcome)
}
