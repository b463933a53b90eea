internal import CPosix
internal import Glibc
internal import SystemPackage

/// What a lockdown run sees of its agent's home: copies of what an allow-list names, made in
/// the session's own home and gone with it (3-run "--lockdown").
struct LockdownHome: Sendable, Equatable {
  struct Copy: Sendable, Equatable {
    var excerpt: HomeExcerpt
    var source: HomeLocation
  }

  var copies: [Copy] = []

  init() {}

  /// - Parameter mounts: the agent's homes as another run would mount them.
  init(of agent: Agent, mounts: [Mount], withLogin: Bool) {
    copies = agent.lockdownCopies.compactMap { excerpt in
      guard let kept = withLogin ? excerpt : excerpt.withoutLogin(),
        let source = HomeLocation(of: excerpt.path, in: mounts)
      else { return nil }
      return Copy(excerpt: kept, source: source)
    }
  }

  /// Makes the copies below `home`, which nobody but `ags` has been able to write yet.
  /// - Parameter owner: whom they are given to; nil for whoever runs `ags`.
  /// - Returns: a line for each that was left out though something was there.
  func write(below home: FilePath, owner: (uid: UInt32, gid: UInt32)?) throws -> [String] {
    var writer = HomeWriter(home: home, owner: owner)
    var warnings: [String] = []
    for copy in copies {
      do {
        if let reason = try writer.copy(copy) { warnings.append(reason) }
      } catch let error as GitDataError {
        warnings.append(error.summary)
      }
    }
    return warnings.map { "not copied into the lockdown home: \($0)" }
  }
}

/// Writes the copies, within limits: an agent decided how much there is.
private struct HomeWriter {
  let home: FilePath
  let owner: (uid: UInt32, gid: UInt32)?
  private var filesLeft = 2000
  private var bytesLeft = 32 << 20
  private static let depth = 8
  private static let fileLimit = 16 << 20

  init(home: FilePath, owner: (uid: UInt32, gid: UInt32)?) {
    self.home = home
    self.owner = owner
  }

  /// - Returns: why not, where something was there.
  mutating func copy(_ copy: LockdownHome.Copy) throws -> String? {
    let inner = Array(copy.excerpt.path.path.components.dropFirst(2))
    let source = copy.source
    if case .directory = copy.excerpt.content {
      guard let directory = try source.directory() else { return try other(source) }
      let isWhole = try copyDirectory(directory, to: inner, depth: Self.depth)
      return isWhole ? nil : "a part of \(source.path), which is larger than settings are"
    }
    guard let bytes = try source.read(limit: Self.fileLimit) else { return try other(source) }
    let kept: [UInt8]?
    switch copy.excerpt.content {
    case .file, .directory: kept = bytes
    case .json(let settings, let login):
      kept = SettingsExcerpt.json(bytes, members: settings + login)
    case .toml(let settings, let login):
      kept = SettingsExcerpt.toml(bytes, keys: settings + login)
    }
    // A program that makes an empty file and fills it later.
    guard let kept else { return bytes.isEmpty ? nil : "\(source.path), which cannot be read" }
    guard try write(kept, to: inner, isExecutable: false) else {
      return "\(source.path): there is too much to copy"
    }
    return nil
  }

  private func other(_ source: HomeLocation) throws -> String? {
    try source.facts() == nil ? nil : "\(source.path): it is a link, or of the wrong kind"
  }

  private mutating func copyDirectory(
    _ directory: DataDirectory, to path: [FilePath.Component], depth: Int
  ) throws -> Bool {
    guard depth > 0 else { return false }
    try makeDirectory(path)
    for entry in try directory.entries(limit: 10_000) {
      switch entry.kind {
      case .directory:
        guard let inner = try directory.directory(entry.name) else { continue }
        guard try copyDirectory(inner, to: path + [entry.name], depth: depth - 1) else {
          return false
        }
      case .file:
        guard let bytes = try directory.read(entry.name, limit: Self.fileLimit) else { continue }
        let isExecutable = try directory.facts(entry.name).map { $0.st_mode & 0o100 != 0 } ?? false
        guard try write(bytes, to: path + [entry.name], isExecutable: isExecutable) else {
          return false
        }
      case .link, .other: continue
      }
    }
    return true
  }

  private mutating func write(
    _ bytes: [UInt8], to path: [FilePath.Component], isExecutable: Bool
  ) throws -> Bool {
    guard filesLeft > 0, bytesLeft >= bytes.count else { return false }
    filesLeft -= 1
    bytesLeft -= bytes.count
    try makeDirectory(path.dropLast())
    let file = home.appending(path)
    try RegularFile.write(
      bytes, to: file, mode: isExecutable ? 0o700 : 0o600, existing: .replaced,
      isDurable: false)
    give(file)
    return true
  }

  private func makeDirectory(_ path: [FilePath.Component]) throws {
    var directory = home
    for component in path {
      directory.append(component)
      guard mkdir(directory.string, 0o700) == 0 || errno == EEXIST else {
        throw FileError(
          summary: "cannot make \(directory)", cause: String(cString: strerror(errno)))
      }
      give(directory)
    }
  }

  private func give(_ path: FilePath) {
    if let owner { lchown(path.string, owner.uid, owner.gid) }
  }
}
