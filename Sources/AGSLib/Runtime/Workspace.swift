public import SystemPackage

/// The directory the agent works in.
public struct Workspace: Sendable, Equatable {
  /// What is mounted, links resolved.
  public var root: FilePath
  /// Where the agent starts: at `root` or below.
  public var workingDirectory: FilePath
  /// Nil outside a repository and with `--here`.
  public var repository: Repository?
  var owner: UInt32
  var group: UInt32
  var mode: UInt32

  /// The whole repository around `directory`, else `directory` itself (3-run "Mounts").
  static func find(
    from directory: FilePath, here: Bool, userID: UInt32
  ) throws -> Workspace {
    let repository = here ? nil : try Repository.find(from: directory, userID: userID)
    guard let standing = ResolvedPath(directory), standing.kind == .directory,
      let root = ResolvedPath(repository?.root ?? directory)
    else {
      throw LaunchError("the current directory \(directory) is gone", hint: "cd to another one")
    }
    return Workspace(
      root: root.path, workingDirectory: standing.path, repository: repository,
      owner: root.owner, group: root.group, mode: root.mode)
  }

  /// For names: `repo` of `/home/me/src/repo`, in the letters a container's name may have.
  var slug: String {
    let parts = (repository?.namingDirectory ?? root).components.suffix(2)
    let text = parts.map(\.string).joined(separator: "-").lowercased()
    let kept = text.unicodeScalars.map { scalar -> Character in
      ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "-"
    }
    let words = String(kept).split(separator: "-").joined(separator: "-")
    return words.isEmpty ? "workspace" : String(words.suffix(40)).trimmedHyphens
  }

  /// What caches of this workspace are kept under: its path's digest.
  var key: String { String(Digest.sha256(Array(root.string.utf8)).prefix(16)) }

  /// The user gets in only through a group of theirs, which the container keeps then.
  func isReachedThroughGroup(by host: Host) -> Bool {
    owner != host.userID && group != host.groupID && mode & 0o005 != 0o005
      && mode & 0o050 == 0o050 && host.supplementaryGroups.contains(group)
  }
}

extension String {
  fileprivate var trimmedHyphens: String {
    String(drop { $0 == "-" })
  }
}
