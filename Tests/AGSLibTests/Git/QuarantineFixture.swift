import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// A repository with a quarantine, and an agent that works on it: git is run in the private
/// directory, as the mounts make it in a container.
struct QuarantineFixture {
  let git: GitFixture
  /// The workspace.
  var work: FilePath
  var state: FilePath { git.root.appending("state") }
  /// Where objects are "inside".
  var guest: FilePath { git.root.appending("guest") }
  var canary: FilePath { git.root.appending("canary") }

  static let session = "0123abcd"

  /// Runs `body` with a repository of three files and two commits in `…/work`.
  static func with(
    arguments: [String] = [], _ body: (inout QuarantineFixture) async throws -> Void
  ) async throws {
    try await GitFixture.with { git in
      var fixture = QuarantineFixture(git: git, work: git.root.appending("work"))
      try await RepositoryTemplate.shared.make(fixture.work, arguments, with: git)
      try await body(&fixture)
    }
  }

  /// The same with a cloned submodule, whose work tree `body` gets too.
  static func withSubmodule(
    at place: String, _ body: (inout QuarantineFixture, FilePath) async throws -> Void
  ) async throws {
    try await with { fixture in
      let library = try await fixture.git.repository("library")
      try await fixture.host("submodule", "--quiet", "add", library.string, place)
      try await fixture.host("commit", "-q", "-m", "with library")
      try await body(&fixture, fixture.work.pushing(FilePath(place)))
    }
  }

  func request(session: String = session) throws -> GitQuarantine.Request {
    GitQuarantine.Request(
      session: session, root: work, userID: getuid(),
      repository: try Repository.find(from: work, userID: getuid()), guestObjects: guest)
  }

  func prepare(session: String = session) throws -> GitQuarantine {
    let quarantine = try GitQuarantine.prepare(try request(session: session), in: state)
    try makeDirectory(guest)
    // What the mounts do inside.
    for mount in try quarantine.mounts(guestObjects: guest)
    where mount.origin == .gitObjects && mount.target.path.starts(with: guest) {
      guard !exists(mount.target.path) else { continue }
      try link(mount.target.path, to: mount.source)
    }
    return quarantine
  }

  /// What the programs do when the container is gone, or during the session.
  @discardableResult
  func take(
    _ quarantine: GitQuarantine, at moment: GitImport.Moment = .afterSession
  ) async throws -> GitImportReport {
    try await GitImport.run(quarantine.directory, at: moment, git: try hostGit())
  }

  func hostGit(_ runner: any CommandRunner = SubprocessRunner()) throws -> HostGit {
    HostGit(
      host: Host(
        environment: ["PATH": "/usr/bin:/bin"], home: git.root, userName: "tester",
        userID: getuid(), groupID: getgid(), currentDirectory: work,
        executable: "/usr/bin/ags"), runner: runner)
  }

  /// git inside: on the private directory, with the workspace as work tree.
  @discardableResult
  func inside(_ quarantine: GitQuarantine, _ arguments: String...) async throws -> [String] {
    try await inside(quarantine, arguments).lines
  }

  func inside(
    _ quarantine: GitQuarantine, _ arguments: [String], directory: FilePath? = nil,
    tree: FilePath? = nil
  ) async throws -> ProgramOutcome {
    let own = directory ?? quarantine.record.repositories[0].privateDirectory
    var call = git.call(arguments, in: tree ?? work)
    call.environment["GIT_DIR"] = own.string
    call.environment["GIT_WORK_TREE"] = (tree ?? work).string
    call.environment["GIT_EDITOR"] = "true"
    return try await call.runOrThrow()
  }

  /// git of the user on the host, whose lines are returned.
  @discardableResult
  func host(_ arguments: String..., in directory: FilePath? = nil) async throws -> [String] {
    try await git.git(arguments: arguments, in: directory ?? work).lines
  }

  /// What the user sees of the repository.
  func picture(_ directory: FilePath? = nil) async throws -> [String] {
    let tree = directory ?? work
    let heads = try await host(
      "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags",
      "refs/notes", in: tree)
    let head = try read(await gitDirectory(of: tree).appending("HEAD"))
    let index = try await host("ls-files", "-s", in: tree)
    return heads + [head] + index + (try await host("status", "--porcelain=v2", in: tree))
  }

  func pictureInside(_ quarantine: GitQuarantine) async throws -> [String] {
    let heads = try await inside(
      quarantine, "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags",
      "refs/notes")
    let own = quarantine.record.repositories[0].privateDirectory
    let head = try read(own.appending("HEAD"))
    let index = try await inside(quarantine, "ls-files", "-s")
    return heads + [head] + index
      + (try await inside(quarantine, "status", "--porcelain=v2"))
  }

  private func gitDirectory(of tree: FilePath) async throws -> FilePath {
    FilePath(try await host("rev-parse", "--absolute-git-dir", in: tree)[0])
  }

  /// A command that leaves a file behind when it runs.
  var trap: String { "touch \(canary)" }
  var canaryFired: Bool { exists(canary) }
}
