internal import Glibc
internal import SystemPackage

/// Where something of an agent's home lies on the host. The agent writes there, so it is read
/// below one directory and no link in it is followed.
struct HomeLocation: Sendable, Equatable {
  /// Links resolved.
  var base: FilePath
  /// Below `base`; never empty.
  var components: [FilePath.Component]

  /// The place of `path` in the innermost of `mounts` that are agents' homes; nil where it
  /// is in none of them.
  init?(of path: ContainerPath, in mounts: [Mount]) {
    let holding = mounts.filter { $0.origin.isAgentHome && $0.target.contains(path) }
    guard
      let mount = holding.max(by: {
        $0.target.path.components.count < $1.target.path.components.count
      })
    else { return nil }
    let inner = path.path.components.dropFirst(mount.target.path.components.count)
    if inner.isEmpty {
      guard let name = mount.source.lastComponent else { return nil }
      base = mount.source.removingLastComponent()
      components = [name]
    } else {
      base = mount.source
      components = Array(inner)
    }
  }

  var path: FilePath { base.appending(components) }

  /// The file's bytes; nil when there is no regular file.
  func read(limit: Int) throws(GitDataError) -> [UInt8]? {
    try parent()?.read(components[components.count - 1], limit: limit)
  }

  /// The directory; nil when there is none.
  func directory() throws(GitDataError) -> DataDirectory? {
    try parent()?.directory(components[components.count - 1])
  }

  /// What it is itself, links not followed; nil when it is not there.
  func facts() throws(GitDataError) -> stat? {
    try parent()?.facts(components[components.count - 1])
  }

  /// - Throws: for a link on the way, too: an agent inside may follow it.
  private func parent() throws(GitDataError) -> DataDirectory? {
    guard var here = try DataDirectory.open(base) else { return nil }
    for component in components.dropLast() {
      guard let next = try here.directory(component) else {
        guard try here.facts(component) == nil else {
          throw GitDataError("\(here.path.appending(component)) is a link, or of the wrong kind")
        }
        return nil
      }
      here = next
    }
    return here
  }
}

extension MountOrigin {
  var isAgentHome: Bool {
    switch self {
    case .agentHome, .agentMount: true
    default: false
    }
  }
}
