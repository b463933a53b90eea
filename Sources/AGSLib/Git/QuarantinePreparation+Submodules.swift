internal import SystemPackage

/// Repositories inside the workspace's own (11-git "Before" 3).
extension QuarantinePreparation {
  /// What the host's git enters when it looks at this work tree.
  mutating func addGitlinks(
    _ index: [UInt8], format: GitObjectFormat, root: FilePath
  ) throws {
    for place in gitlinks(index, format: format, root: root) { try addGitlink(at: place) }
  }

  mutating func gitlinks(
    _ index: [UInt8], format: GitObjectFormat, root: FilePath
  ) -> [FilePath] {
    let links: [[UInt8]]
    do {
      links = try GitIndexFile.gitlinks(index, format: format)
    } catch {
      warnings.append("submodules of \(root) are not found: \(error.summary)")
      return []
    }
    return links.compactMap { link in
      let relative = FilePath(String(decoding: link, as: UTF8.self))
      guard String(validating: link, as: UTF8.self) != nil, relative.isRelative,
        relative.isLexicallyNormal, relative.components.allSatisfy({ $0.kind == .regular })
      else {
        warnings.append("a submodule of \(root) has an odd name, and is not protected")
        return nil
      }
      return root.appending(relative.components)
    }
  }

  private mutating func addGitlink(at place: FilePath) throws {
    guard !record.repositories.contains(where: { $0.root == place }) else { return }
    guard let tree = look(at: place) else { return }
    let marker = GitMarker(at: place.appending(".git"))
    if let marker, marker.isDirectory {
      let target = directory.appending("embedded-\(record.repositories.count)")
      try add(
        .embedded, at: place, host: place.appending(".git"), target: target, marker)
    } else if let marker, marker.isFile {
      if let reason = try addSubmodule(at: place, marker) {
        hold(marker, of: place)
        warnings.append(
          "the submodule \(place) has no git inside, and its .git stays as it is: \(reason)")
      }
    } else if marker == nil {
      try addUncloned(place, tree)
    } else {
      warnings.append("\(place)/.git is no file or directory; the submodule is not protected")
    }
  }

  /// A submodule's work tree: nil, and said, when it cannot be opened; its value is nil when
  /// there is none.
  mutating func look(at place: FilePath) -> DataDirectory?? {
    do {
      return .some(try DataDirectory.open(place))
    } catch {
      warnings.append("the submodule \(place) is not protected: \(error.summary)")
      return nil
    }
  }

  /// Not cloned, or not there at all.
  mutating func addUncloned(_ place: FilePath, _ tree: DataDirectory?) throws {
    let isEmpty = try tree?.entries(limit: 1_000_000).isEmpty ?? true
    try addStandIn(isEmpty ? place : place.appending(".git"))
  }

  /// An empty directory of the session's own.
  mutating func addStandIn(_ place: FilePath) throws {
    guard record.standIns[place] == nil else { return }
    let target = directory.appending("stand-in-\(record.standIns.count + 1)")
    try request.copier.makeDirectory(target)
    record.standIns[place] = target
    try makePlace(place)
  }

  /// The host's git goes where this file leads: neither can be made another one.
  mutating func hold(_ marker: GitMarker, of place: FilePath) {
    held[marker.path] = .file
    guard let line = SmallFile.firstLine(marker.path), line.hasPrefix("gitdir:") else { return }
    let named = String(line.dropFirst(7).drop { $0 == " " })
    held[place.pushing(FilePath(named)).lexicallyNormalized()] = .directory
  }

  /// Makes the directories that are missing up to `place`, for as long as the session.
  private mutating func makePlace(_ place: FilePath) throws {
    var path = request.root
    for component in place.components.dropFirst(request.root.components.count) {
      path.append(component)
      guard GitMarker(at: path) == nil else { continue }
      try request.copier.makeDirectory(path)
      record.made.append(path)
    }
  }

  /// Those with a `.git` file that leads into our repository and that no index has.
  mutating func addUntrackedSubmodules() throws {
    for (root, items) in record.nested.found where root == NestedRepositories.key(request.root) {
      for (place, traps) in items.sorted(by: { $0.key < $1.key }) where traps.kind == .file {
        let path = GitTrapScan.path(place, below: request.root)
        let tree = path.removingLastComponent()
        guard tree != request.root, path.lastComponent == ".git",
          !record.repositories.contains(where: { $0.root == tree }), held[path] == nil,
          let marker = GitMarker(at: path)
        else { continue }
        if let reason = try addSubmodule(at: tree, marker), reason != Self.elsewhere {
          warnings.append("the repository at \(tree) is left alone: \(reason)")
        }
      }
    }
  }

  private static let elsewhere = "its git directory is not in the outer repository"

  /// One whose git directory is in our repository's `modules/`, pointing back. Any other
  /// `.git` file leads to what the agent does not get.
  /// - Returns: why it is left alone; nil when it is not.
  private mutating func addSubmodule(at place: FilePath, _ marker: GitMarker) throws -> String? {
    let found: Repository?
    do {
      found = try Repository.find(from: place, userID: request.userID)
    } catch {
      return error.summary
    }
    guard let found, found.root == place, found.kind == .submodule,
      let outer = record.repositories.first(where: {
        found.gitDirectory.starts(with: $0.hostDirectory)
      })
    else { return Self.elsewhere }
    var relative = found.gitDirectory
    guard relative.removePrefix(outer.hostDirectory), !relative.isEmpty else {
      return Self.elsewhere
    }
    var target = outer.privateDirectory
    for component in relative.components.dropLast() {
      target.append(component)
      try request.copier.makeDirectory(target)
    }
    try add(
      .submodule, at: place, host: found.gitDirectory,
      target: outer.privateDirectory.appending(relative.components), marker)
    return nil
  }

  private mutating func add(
    _ kind: QuarantinedRepository.Kind, at place: FilePath, host: FilePath, target: FilePath,
    _ marker: GitMarker
  ) throws {
    let source = try open(host)
    let position = record.repositories.count
    let copy = try PrivateRepository(
      of: source, at: target, borrowingFrom: request.guestObjects.appending("\(position)"),
      by: request.copier)
    record.repositories.append(
      QuarantinedRepository(
        kind: kind, name: "\(position)", root: place, hostDirectory: host,
        privateDirectory: target, format: copy.format, marker: marker))
    try finish(position, copy)
    try addWorktree(nil, root: place, of: source, to: position)
  }
}
