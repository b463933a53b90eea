internal import SystemPackage

extension NestedRepositories {
  /// What is to be said of directories outside the workspace that the agent can write: their
  /// git directories are the real ones.
  func warnings(outside root: FilePath) -> [String] {
    found.keys.sorted().filter { !FilePath($0).starts(with: root) }.compactMap { added in
      let places = (found[added] ?? [:]).filter { $0.value.kind == .directory }.keys
      if places.contains("") || places.contains(".git") {
        return "\(added) is a repository; its git directory is the agent's to write until the "
          + "session ends: run no git there"
      }
      // What is in a git directory belongs to that.
      let outer = places.filter { place in
        var above = FilePath(place)
        while above.removeLastComponent(), !above.isEmpty {
          if places.contains(above.string) { return false }
        }
        return true
      }
      guard let first = outer.min() else { return nil }
      let example = TerminalText.escaped(String(first.prefix(300)))
      return "\(added) has repositories (\(outer.count), such as \(example)); their git "
        + "directories are the agent's to write until the session ends: run no git there"
    }
  }
}
