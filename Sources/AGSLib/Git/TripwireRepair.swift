internal import CPosix
internal import Glibc
internal import SystemPackage

/// Puts one of the host's own git directories back to what it was, as far as git runs or is
/// led by it.
struct TripwireRepair {
  let record: GitTripwire.Record
  let place: GitTripwire.Record.Place
  let now: NestedRepositories

  func run(_ aside: inout GitAside) -> [NestedReport] {
    var reports: [NestedReport] = []
    for part in differences() {
      let path = GitTrapScan.path(part, below: place.path)
      do {
        try repair(path, &aside)
        reports.append(NestedReport(path: path.string, outcome: .restored))
      } catch {
        reports.append(
          NestedReport(path: path.string, outcome: .failed(GitImport.reason(error))))
      }
    }
    return reports
  }

  private func differences() -> [String] {
    let before = record.nested.found[place.root]?[place.key]?.parts ?? [:]
    let after = now.found[place.root]?[place.key]?.parts ?? [:]
    var parts = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
    if hasBrokenHead() { parts.insert("HEAD") }
    return parts.sorted()
  }

  /// HEAD moves in every session; one that git does not take sends it looking elsewhere.
  private func hasBrokenHead() -> Bool {
    guard record.saved[place.path.appending("HEAD")] != nil else { return false }
    do {
      return try DataDirectory.open(place.path).flatMap { try GitReferences.head(of: $0) } == nil
    } catch {
      // Something that cannot be read where a small file was.
      return true
    }
  }

  private func repair(_ path: FilePath, _ aside: inout GitAside) throws {
    guard let name = path.lastComponent else { return }
    let parent = path.removingLastComponent()
    if record.saved[path] != nil { try makeDirectories(to: parent, &aside) }
    let isThere: Void? = try ClosedDirectories.with(parent, below: place.top) {
      if try $0.facts(name) != nil { try aside.move(name, of: $0) }
      guard let saved = record.saved[path], let copied = saved.lastComponent,
        let source = try DataDirectory.open(saved.removingLastComponent())
      else { return }
      var copy = DataCopy(fileLimit: 64 << 20)
      try copy.copy(copied, of: source, to: path)
    }
    // With nothing to put there it is gone, as it has to be.
    if isThere == nil, record.saved[path] != nil {
      throw GitDataError("the directory it was in is gone")
    }
  }

  /// The agent may have removed `hooks` whole, or put a link in its place.
  private func makeDirectories(to parent: FilePath, _ aside: inout GitAside) throws {
    let root = place.top
    var path = place.path
    for name in parent.components.dropFirst(path.components.count) {
      let isThere: Void? = try ClosedDirectories.with(path, below: root) { directory in
        if let facts = try directory.facts(name) {
          if facts.st_mode & S_IFMT == S_IFDIR { return }
          try aside.move(name, of: directory)
        }
        let status = name.withPlatformString { mkdirat(directory.descriptor, $0, 0o755) }
        guard status == 0 else {
          throw GitDataError(
            "cannot make \(path.appending(name))", cause: String(cString: strerror(errno)))
        }
      }
      if isThere == nil { return }
      path.append(name)
    }
  }
}
