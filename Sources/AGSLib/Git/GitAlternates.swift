internal import SystemPackage

/// The object directories a host's repository borrows from, with those they borrow from.
enum GitAlternates {
  /// - Returns: absolute paths, each once, and whether a file among them has relative ones,
  ///   which mean something else where it is mounted.
  static func of(_ objects: FilePath) -> (directories: [FilePath], hasRelative: Bool) {
    var found: [FilePath] = []
    var hasRelative = false
    var pending = [objects]
    // As deep as git goes.
    for _ in 0..<5 {
      let level = pending
      pending = []
      for directory in level {
        let text = SmallFile.text(directory.appending("info/alternates")) ?? ""
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
          let named = FilePath(String(line))
          if named.isRelative { hasRelative = true }
          guard let path = ResolvedPath(directory.pushing(named).lexicallyNormalized()),
            path.kind == .directory, path.path != objects, !found.contains(path.path)
          else { continue }
          found.append(path.path)
          pending.append(path.path)
        }
      }
    }
    return (found, hasRelative)
  }
}
