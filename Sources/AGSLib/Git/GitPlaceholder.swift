internal import CPosix
internal import Glibc
internal import SystemPackage

/// What stands at `.git` on the host while a session works where there is no repository: a git
/// directory of a version that no git takes. Git would pass over an empty one, and then take
/// the workspace itself for a bare repository, which the agent can make of it.
enum GitPlaceholder {
  private static let settings = Array(
    """
    # ags: no git works here while its session does; without one, remove this directory.
    [core]
    \trepositoryformatversion = 999

    """.utf8)

  private static let head: FilePath.Component = "HEAD"
  private static let config: FilePath.Component = "config"
  private static let directories: [FilePath.Component] = ["objects", "refs"]

  /// Whether it is one, half made or half removed ones included.
  static func isOne(_ directory: DataDirectory) throws(GitDataError) -> Bool {
    let entries = try directory.entries(limit: 100_000).map(\.name)
    guard Set(entries).isSubset(of: [head, config] + directories) else { return false }
    guard try directory.facts(config).map({ Int($0.st_size) }) == settings.count,
      try directory.read(config, limit: settings.count) == settings
    else { return false }
    for name in directories {
      guard try directory.directory(name)?.entries(limit: 1000).isEmpty ?? true else {
        return false
      }
    }
    return true
  }

  static func isOne(at path: FilePath) throws(GitDataError) -> Bool {
    guard let directory = try DataDirectory.open(path) else { return false }
    return try isOne(directory)
  }

  /// Fills an empty directory, or a half made one. What says that it is ours comes first.
  static func fill(_ path: FilePath, by copier: DataCopy) throws(GitDataError) {
    guard let directory = try DataDirectory.open(path) else { return }
    for (name, bytes) in [(config, settings), (head, Array("ref: refs/heads/main\n".utf8))]
    where try directory.facts(name) == nil {
      try copier.write(bytes, to: path.appending(name))
    }
    for name in directories { try copier.makeDirectory(path.appending(name)) }
  }

  /// Leaves an empty directory. What says that it is ours goes last.
  static func empty(_ path: FilePath) throws(GitDataError) {
    guard let directory = try DataDirectory.open(path), try isOne(directory) else { return }
    for name in directories {
      name.withPlatformString { _ = unlinkat(directory.descriptor, $0, AT_REMOVEDIR) }
    }
    for name in [head, config] {
      name.withPlatformString { _ = unlinkat(directory.descriptor, $0, 0) }
    }
  }
}
