import Glibc
import Synchronization
public import SystemPackage

/// A directory of one test's own, owned by the fixture's user, removed with `remove()`.
public struct Workspace: Sendable {
  public let path: FilePath
  private let fixture: SandboxFixture

  private static let count = Mutex(0)

  /// Makes an empty directory. `name` is its last path part and may hold any character
  /// but a slash.
  public init(_ fixture: SandboxFixture, named name: String = "project") async throws {
    let number = Self.count.withLock { count in
      count += 1
      return count
    }
    self.fixture = fixture
    path = fixture.root.appending("work/\(getpid())-\(number)").appending(name)
    try await fixture.call("/bin/mkdir", ["-p", "--", path.string]).runOrThrow()
  }

  /// Makes a git repository with one commit of one file, `README`.
  public static func repository(
    _ fixture: SandboxFixture, named name: String = "project"
  ) async throws -> Workspace {
    let workspace = try await Workspace(fixture, named: name)
    try await fixture.shell(
      """
      git init -q -b main .
      echo hello >README
      git add README
      git -c user.name=tester -c user.email=tester@example.org commit -q -m 'first commit'
      """, in: workspace.path)
    return workspace
  }

  /// Removes it, with the files that a sandbox left of other ids.
  public func remove() async throws {
    let parent = path.removingLastComponent()
    let removal = ["rm", "-rf", "--", parent.string]
    // Root needs no namespace for it, and podman would give it none.
    let words = fixture.userID == 0 ? removal : ["podman", "unshare"] + removal
    try await fixture.call(words[0], Array(words.dropFirst()), in: fixture.root).runOrThrow()
  }
}

/// Runs `body` with a repository of its own and removes that afterwards.
public func withRepository(
  _ fixture: SandboxFixture, named name: String = "project",
  _ body: (FilePath) async throws -> Void
) async throws {
  let workspace = try await Workspace.repository(fixture, named: name)
  do {
    try await body(workspace.path)
  } catch {
    try await workspace.remove()
    throw error
  }
  try await workspace.remove()
}

extension ProgramCall {
  /// Runs it; any status but 0 is the test's failure.
  @discardableResult
  public func runOrThrow() async throws -> ProgramOutcome {
    let outcome = try await run()
    guard outcome.status == 0 else {
      throw FailedPreparation(
        script: ([program.string] + arguments).joined(separator: " "), outcome: outcome)
    }
    return outcome
  }
}
