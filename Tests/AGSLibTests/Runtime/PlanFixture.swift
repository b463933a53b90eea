import AGSTestSupport
import FoundationEssentials
import Glibc
import SystemPackage

@testable import AGSLib

/// A host with a home, a runtime directory and one project in a directory of the test's own:
/// what plans are made from.
struct PlanFixture {
  let root: FilePath
  var host: Host
  var configuration: Configuration
  var podman = PodmanFacts(version: "4.3.1", slirp4netns: "/usr/bin/slirp4netns")
  var shim: ShimInstallation
  var subordinateRanges = ""

  static let session = "0123abcd"

  /// Runs `body` with a fixture standing in `…/project`, an ordinary directory.
  static func with<Result>(
    _ body: (inout PlanFixture) async throws -> Result
  ) async throws -> Result {
    try await withTemporaryDirectory { root in
      var fixture = try PlanFixture(root)
      return try await body(&fixture)
    }
  }

  private init(_ root: FilePath) throws {
    self.root = root
    for name in ["home", "project", "bin"] { try makeDirectory(root.appending(name)) }
    let home = root.appending("home")
    host = Host(
      environment: ["HOME": home.string, "XDG_RUNTIME_DIR": root.appending("run").string],
      home: home, userName: "tester", userID: getuid() == 0 ? 4242 : getuid(),
      groupID: getgid(), currentDirectory: root.appending("project"),
      executable: "/usr/bin/ags")
    configuration = Configuration(home: home)
    try write("shim", to: root.appending("bin/ags-shim"))
    shim = try ShimInstallation(
      candidates: [root.appending("bin/ags-shim")],
      stateDirectory: configuration.sandbox.stateDirectory)
  }

  var project: FilePath { root.appending("project") }
  var home: FilePath { host.home }

  func plan(
    _ request: LaunchRequest = LaunchRequest(agent: "shell"),
    sessionID: String = PlanFixture.session
  ) throws -> LaunchPlan {
    try LaunchPlanner(
      host: host, configuration: configuration, podman: podman, shim: shim,
      subordinateRanges: subordinateRanges
    ).plan(request, sessionID: sessionID)
  }

  /// The project becomes a repository such as git would make, without git.
  func makeRepository() throws { try makeGitDirectory(project.appending(".git")) }

  /// Gives the project, with its repository, to the user.
  func giveProjectToUser() {
    for path in [project, project.appending(".git")] { chown(path.string, host.userID, gid_t.max) }
  }
}

extension LaunchPlan {
  /// Those that are not about keys and git's settings, of which a fixture has none.
  var otherWarnings: [String] {
    warnings.filter { !(identity?.warnings.contains($0) ?? false) }
  }
}

func makeDirectory(_ path: FilePath) throws {
  try FileManager.default.createDirectory(
    atPath: path.string, withIntermediateDirectories: true)
}

func write(_ text: String, to path: FilePath) throws {
  try makeDirectory(path.removingLastComponent())
  try Data(text.utf8).write(to: URL(filePath: path.string))
}

func link(_ path: FilePath, to target: FilePath) throws {
  try makeDirectory(path.removingLastComponent())
  try FileManager.default.createSymbolicLink(
    atPath: path.string, withDestinationPath: target.string)
}

/// What git itself asks of a git directory, and nothing else.
func makeGitDirectory(_ path: FilePath) throws {
  try makeDirectory(path.appending("objects"))
  try makeDirectory(path.appending("refs"))
  try write("ref: refs/heads/main\n", to: path.appending("HEAD"))
}

func exists(_ path: FilePath) -> Bool {
  var facts = stat()
  return lstat(path.string, &facts) == 0
}

/// Permission bits, or nil when nothing is there.
func mode(of path: FilePath) -> UInt32? {
  var facts = stat()
  return lstat(path.string, &facts) == 0 ? facts.st_mode & 0o7777 : nil
}

/// The names in a directory, sorted; empty when it is not there.
func names(in path: FilePath) -> [String] {
  do {
    return try FileManager.default.contentsOfDirectory(atPath: path.string).sorted()
  } catch {
    return []  // tests compare it with what should be there
  }
}

func read(_ path: FilePath) throws -> String {
  String(decoding: try Data(contentsOf: URL(filePath: path.string)), as: UTF8.self)
}

/// What is thrown, as the one line a user sees.
func summary(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return (error as? any DescribedError)?.summary ?? "\(error)"
  }
}
