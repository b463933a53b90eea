public import SystemPackage

/// One program to run with captured output: an argv array and a whole environment,
/// nothing inherited and no shell (8-architecture, rule 7).
public struct Command: Sendable, Equatable {
  /// The program's file. It is not looked up; `ProgramLookup` does that.
  public var executable: FilePath
  /// The arguments after the program's own name.
  public var arguments: [String]
  /// Every variable the program gets.
  public var environment: [String: String]
  /// Where it starts; `nil` is this process's own directory.
  public var workingDirectory: FilePath?
  /// What it reads from standard input; empty is `/dev/null`.
  public var input: [UInt8]
  /// How long it may take; `nil` is without a limit.
  public var timeout: Duration?
  /// How many bytes each of the two output streams may carry in `run`; more is an
  /// error. `stream` keeps nothing and ignores it.
  public var outputLimit: Int
  /// It leads a process group of its own: stopping it stops its children too, and the
  /// terminal's ctrl-C does not reach it.
  public var ownsProcessGroup: Bool
  /// How long it may take to end by itself after SIGTERM, before SIGKILL.
  public var gracePeriod: Duration = Command.defaultGracePeriod

  /// One mebibyte, far above what the programs `ags` asks print.
  public static let defaultOutputLimit = 1 << 20
  /// Half a second.
  public static let defaultGracePeriod = Duration.milliseconds(500)

  public init(
    executable: FilePath, arguments: [String] = [], environment: [String: String],
    workingDirectory: FilePath? = nil, input: [UInt8] = [], timeout: Duration? = nil,
    outputLimit: Int = Command.defaultOutputLimit, ownsProcessGroup: Bool = true
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.input = input
    self.timeout = timeout
    self.outputLimit = outputLimit
    self.ownsProcessGroup = ownsProcessGroup
  }
}

/// How a process ended.
public enum TerminationStatus: Sendable, Equatable {
  /// It exited with this status.
  case exited(Int32)
  /// This signal ended it.
  case signalled(Int32)

  /// Exit status 0.
  public var isSuccess: Bool { self == .exited(0) }

  /// What a shell reports: the exit status, or 128 plus the signal.
  public var shellStatus: Int32 {
    switch self {
    case .exited(let status): status
    case .signalled(let signal): 128 + signal
    }
  }
}

/// What a finished command left behind.
public struct CommandResult: Sendable, Equatable {
  public var status: TerminationStatus
  public var standardOutput: [UInt8]
  public var standardError: [UInt8]

  public init(
    status: TerminationStatus, standardOutput: [UInt8] = [], standardError: [UInt8] = []
  ) {
    self.status = status
    self.standardOutput = standardOutput
    self.standardError = standardError
  }
}

/// The stream a line came from.
public enum OutputStream: Sendable, Equatable, CaseIterable {
  case standardOutput
  case standardError
}
