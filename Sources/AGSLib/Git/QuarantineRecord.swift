internal import FoundationEssentials
internal import SystemPackage

/// What is remembered of a workspace's repositories when a session starts, so that the same
/// or a later process can take over what an agent did (11-git "Before" 4). It lies beside
/// what is mounted, never in it.
struct QuarantineRecord: Sendable, Equatable, Codable {
  /// Of this layout.
  var version = 1
  var session: String
  /// The workspace.
  var root: FilePath
  /// The workspace's own first, then submodules.
  var repositories: [QuarantinedRepository]
  /// Lockdown: the copies go without an import.
  var isDiscarded: Bool
  /// Places of repositories that are in an index and not in the work tree: the agent gets
  /// directories of its own there, by those paths.
  var standIns: [FilePath: FilePath] = [:]
  /// Places that were not there and are made to be mounted on: gone again if still empty.
  var made: [FilePath] = []
  /// Imports after the session that failed.
  var failures = 0
  /// Imports after the session that were begun, and neither ended nor failed: each was killed.
  var attempts: Int?
  /// Every git directory, file and link below the roots.
  var nested = NestedRepositories()

  /// Nobody tries again without being asked to: what stands in the way stays there.
  var isGivenUp: Bool {
    failures >= Self.failureLimit || (attempts ?? 0) >= Self.attemptLimit
  }

  static let failureLimit = 3
  /// A process may be killed for reasons of its own.
  private static let attemptLimit = 8

  static let fileName = "record.json"

  /// The longest record, in bytes.
  private static let limit = 256 << 20

  /// Nil when there is none.
  static func read(in directory: FilePath) throws -> QuarantineRecord? {
    let path = directory.appending(fileName)
    guard let bytes = try RegularFile.read(path, limit: limit, links: .refused) else {
      return nil
    }
    let record: QuarantineRecord
    do {
      record = try JSONDecoder().decode(QuarantineRecord.self, from: Data(bytes))
    } catch {
      throw GitDataError("\(path) is not a record of this version of ags", cause: "\(error)")
    }
    guard record.version == 1 else {
      throw GitDataError("\(path) was written by another version of ags")
    }
    return record
  }

  /// Puts it in its place whole.
  func write(in directory: FilePath, isDurable: Bool = true) throws {
    try RegularFile.write(
      Array(JSONEncoder().encode(self)), to: directory.appending(Self.fileName),
      existing: .replaced, isDurable: isDurable)
  }
}

/// One repository and the private git directory that stands for it.
struct QuarantinedRepository: Sendable, Equatable, Codable {
  enum Kind: String, Sendable, Codable {
    case workspace
    case submodule
    /// A submodule whose `.git` is a directory.
    case embedded
    /// None when the session started; `.git` was made as a place to mount on.
    case absent
    /// As before, and an import has begun to make one.
    case made
    /// There is one, and the agent gets none (`--here`): nothing is imported.
    case hidden
  }

  var kind: Kind
  /// `main`, or a number: names its objects inside and its files in the record's directory.
  var name: String
  /// The work tree, which reports call it by; the git directory of a bare one.
  var root: FilePath
  /// The host's own git directory, the common one of linked worktrees.
  var hostDirectory: FilePath
  /// What the agent gets in its place.
  var privateDirectory: FilePath
  var format: GitObjectFormat
  /// The `.git` of `root`.
  var marker: GitMarker?
  /// The object directories the host's own borrows from.
  var alternates: [FilePath] = []
  /// A file with those, where the host's own has relative ones that mean nothing inside.
  var alternatesFile: FilePath?
  var references = GitReferences()
  /// Values an import is about to write: after a crash they count as ours.
  var pending: [GitReferenceName: GitObjectID] = [:]
  /// The stash, oldest first.
  var stash: [GitObjectID] = []
  /// The configuration as it was copied, without passwords.
  var configuration = ""
  var worktrees: [QuarantinedWorktree] = []
}

/// A work tree inside the workspace, whose HEAD and index are taken over.
struct QuarantinedWorktree: Sendable, Equatable, Codable {
  /// Below `worktrees/`; nil for the repository's own.
  var name: String?
  /// Nil for a bare repository: no index then.
  var root: FilePath?
  var head: GitHead?
  /// Its `.git` file.
  var marker: GitMarker?
  /// A copy of the index as it was; nil when there was none.
  var index: FilePath?
  /// Merges and the like that had been begun.
  var unfinished: [String] = []

  /// Its own directory in a git directory.
  func directory(in common: FilePath) -> FilePath {
    name.map { common.appending("worktrees").appending($0) } ?? common
  }
}
