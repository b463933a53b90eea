internal import AGSWire
internal import SystemPackage

/// A throwaway container of the sandbox image: a run's confinement, and nothing of the
/// user's in it.
struct InstallContainer: Equatable {
  var name: String
  var image: String
  /// One directory, at the path where runs see it, and what is mounted to read.
  var mounts: [Mount]
  /// Nil is none.
  var network: NetworkChoice?
  var userMapping: UserMapping
  /// By podman's names; nil where podman could not apply it.
  var limits: [String: UInt64]
  var pidsLimit: Int?
  /// It ends after this even when nobody is left to end it.
  var timeLimit: Duration
  /// `NAME=VALUE`. podman keeps it, so there is nothing private in it.
  var environment: [String] = []
  /// What the program reads from standard input.
  var input: [UInt8] = []
  /// The program and its arguments.
  var command: [String]

  var podmanArguments: [String] {
    var arguments = [
      "run", "--rm", "--pull=never", "--http-proxy=false", "--name=\(name)",
      "--log-driver=none", "--label=io.ags.install=1",
      "--timeout=\(timeLimit.components.seconds)",
    ]
    if !input.isEmpty { arguments.append("--interactive") }
    arguments += userMapping.arguments
    arguments += [
      "--user=1000:1000", "--cap-drop=all", "--security-opt=no-new-privileges",
      "--security-opt=label=disable", "--read-only",
    ]
    arguments += limits.sorted { $0.key < $1.key }
      .map { "--ulimit=\($0.key)=\($0.value):\($0.value)" }
    if let pidsLimit { arguments.append("--pids-limit=\(pidsLimit)") }
    arguments.append("--network=\(network?.argument ?? "none")")
    for mount in mounts { arguments += ["--mount", mount.podmanValue] }
    arguments += environment.map { "--env=\($0)" }
    return arguments + ["--workdir=/", "--entrypoint=\(command[0])", image]
      + command.dropFirst()
  }
}

/// What an install container said on standard output. It is hostile: the lines steer
/// nothing but what is shown and recorded.
struct InstallReport {
  var version: String?
  var failure: String?

  /// What a line tells to who waits.
  enum News: Equatable {
    /// How much of a download is there, 0 to 1.
    case progress(Double)
    case doing(String)
  }

  private static let longest = 300

  /// Takes one line.
  mutating func take(_ line: String) -> News? {
    let pair = line.split(separator: " ", maxSplits: 1).map(String.init)
    guard pair.count == 2 else { return nil }
    let text = Self.shown(pair[1], longest: Self.longest)
    switch pair[0] {
    case "version": version = Self.shown(pair[1], longest: 100)
    case "failed": failure = text
    case "doing": return .doing(text)
    case "progress":
      let numbers = pair[1].split(separator: " ").compactMap { Double($0) }
      guard numbers.count == 2, numbers[1] > 0, numbers[0].isFinite else { return nil }
      return .progress(min(max(numbers[0] / numbers[1], 0), 1))
    default: break
    }
    return nil
  }

  /// Escaped and cut.
  static func shown(_ text: some StringProtocol, longest: Int) -> String {
    String(TerminalText.escaped(text.prefix(longest)).prefix(longest))
  }

  /// The first line with anything in it, of what `--version` printed.
  static func firstLine(_ output: [UInt8]) -> String? {
    String(decoding: output.prefix(4096), as: UTF8.self)
      .split(whereSeparator: \.isNewline)
      .first { !$0.allSatisfy(\.isWhitespace) }
      .map { shown($0, longest: 100) }
  }

  /// The last line with anything in it, of what went to standard error.
  static func lastLine(_ output: [UInt8]) -> String? {
    String(decoding: output.suffix(4096), as: UTF8.self)
      .split(whereSeparator: \.isNewline)
      .last { !$0.allSatisfy(\.isWhitespace) }
      .map { shown($0, longest: longest) }
  }
}
