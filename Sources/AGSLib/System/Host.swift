internal import Glibc
public import SystemPackage

/// Facts about the host a launch starts from. The library keeps no ambient state:
/// whoever embeds it makes one of these (`Host.current()` in the programs, literal
/// values in tests) and hands it in.
public struct Host: Sendable {
  /// The process environment.
  public var environment: [String: String]
  /// The user's home directory, absolute.
  public var home: FilePath
  /// The user's login name.
  public var userName: String
  public var userID: UInt32
  public var groupID: UInt32
  /// The user's other groups.
  public var supplementaryGroups: [UInt32]
  /// Hard resource limits by podman's names (`core`, `nofile`, `nproc`), where there are any.
  public var hardLimits: [String: UInt64]
  /// Home directories that are no less to be kept from an agent than `home`: the account's
  /// own where `HOME` says another, as root everybody's.
  public var otherHomes: [FilePath]
  /// Where the user stands, absolute and valid UTF-8.
  public var currentDirectory: FilePath
  /// This program's own file, links resolved; its siblings are found from it.
  public var executable: FilePath
  public var standardInputIsTerminal: Bool
  public var standardOutputIsTerminal: Bool

  public init(
    environment: [String: String], home: FilePath, userName: String, userID: UInt32,
    groupID: UInt32, supplementaryGroups: [UInt32] = [], hardLimits: [String: UInt64] = [:],
    currentDirectory: FilePath, executable: FilePath,
    standardInputIsTerminal: Bool = false, standardOutputIsTerminal: Bool = false,
    otherHomes: [FilePath] = []
  ) {
    self.environment = environment
    self.home = home
    self.userName = userName
    self.userID = userID
    self.groupID = groupID
    self.supplementaryGroups = supplementaryGroups
    self.hardLimits = hardLimits
    self.otherHomes = otherHomes
    self.currentDirectory = currentDirectory
    self.executable = executable
    self.standardInputIsTerminal = standardInputIsTerminal
    self.standardOutputIsTerminal = standardOutputIsTerminal
  }

  /// `ags` itself runs as root: there is no rootless podman (3-run "Container flags").
  public var isRoot: Bool { userID == 0 }
}

extension Host {
  /// A variable's value when it is an absolute path, as the XDG base directory
  /// specification asks: relative ones are ignored.
  func absolutePath(_ variable: String) -> FilePath? {
    guard let value = environment[variable], value.hasPrefix("/") else { return nil }
    return FilePath(value).lexicallyNormalized()
  }

  /// `$XDG_CONFIG_HOME/ags`, by default `~/.config/ags`.
  public var configurationDirectory: FilePath {
    (absolutePath("XDG_CONFIG_HOME") ?? home.appending(".config")).appending("ags")
  }

  /// `$XDG_RUNTIME_DIR/ags`, else `/tmp/ags-UID/ags` (3-run "Lifetime").
  public var runtimeDirectory: FilePath {
    (absolutePath("XDG_RUNTIME_DIR") ?? FilePath("/tmp/ags-\(userID)")).appending("ags")
  }
}
