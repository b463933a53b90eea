internal import Glibc
internal import SystemPackage

/// Takes the teeth out of repositories that an agent made or changed below the workspace,
/// before any git of the host's looks at the work tree (11-git "After" 2). They stay usable.
struct NestedDisarming {
  /// The host's own `modules/` directories, into which a submodule's `.git` file may lead.
  var modules: [FilePath]
  private var aside: GitAside
  private(set) var report: [NestedReport] = []

  init(modules: [FilePath], aside: GitAside) {
    self.modules = modules
    self.aside = aside
  }

  /// - Returns: what was done, in the order of paths.
  static func disarm(
    _ changes: [NestedRepositories.Change], modules: [FilePath], aside: GitAside
  ) -> [NestedReport] {
    var disarming = NestedDisarming(modules: modules, aside: aside)
    for change in changes { disarming.disarm(change) }
    return disarming.report.sorted { $0.path < $1.path }
  }

  private mutating func disarm(_ change: NestedRepositories.Change) {
    let root = change.root
    switch change.traps.kind {
    case .file where leadsToCleanModule(change.path): return
    case .file, .link, .other: attempt(change.path) { try $0.move(change.path, below: root) }
    case .directory:
      for part in Self.grouped(change.parts) {
        let path = change.path(of: part)
        attempt(path) { disarming in
          switch part {
          case "config": return try disarming.filter(path, below: root)
          case "objects/info/alternates" where disarming.stay(path, in: root): return nil
          default: return try disarming.move(path, below: root)
          }
        }
      }
    }
  }

  /// Hooks of which there are very many are moved with their directory.
  private static func grouped(_ parts: [String]) -> [String] {
    let hooks = parts.filter { $0.hasPrefix("hooks/") }
    return hooks.count > 50 ? parts.filter { !$0.hasPrefix("hooks/") } + ["hooks"] : parts
  }

  /// A failure is part of the report: the rest is done all the same.
  private mutating func attempt(
    _ path: FilePath, _ body: (inout NestedDisarming) throws -> NestedReport.Outcome?
  ) {
    do {
      if let outcome = try body(&self) {
        report.append(NestedReport(path: path.string, outcome: outcome))
      }
    } catch {
      let reason = (error as? any DescribedError)?.summary ?? "\(error)"
      report.append(NestedReport(path: path.string, outcome: .failed(reason)))
    }
  }

  private mutating func move(
    _ path: FilePath, below root: FilePath
  ) throws -> NestedReport.Outcome? {
    guard let name = path.lastComponent else { return nil }
    return try ClosedDirectories.with(path.removingLastComponent(), below: root) { parent in
      guard try parent.facts(name) != nil else { return nil }
      try aside.move(name, of: parent)
      return .movedAside
    }
  }

  private mutating func filter(
    _ path: FilePath, below root: FilePath
  ) throws -> NestedReport.Outcome? {
    guard let name = path.lastComponent else { return nil }
    return try ClosedDirectories.with(path.removingLastComponent(), below: root) { parent in
      guard let bytes = Self.small(name, in: parent) else {
        // A link, or too large to be anybody's, or not to be read.
        guard try parent.facts(name) != nil else { return nil }
        try aside.move(name, of: parent)
        return .movedAside
      }
      let file = GitConfigFile(bytes)
      let kept = file.settings.filter(\.isHarmless)
      // What git cannot read is not left to another version that can.
      if file.isValid, kept.count == file.settings.count { return nil }
      try aside.replace(name, of: parent, with: GitSetting.file(kept))
      let dropped = file.settings.filter { !$0.isHarmless }.map { TerminalText.escaped($0.key) }
      return .configurationReduced(dropped: Array(dropped.prefix(20)))
    }
  }

  private static func small(_ name: FilePath.Component, in parent: DataDirectory) -> [UInt8]? {
    do {
      return try parent.read(name, limit: 16 << 20)
    } catch {
      // Whatever the reason is, it is not left where it is.
      return nil
    }
  }

  /// Whether all objects that are borrowed are below `root`: an agent could as well copy
  /// them. Package managers make such clones.
  private func stay(_ path: FilePath, in root: FilePath) -> Bool {
    guard let text = SmallFile.text(path) else { return false }
    let objects = path.removingLastComponent().removingLastComponent()
    // By bytes, as git: Swift takes CR LF for one character.
    return text.utf8.split(separator: UInt8(ascii: "\n")).allSatisfy { line in
      guard line.first != UInt8(ascii: "#"), line.first != UInt8(ascii: "\""),
        let target = Self.target(line, from: objects), target.path.starts(with: root)
      else { return false }
      // Not the objects of the workspace's own repository.
      return !modules.contains { target.path.starts(with: $0.removingLastComponent()) }
    }
  }

  /// Whether the `.git` file at `path` leads to a submodule's git directory of the host's
  /// own, where no agent could write.
  private func leadsToCleanModule(_ path: FilePath) -> Bool {
    // All of the file is the path, as for git; one with lines is nobody's.
    let prefix = "gitdir: ".utf8
    guard let text = SmallFile.text(path)?.utf8, text.starts(with: prefix) else { return false }
    var named = text.dropFirst(prefix.count)
    while let last = named.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") {
      named.removeLast()
    }
    let tree = path.removingLastComponent()
    guard let target = Self.target(named, from: tree), let root = ResolvedPath(tree)?.path,
      modules.contains(where: { target.path.starts(with: $0) }),
      let back = GitConfigFile.value(
        "worktree", in: "core", of: target.path.appending("config"))
    else { return false }
    return Self.target(Substring(back).utf8, from: target.path)?.path == root
  }

  /// Where a path leads for the kernel, which goes through links before it goes up. git cuts
  /// some paths short as text: those for which that makes a difference lead nowhere.
  private static func target(_ named: Substring.UTF8View, from base: FilePath) -> ResolvedPath? {
    let isOdd = named.contains { $0 == 0 || $0 == UInt8(ascii: "\n") }
    guard (1...4096).contains(named.count), !isOdd else { return nil }
    let path = FilePath(String(Substring(named)))
    let inner = path.components.drop { $0.kind == .parentDirectory }
    guard inner.allSatisfy({ $0.kind == .regular }) else { return nil }
    return ResolvedPath(base.pushing(path))
  }
}

/// One thing below the workspace that was made harmless.
public struct NestedReport: Sendable, Equatable, Codable {
  public enum Outcome: Sendable, Equatable, Codable {
    case movedAside
    /// The configuration keeps only what is harmless.
    case configurationReduced(dropped: [String])
    /// Moved aside, and what was there before is back.
    case restored
    /// It is still there, and git must not be run near it.
    case failed(String)
  }

  public var path: String
  public var outcome: Outcome
}
