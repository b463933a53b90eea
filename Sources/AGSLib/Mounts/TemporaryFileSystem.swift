/// A file system in memory, of a limited size (3-run "Container flags").
public struct TemporaryFileSystem: Sendable, Equatable {
  public var target: ContainerPath
  /// With podman's unit: `64m`.
  public var size: String
  /// Whether programs can be executed from it.
  public var isExecutable: Bool
  /// Everybody may write there, each their own.
  public var isSharedByAll: Bool

  /// What `--lockdown` adds.
  static func lockdown() throws(InvalidValue) -> [TemporaryFileSystem] {
    [
      TemporaryFileSystem(
        target: try ContainerPath("/tmp"), size: "1g", isExecutable: true, isSharedByAll: true),
      TemporaryFileSystem(
        target: try ContainerPath("/var/tmp"), size: "256m", isExecutable: false,
        isSharedByAll: true),
      TemporaryFileSystem(
        target: try ContainerPath("/run"), size: "64m", isExecutable: false,
        isSharedByAll: false),
    ]
  }
}
