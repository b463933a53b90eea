public import SystemPackage

/// `[auth_proxy]` (2-config).
public struct AuthProxySection: Sendable, Equatable {
  public var autoAllowDomains: [HostPattern] = []
  public init() {}
}

/// `[browser]` (2-config, 3-run "--browser").
public struct BrowserSection: Sendable, Equatable {
  public var enabled = false
  /// Present when enabled.
  public var command: HostProgram?
  /// Present when enabled.
  public var profileDirectory: FilePath?
  public var debugPort: UInt16 = 9222
  /// Inside the container; pi gets it with `--skill`.
  public var piSkillPath: ContainerPath?
  public var commandArguments: [String] = []
  public init() {}
}

public enum RendererKind: String, Sendable, CaseIterable {
  case process
  case stub
}

public enum LogLevel: String, Sendable, CaseIterable {
  case error
  case warn
  case info
  case debug
  case trace
}

/// `[host_ui]` (2-config).
public struct HostUISection: Sendable, Equatable {
  public var enabled = false
  public var renderer = RendererKind.process
  /// Present when enabled with the renderer `process`.
  public var rendererCommand: HostCommand?
  public var overlays = false
  /// Zero: never.
  public var idleTimeout = Duration.zero
  public var logLevel = LogLevel.info
  /// Another host-UI service with the same protocol.
  public var binary: HostProgram?
  public init() {}
}

public enum ClipboardMode: String, Sendable, CaseIterable {
  case off
  case read
  case readWrite = "readwrite"
}

/// `[clipboard]` (2-config).
public struct ClipboardSection: Sendable, Equatable {
  public var enabled = true
  public var mode = ClipboardMode.readWrite
  public var maxBytes = 33_554_432
  public var approvalRequired = true
  /// How long one approval holds.
  public var approvalDuration = Duration.seconds(300)
  public var approveWrites = false
  public init() {}
}

public enum GitMode: String, Sendable, CaseIterable {
  case quarantine
  case direct
}

/// `[git]` (11-git).
public struct GitSection: Sendable, Equatable {
  public var mode = GitMode.quarantine
  public init() {}
}

/// `[desktop_passthrough]` (2-config).
public struct DesktopPassthroughSection: Sendable, Equatable {
  public var wayland = false
  public init() {}
}

/// `[psp]`: podman-socket-proxy (2-config, 3-run "--psp").
public struct PSPSection: Sendable, Equatable {
  public var binary = HostProgram.name("psp")
  public init() {}
}

/// `[update]` (2-config).
public struct UpdateSection: Sendable, Equatable {
  /// The package pi is installed from; the legacy name is already replaced.
  public var piSpec = "@earendil-works/pi-coding-agent"
  public var minimumReleaseAge = Duration.seconds(1440 * 60)
  public init() {}
}
