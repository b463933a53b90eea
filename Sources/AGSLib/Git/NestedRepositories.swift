internal import Glibc
internal import SystemPackage

/// Every git directory, `.git` file and link below the directories an agent can write, with
/// digests of what in them could make the host's git do something (11-git "After" 2).
struct NestedRepositories: Sendable, Equatable, Codable {
  /// By root, then by path below it, both as `GitTrapScan.text` writes them.
  var found: [String: [String: GitTraps]] = [:]
  /// What could not be looked into.
  var unreadable: [FilePath] = []

  /// - Parameter skipped: git directories that are quarantined, and not the agent's.
  static func scan(
    _ roots: [FilePath], skipping skipped: Set<FilePath>
  ) throws(GitDataError) -> NestedRepositories {
    var repositories = NestedRepositories()
    for root in roots {
      let scan = try GitTrapScan.scan(root, skipping: skipped)
      repositories.found[key(root)] = scan.found
      repositories.unreadable += scan.unreadable
    }
    return repositories
  }

  /// What `found` has for `root`.
  static func key(_ root: FilePath) -> String {
    GitTrapScan.text(
      root.withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) })
  }

  /// The directories that were looked through.
  var roots: [FilePath] {
    found.keys.sorted().map { GitTrapScan.path($0, below: FilePath("/")) }
  }

  /// What could be looked into before, or was not there.
  func unreadable(since before: NestedRepositories) -> [FilePath] {
    let known = Set(before.unreadable)
    return unreadable.filter { !known.contains($0) }
  }

  /// What is new or different now, the deepest places first, so that a directory is moved
  /// after what is in it.
  func changes(to now: NestedRepositories) -> [Change] {
    var changes: [Change] = []
    for (root, items) in now.found {
      for (place, traps) in items {
        let before = found[root]?[place]
        let parts = traps.parts.filter {
          before?.kind != traps.kind || before?.parts[$0.key] != $0.value
        }
        guard !parts.isEmpty || before == nil && traps.kind != .directory else { continue }
        changes.append(
          Change(
            root: GitTrapScan.path(root, below: FilePath("/")), place: place, traps: traps,
            parts: parts.keys.sorted(),
            isNew: before == nil))
      }
    }
    return changes.sorted {
      ($0.root.string, $0.place) > ($1.root.string, $1.place)
    }
  }

  struct Change: Equatable {
    var root: FilePath
    /// Below the root, as `GitTrapScan.text` writes it.
    var place: String
    var traps: GitTraps
    /// Those that are new or different, sorted.
    var parts: [String]
    var isNew: Bool

    var path: FilePath { GitTrapScan.path(place, below: root) }

    /// The part's own path.
    func path(of part: String) -> FilePath { GitTrapScan.path(part, below: path) }
  }
}
