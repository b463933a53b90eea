/// What `ags` tells the container's PID 1, over a pipe that nothing else can read
/// (3-run "Into the container").
///
/// On the wire it is exactly two lines. The first is one JSON object with everything
/// but the environment; the second a JSON array of `[name, value]` pairs. So PID 1
/// parses only what is not secret, and the process that becomes the agent parses the
/// second line. A missing final newline means that the sender died.
public struct LaunchDocument: Equatable, Sendable {
  /// A directory to make before the agent starts.
  public struct DirectoryEntry: Equatable, Sendable {
    /// Absolute; missing parents are made too.
    public var path: String
    /// Permission bits of what is made. An existing directory keeps its own.
    public var mode: UInt32

    public init(path: String, mode: UInt32) {
      self.path = path
      self.mode = mode
    }
  }

  /// A symbolic link to make.
  public struct LinkEntry: Equatable, Sendable {
    /// Absolute; missing parents are made, an identical link is left alone.
    public var path: String
    /// Anything a link can hold.
    public var target: String

    public init(path: String, target: String) {
      self.path = path
      self.target = target
    }
  }

  /// What must be found at a mount's place, or the agent does not start.
  public struct MountCheck: Equatable, Sendable {
    /// Absolute, inside the container.
    public var path: String
    /// `st_dev` of the source as the host opened it.
    public var device: UInt64
    /// `st_ino` of the source.
    public var inode: UInt64
    public var isDirectory: Bool

    public init(path: String, device: UInt64, inode: UInt64, isDirectory: Bool) {
      self.path = path
      self.device = device
      self.inode = inode
      self.isDirectory = isDirectory
    }
  }

  /// One variable of the agent's environment. The value may be a secret.
  public struct EnvironmentVariable: Equatable, Sendable {
    /// Not empty, without `=`.
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Whether the agent runs inside a tmux session, and what that session lasts for.
  public enum Tmux: String, Equatable, Sendable {
    /// The agent has PID 1's own streams.
    case absent
    /// After the agent a shell takes its place; the run lasts as long as the session.
    case outlivesAgent
    /// The agent's end is the end of the run.
    case endsWithAgent
  }

  /// What `dcg` in the image means to the agent's commands (4-channels "Guard"): a run whose
  /// image lacks it says so before the agent starts.
  public enum DCGNeed: String, Equatable, Sendable {
    /// Nothing asks it.
    case none
    /// Without it the guard's own list decides.
    case preferred
    /// Without it no command runs.
    case required
  }

  /// Made in this order, after the mounts were verified and before the links.
  public var directories: [DirectoryEntry]
  public var links: [LinkEntry]
  public var mounts: [MountCheck]
  /// Where the agent starts, absolute.
  public var workingDirectory: String
  /// Candidates, each a program and its arguments: the first whose program is found in
  /// the agent's `PATH` is executed. Never empty.
  public var commands: [[String]]
  public var tmux: Tmux
  public var dcg: DCGNeed
  /// Ports init listens on, on 127.0.0.1 and ::1, each a forward of the plan; none twice.
  public var ports: [UInt16]
  /// Whether init takes the host's requests for connections to ports of the sandbox.
  public var usesRelay: Bool
  /// Wins over the variables PID 1 was given; of two with one name the later counts.
  public var environment: [EnvironmentVariable]

  public init(
    directories: [DirectoryEntry] = [], links: [LinkEntry] = [], mounts: [MountCheck] = [],
    workingDirectory: String, commands: [[String]], tmux: Tmux = .absent,
    dcg: DCGNeed = .none, ports: [UInt16] = [], usesRelay: Bool = false,
    environment: [EnvironmentVariable] = []
  ) {
    self.directories = directories
    self.links = links
    self.mounts = mounts
    self.workingDirectory = workingDirectory
    self.commands = commands
    self.tmux = tmux
    self.dcg = dcg
    self.ports = ports
    self.usesRelay = usesRelay
    self.environment = environment
  }

  /// The version of this format.
  public static var version: Int64 { 1 }

  /// The longest document init reads, in bytes.
  public static var maximumSize: Int { 64 << 20 }
}
