internal import FoundationEssentials
internal import SystemPackage

/// Direct mode (11-git): the agent writes the real git directory. What in there could make
/// the host's git run something is remembered before a session and compared after it; a
/// difference is moved aside and what was there put back.
///
/// It finds, and does not prevent: git that the user or a prompt runs in the meantime has
/// already done what the agent wrote.
struct GitTripwire {
  struct Record: Sendable, Equatable, Codable {
    var session: String
    /// The workspace.
    var root: FilePath
    /// The git directories that are the host's own, the common one and what is in it.
    var hostDirectory: FilePath
    var marker: GitMarker?
    var nested: NestedRepositories
    /// Copies of what is compared, by the path it was at.
    var saved: [FilePath: FilePath]
  }

  static let fileName = "tripwire.json"

  /// Remembers, in the session's directory.
  /// - Parameter roots: the workspace and every other directory the agent can write.
  /// - Returns: what to say of the others.
  @discardableResult
  static func set(
    session: String, on repository: Repository, roots: [FilePath], in stateDirectory: FilePath
  ) throws -> [String] {
    let directory = GitQuarantine.directory(of: session, in: stateDirectory)
    try PrivateDirectory.makeAll(directory)
    let host = repository.commonDirectory
    var all = roots
    if !roots.contains(where: { host.starts(with: $0) }) { all.append(host) }
    let nested = try NestedRepositories.scan(all, skipping: [])
    var others = nested
    others.found[host.string] = nil
    var record = Record(
      session: session, root: repository.root, hostDirectory: host,
      marker: GitMarker(at: repository.root.appending(".git")), nested: nested, saved: [:])
    for place in record.places {
      for part in place.parts + ["HEAD"] {
        let path = GitTrapScan.path(part, below: place.path)
        guard let name = path.lastComponent,
          let parent = try DataDirectory.open(path.removingLastComponent()),
          try parent.facts(name) != nil
        else { continue }
        let target = directory.appending("saved-\(record.saved.count + 1)")
        var copy = DataCopy(fileLimit: 64 << 20)
        try copy.copy(name, of: parent, to: target)
        // A link cannot be copied, and need not be: an unchanged one stays.
        if GitMarker(at: target) != nil { record.saved[path] = target }
      }
    }
    try RegularFile.write(
      Array(JSONEncoder().encode(record)), to: directory.appending(fileName), existing: .replaced,
      isDurable: false)
    return others.warnings(outside: repository.root)
  }

  /// The workspace of a session that is remembered in `directory`; nil for none.
  static func workspace(of directory: FilePath) throws -> FilePath? {
    let path = directory.appending(fileName)
    guard let bytes = try RegularFile.read(path, limit: 256 << 20, links: .refused) else {
      return nil
    }
    return try JSONDecoder().decode(Record.self, from: Data(bytes)).root
  }

  /// Compares, repairs and removes what was remembered. Can be repeated.
  static func check(_ directory: FilePath) throws -> [NestedReport] {
    let path = directory.appending(fileName)
    guard let bytes = try RegularFile.read(path, limit: 256 << 20, links: .refused) else {
      throw GitDataError("there is no record of a session in \(directory)")
    }
    let record = try JSONDecoder().decode(Record.self, from: Data(bytes))
    let now = try NestedRepositories.scan(record.nested.roots, skipping: [])
    var aside = try GitAside(directory.appending("aside"), session: record.session)
    var reports: [NestedReport] = []
    for unreadable in now.unreadable(since: record.nested) {
      reports.append(
        NestedReport(path: unreadable.string, outcome: .failed("it cannot be looked into")))
    }
    let isSame = record.marker?.isUnchanged ?? true
    if !isSame, let marker = record.marker {
      reports.append(
        NestedReport(path: marker.path.string, outcome: .failed("it is another one than before")))
    }
    let known = isSame ? record.places : []
    for place in known {
      reports += TripwireRepair(record: record, place: place, now: now).run(&aside)
    }
    let others = record.nested.changes(to: now).filter { change in
      !known.contains { $0.path == change.path }
    }
    reports += NestedDisarming.disarm(
      others, modules: isSame ? [record.hostDirectory.appending("modules")] : [], aside: aside)
    if reports.allSatisfy({ !$0.isFailure }) { GitQuarantine.remove(directory) }
    return reports.sorted { $0.path < $1.path }
  }
}

extension GitTripwire.Record {
  struct Place {
    /// As the scan writes it.
    var root: String
    var top: FilePath
    var key: String
    var path: FilePath
    var parts: [String]
  }

  /// The git directories in the host's own one, that itself included, as they were.
  var places: [Place] {
    nested.found.flatMap { root, items in
      items.compactMap { key, traps -> Place? in
        guard traps.kind == .directory else { return nil }
        let top = GitTrapScan.path(root, below: FilePath("/"))
        let path = GitTrapScan.path(key, below: top)
        guard path.starts(with: hostDirectory) else { return nil }
        return Place(
          root: root, top: top, key: key, path: path, parts: traps.parts.keys.sorted())
      }
    }.sorted { $0.path.string < $1.path.string }
  }
}

extension NestedReport {
  /// Whether it is still there.
  var isFailure: Bool {
    if case .failed = outcome { true } else { false }
  }
}
