import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// A directory in which real git makes repositories, with nobody's settings.
struct GitFixture {
  let root: FilePath

  static func with(_ body: (GitFixture) async throws -> Void) async throws {
    try await withTemporaryDirectory { try await body(GitFixture(root: $0)) }
  }

  @discardableResult
  func git(
    _ arguments: String..., in directory: FilePath, more: [String] = []
  ) async throws -> ProgramOutcome {
    try await git(arguments: arguments + more, in: directory)
  }

  @discardableResult
  func git(arguments: [String], in directory: FilePath) async throws -> ProgramOutcome {
    try await call(arguments, in: directory).runOrThrow()
  }

  /// Not run yet.
  func call(_ arguments: [String], in directory: FilePath) -> ProgramCall {
    let settings = [
      "user.name=tester", "user.email=tester@example.org", "protocol.file.allow=always",
      "init.defaultBranch=main", "advice.detachedHead=false",
    ]
    return ProgramCall(
      program: "/usr/bin/git", arguments: settings.flatMap { ["-c", $0] } + arguments,
      environment: [
        "PATH": "/usr/bin:/bin", "HOME": root.string, "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C",
      ], directory: directory)
  }

  /// What a script prints.
  @discardableResult
  func shell(_ script: String, in directory: FilePath) async throws -> [String] {
    try await ProgramCall(
      program: "/bin/sh", arguments: ["-ec", script], environment: ["PATH": "/usr/bin:/bin"],
      directory: directory
    ).runOrThrow().lines
  }

  /// A repository with one commit.
  func repository(_ name: String) async throws -> FilePath {
    let path = root.appending(name)
    try makeDirectory(path)
    try await git("init", "-q", in: path)
    try await git("commit", "-q", "--allow-empty", "-m", "first", in: path)
    return path
  }

  func refusal(at directory: FilePath) -> String? {
    do throws(RepositoryError) {
      _ = try Repository.find(from: directory, userID: getuid())
      return nil
    } catch {
      return error.summary
    }
  }
}
