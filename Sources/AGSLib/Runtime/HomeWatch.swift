internal import AGSWire
internal import CPosix
internal import Glibc
internal import SystemPackage

/// Tells what of agents' homes that makes them run something a session changed: hooks, MCP
/// servers, plugins (3-run "Agents"). It never stops a run.
struct HomeWatch: Sendable, Equatable {
  struct Place: Sendable, Equatable {
    var excerpt: HomeExcerpt
    var location: HomeLocation
  }

  /// By what messages call it: a path of the host, with the setting in it.
  typealias Snapshot = [String: String]

  var places: [Place] = []

  /// - Parameter mounts: only homes among them are looked at.
  init(of agents: [Agent], mounts: [Mount]) {
    for excerpt in agents.flatMap(\.executableSettings) {
      guard let location = HomeLocation(of: excerpt.path, in: mounts) else { continue }
      places.append(Place(excerpt: excerpt, location: location))
    }
  }

  /// A fingerprint of each setting that is there.
  func snapshot() -> Snapshot {
    var found: Snapshot = [:]
    for place in places { add(place, to: &found) }
    return found
  }

  /// What another snapshot says of a setting: one line for the user each.
  static func changes(from before: Snapshot, to after: Snapshot) -> [String] {
    Set(before.keys).union(after.keys).sorted().compactMap { name in
      let (old, new) = (before[name], after[name])
      if old == new { return nil }
      let what = old == nil ? "added" : new == nil ? "removed" : "changed"
      return "the session \(what) \(name), which agents run: look at it before the next run"
    }
  }

  private static let fileLimit = 16 << 20

  private func add(_ place: Place, to found: inout Snapshot) {
    let path = place.location.path.string
    do throws(GitDataError) {
      if case .directory = place.excerpt.content {
        guard let directory = try place.location.directory() else {
          return try addOther(place, to: &found)
        }
        found[path] = try Self.fingerprint(directory)
        return
      }
      guard let bytes = try place.location.read(limit: Self.fileLimit) else {
        return try addOther(place, to: &found)
      }
      guard !bytes.isEmpty else { return }
      switch place.excerpt.content {
      case .file, .directory: found[path] = Digest.sha256(bytes)
      case .json(let settings, let login):
        add(settings + login, of: bytes, at: path, to: &found)
      case .toml(let settings, let login):
        for key in settings + login {
          // What is no TOML any more is a change of all of it.
          guard let kept = SettingsExcerpt.toml(bytes, keys: [key], keepsCommands: true) else {
            found[path] = Digest.sha256(bytes)
            return
          }
          if kept.contains(UInt8(ascii: "=")) {
            found["\(path) (\(key))"] = Digest.sha256(kept)
          }
        }
      }
    } catch {
      // As a difference to what was there before, if it was not so then.
      found[path] = error.summary
    }
  }

  /// The agent inside follows a link that nobody follows here.
  private func addOther(_ place: Place, to found: inout Snapshot) throws(GitDataError) {
    guard let facts = try place.location.facts() else { return }
    found[place.location.path.string] = "\(facts.st_ino) is a link, or of the wrong kind"
  }

  private func add(
    _ members: [String], of bytes: [UInt8], at path: String, to found: inout Snapshot
  ) {
    guard let json = SettingsExcerpt.value(bytes) else {
      found[path] = Digest.sha256(bytes)
      return
    }
    for member in members {
      let values = json.values(at: member.split(separator: ".")).filter { !$0.isEmpty }
      guard !values.isEmpty else { continue }
      found["\(path) (\(member))"] = Digest.sha256(JSONValue.array(values).encoded())
    }
  }

  /// What the entries of a tree are, as the file system tells it: its contents may be large.
  private static func fingerprint(_ directory: DataDirectory) throws(GitDataError) -> String {
    var lines: [String] = []
    try list(directory, below: "", depth: 8, into: &lines)
    return Digest.sha256(Array(lines.sorted().joined(separator: "\n").utf8))
  }

  private static func list(
    _ directory: DataDirectory, below path: String, depth: Int, into lines: inout [String]
  ) throws(GitDataError) {
    for entry in try directory.entries(limit: 10_000) {
      guard lines.count < 10_000, let facts = try directory.facts(entry.name) else { continue }
      let name = path + "/" + entry.name.string
      let isDirectory = entry.kind == .directory
      // A directory's own times change with every look an agent takes at it.
      lines.append(
        isDirectory
          ? "\(name)/"
          : "\(name) \(facts.st_ino) \(facts.st_size) \(facts.st_mode) "
            + "\(facts.st_ctim.tv_sec).\(facts.st_ctim.tv_nsec)")
      if isDirectory, depth > 0, let inner = try directory.directory(entry.name) {
        try list(inner, below: name, depth: depth - 1, into: &lines)
      }
    }
  }
}

extension JSONValue {
  /// Every value at a path of member names; `*` stands for all of them.
  fileprivate func values(at path: [Substring]) -> [JSONValue] {
    guard let name = path.first else { return [self] }
    let rest = Array(path.dropFirst())
    if name == "*" { return (members ?? []).flatMap { $0.value.values(at: rest) } }
    return self[String(name)]?.values(at: rest) ?? []
  }

  /// An empty object or list runs nothing.
  fileprivate var isEmpty: Bool {
    switch self {
    case .null: true
    case .array(let values): values.isEmpty
    case .object(let members): members.isEmpty
    default: false
    }
  }
}
