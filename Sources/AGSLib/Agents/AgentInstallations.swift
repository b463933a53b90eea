internal import CPosix
internal import FoundationEssentials
internal import Glibc
public import SystemPackage

/// What `ags` wrote down about one installation when it was made.
public struct AgentRecord: Sendable, Equatable, Codable {
  public var agent: String
  /// The source, in words.
  public var source: String
  /// The version as the source calls it.
  public var packageVersion: String
  /// The first line that `--version` printed, escaped, at most 100 characters.
  public var version: String
  /// When, in ISO 8601.
  public var installed: String
}

/// An agent that runs can use.
public struct InstalledAgent: Sendable, Equatable {
  public var agent: String
  /// Its program on PATH.
  public var program: String
  /// The name of the directory with its files, eight hexadecimal digits.
  public var directory: String
  /// Nil when it is missing or not readable.
  public var record: AgentRecord?
}

/// `cache_dir/agents`, mounted read-only at `/opt/ags/agents` in every run:
///
///     bin/PROGRAM           a link, ../AGENT/DIRECTORY/…, made by ags only
///     AGENT/DIRECTORY/      what a throwaway container wrote
///     AGENT/DIRECTORY.json  the record
///
/// What is inside a DIRECTORY is hostile: nothing here looks at it. All around it only
/// `ags` writes. An agent's link is the one thing that says which directory is in use, and
/// it changes in one step.
public struct AgentInstallations: Sendable {
  public let directory: FilePath

  static let linksName = "bin"

  public init(cacheDirectory: FilePath) {
    directory = cacheDirectory.appending("agents")
  }

  var links: FilePath { directory.appending(Self.linksName) }

  func place(of agent: String, _ name: String) -> FilePath {
    directory.appending(agent).appending(name)
  }

  private func recordFile(of agent: String, _ name: String) -> FilePath {
    directory.appending(agent).appending("\(name).json")
  }

  /// The agents that are installed, sorted by program.
  public func installed() -> [InstalledAgent] {
    names(in: links).sorted().compactMap { program in
      guard let owner = owner(of: program), isThere(owner.directory, of: owner.agent) else {
        return nil
      }
      return InstalledAgent(
        agent: owner.agent, program: program, directory: owner.directory,
        record: record(of: owner.agent, owner.directory))
    }
  }

  /// Programs that a run finds on its PATH.
  public var programs: Set<String> { Set(installed().map(\.program)) }

  /// Whose program it is, by its link's own text.
  func owner(of program: String) -> (agent: String, directory: String)? {
    guard !program.hasPrefix("."),
      // Not a link, or none: not one of ours.
      let target = try? FileManager.default.destinationOfSymbolicLink(
        atPath: links.appending(program).string)
    else { return nil }
    let parts = target.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 4, parts[0] == "..", Self.isDirectoryName(parts[2]) else { return nil }
    return (parts[1], parts[2])
  }

  /// Whether the directory itself is; what is in it is not looked at.
  private func isThere(_ name: String, of agent: String) -> Bool {
    var facts = stat()
    return lstat(place(of: agent, name).string, &facts) == 0
      && facts.st_mode & S_IFMT == S_IFDIR
  }

  func record(of agent: String, _ name: String) -> AgentRecord? {
    guard let text = SmallFile.text(recordFile(of: agent, name)) else { return nil }
    // Of another version, or damaged: the agent itself is no worse for it.
    return try? JSONDecoder().decode(AgentRecord.self, from: Data(text.utf8))
  }

  // MARK: - Changing it, under the lock of `AgentUpdateLock`

  /// Makes an empty directory for a container to write in, and all above it.
  /// - Parameter owner: as root the ids that the container's user has on the host.
  func makeFresh(
    _ name: String, for agent: String, host: Host, owner: UInt32?
  ) throws -> FilePath {
    try PrivateDirectory.makeAll(directory.removingLastComponent())
    let place = place(of: agent, name)
    for level in [directory, links, directory.appending(agent), place] {
      try PrivateDirectory.ensure(level, userID: host.userID, isShared: true)
      // As root the containers' users are others, and they are to read it.
      if owner != nil { chmod(level.string, 0o755) }
    }
    if let owner { lchown(place.string, owner, owner) }
    return place
  }

  /// Makes `name` what runs use, in one step; until then nothing has changed for them.
  /// - Parameter path: the program's, relative to the directory.
  func activate(
    _ name: String, _ record: AgentRecord, program: String, path: String
  ) throws(FileError) {
    let file = recordFile(of: record.agent, name)
    let link = links.appending(program)
    let fresh = links.appending(".\(name)")
    let bytes: [UInt8]
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      bytes = Array(try encoder.encode(record))
    } catch {
      throw FileError(summary: "cannot write \(file)", cause: "\(error)")
    }
    try RegularFile.write(bytes, to: file, mode: 0o644, existing: .replaced)
    unlink(fresh.string)
    let target = "../\(record.agent)/\(name)/\(path)"
    guard symlink(target, fresh.string) == 0, rename(fresh.string, link.string) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(fresh.string)
      throw FileError(
        summary: "cannot put \(link) in place", cause: reason,
        hint: "check that \(links) is yours and the disk is not full")
    }
  }

  /// Removes an installation, whatever is in it.
  /// - Returns: false if something of it is left.
  @discardableResult
  func remove(_ name: String, of agent: String) -> Bool {
    // First: a directory without its record is what the next update sweeps.
    unlink(recordFile(of: agent, name).string)
    return TreeRemoval.remove(name, in: directory.appending(agent))
  }

  /// Every directory of `agent`, in use or not.
  func directories(of agent: String) -> [String] {
    names(in: directory.appending(agent)).filter(Self.isDirectoryName).sorted()
  }

  /// Directories that an update was killed over: they have no record.
  func unfinished() -> [(agent: String, name: String)] {
    names(in: directory).filter { $0 != Self.linksName }.sorted().flatMap { agent in
      directories(of: agent).filter { record(of: agent, $0) == nil && !isUsed($0, agent) }
        .map { (agent, $0) }
    }
  }

  private func isUsed(_ name: String, _ agent: String) -> Bool {
    names(in: links).contains { program in
      owner(of: program).map { $0 == (agent, name) } ?? false
    }
  }

  static func isDirectoryName(_ text: String) -> Bool {
    text.utf8.count == 8
      && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  private func names(in directory: FilePath) -> [String] {
    // Missing: nothing is installed. Unreadable: what needs it says so.
    (try? FileManager.default.contentsOfDirectory(atPath: directory.string)) ?? []
  }
}
