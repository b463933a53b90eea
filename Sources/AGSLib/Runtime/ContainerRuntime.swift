public import SystemPackage

/// What a launch needs of a container engine besides running the container itself,
/// which `Session` does with the engine's program on the user's terminal.
public protocol ContainerRuntime: Sendable {
  /// The engine's program.
  var executable: FilePath { get }
  /// The environment it is started with: an allow-list.
  var environment: [String: String] { get }
  /// Cached unless something about the program changed.
  func facts() async throws -> PodmanFacts
  func imageExists(_ image: String) async throws -> Bool
  /// The image's labels; nil where there is no such image.
  func imageLabels(_ image: String) async throws -> [String: String]?
  /// Kills and removes; a container that is not there is fine.
  /// - Returns: whether there was one.
  @discardableResult
  func removeContainer(_ name: String) async throws -> Bool
}

/// Podman could not do what was asked.
public struct PodmanError: DescribedError {
  public var summary: String
  public var cause: String?
  public var hint: String?
  public var exitStatus: ExitStatus { .podman }
}
