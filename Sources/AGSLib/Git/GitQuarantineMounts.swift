internal import SystemPackage

/// What is mounted over the workspace so that an agent works on its own git directories
/// (11-git "Mounts over the workspace"): in order, the outer ones first.
struct GitQuarantineMounts {
  private(set) var mounts: [Mount] = []
  /// The directory that lies in mounts already and need not be bound on itself.
  private let root: FilePath

  /// - Parameters:
  ///   - executed: paths inside the workspace that the user's configuration runs or reads.
  ///   - guestObjects: where objects are inside.
  static func of(
    _ record: QuarantineRecord, executed: [GitExecutedPath], guestObjects: FilePath
  ) throws -> [Mount] {
    var mounts = GitQuarantineMounts(root: record.root)
    for repository in record.repositories {
      try mounts.add(repository, guestObjects: guestObjects)
    }
    for (place, target) in record.standIns.sorted(by: { $0.key.string < $1.key.string }) {
      try mounts.addParents(of: place)
      try mounts.add(target, at: place, .readWrite)
    }
    for path in executed {
      try mounts.addParents(of: path.path)
      try mounts.add(
        path.standIn ?? path.path, at: path.path, .readOnly, kind: path.kind, .gitGuard)
    }
    return mounts.mounts
  }

  private init(root: FilePath) { self.root = root }

  private mutating func add(
    _ repository: QuarantinedRepository, guestObjects: FilePath
  ) throws {
    switch repository.kind {
    case .workspace, .absent, .made, .embedded:
      try addParents(of: repository.hostDirectory)
      try add(repository.privateDirectory, at: repository.hostDirectory, .readWrite)
    case .hidden:
      if repository.marker?.isFile == true {
        let file = repository.privateDirectory.removingLastComponent().appending("main.file")
        try add(file, at: repository.hostDirectory, .readOnly, kind: .file)
      } else {
        try add(repository.privateDirectory, at: repository.hostDirectory, .readWrite)
      }
      return
    case .submodule: break
    }
    guard ![.absent, .made].contains(repository.kind) else { return }
    try addMarker(repository.marker)
    for worktree in repository.worktrees { try addMarker(worktree.marker) }
    try addObjects(of: repository, guestObjects)
  }

  /// A `.git` file cannot be replaced, nor what it is in be renamed.
  private mutating func addMarker(_ marker: GitMarker?) throws {
    guard let marker, marker.isFile else { return }
    try addParents(of: marker.path)
    try add(marker.path, at: marker.path, .readOnly, kind: .file, .gitGuard)
  }

  private mutating func addObjects(
    of repository: QuarantinedRepository, _ guestObjects: FilePath
  ) throws {
    let host = repository.hostDirectory
    let guest = guestObjects.appending(repository.name)
    try add(host.appending("objects"), at: guest, .readOnly, .gitObjects)
    if let file = repository.alternatesFile {
      try add(file, at: guest.appending("info/alternates"), .readOnly, kind: .file, .gitObjects)
    }
    for directory in repository.alternates {
      try add(directory, at: directory, .readOnly, .gitObjects)
    }
    // git-lfs looks beside the objects a repository borrows.
    let large = host.appending("lfs")
    if repository.name == "main", GitMarker(at: large)?.isDirectory == true {
      try add(large, at: guestObjects.appending("lfs"), .readOnly, .gitObjects)
    }
  }

  /// Every directory between the workspace's root and `path` becomes a mount, which nobody
  /// inside can rename or remove.
  private mutating func addParents(of path: FilePath) throws {
    guard path.starts(with: root) else { return }
    var parent = root
    for component in path.components.dropFirst(root.components.count).dropLast() {
      parent.append(component)
      try add(parent, at: parent, .readWrite, .gitGuard)
    }
  }

  private mutating func add(
    _ source: FilePath, at place: FilePath, _ mode: MountMode, kind: MountKind = .directory,
    _ origin: MountOrigin = .gitDirectory
  ) throws {
    let target = try ContainerPath(place.string)
    // The same parent of two submodules, or objects that two repositories borrow.
    guard !mounts.contains(where: { $0.target == target }) else { return }
    mounts.append(
      Mount(source: source, target: target, mode: mode, kind: kind, origin: origin))
  }
}
