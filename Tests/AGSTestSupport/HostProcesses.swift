import FoundationEssentials
public import Glibc
import SystemPackage

/// One process as /proc shows it.
public struct HostProcess: Sendable, CustomStringConvertible {
  public var processID: pid_t
  public var parent: pid_t
  public var userID: UInt32
  /// Words separated by NUL, as they are there.
  public var commandLine: [UInt8]
  /// Empty where it may not be read.
  public var environment: [UInt8]

  public var description: String {
    let words = String(decoding: commandLine, as: UTF8.self)
      .split(separator: "\0").joined(separator: " ")
    return "\(processID) (of \(parent), uid \(userID)) \(words)"
  }

  /// All processes that run at this moment. One that has ended and was not waited for yet
  /// is no process any more.
  public static func all() -> [HostProcess] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0).flatMap(HostProcess.init(reading:)) }
  }

  private init?(reading processID: pid_t) {
    guard let status = Self.bytes("/proc/\(processID)/status"),
      let commandLine = Self.bytes("/proc/\(processID)/cmdline")
    else { return nil }
    func field(_ name: String) -> Substring? {
      String(decoding: status, as: UTF8.self).split(separator: "\n")
        .first { $0.hasPrefix(name + ":") }
        .flatMap { $0.split(whereSeparator: { $0 == "\t" || $0 == " " }).dropFirst().first }
    }
    guard field("State") != "Z", let parent = field("PPid").flatMap({ pid_t($0) }),
      let userID = field("Uid").flatMap({ UInt32($0) })
    else { return nil }
    self.processID = processID
    self.parent = parent
    self.userID = userID
    self.commandLine = commandLine
    // Only root may read that of others.
    environment = Self.bytes("/proc/\(processID)/environ") ?? []
  }

  private static func bytes(_ path: String) -> [UInt8]? {
    (try? Data(contentsOf: URL(filePath: path))).map(Array.init)
  }
}

extension [HostProcess] {
  /// Those below `root`, itself left out.
  public func descendants(of root: pid_t) -> Set<pid_t> {
    var found: Set<pid_t> = []
    var added = [root]
    while !added.isEmpty {
      let parents = Set(added)
      added = filter { parents.contains($0.parent) && !found.contains($0.processID) }
        .map(\.processID)
      found.formUnion(added)
    }
    return found
  }
}

extension SandboxFixture {
  /// Processes of this environment, wherever they came from, but for what
  /// scripts/test-env started and podman's namespace holder.
  public func processes() -> [HostProcess] {
    let all = HostProcess.all()
    let mark = Array("HOME=\(home)".utf8)
    var ours = Set(
      all.filter { process in
        if case .user(let id) = identity, process.userID == id { return true }
        // What podman starts has its environment from us.
        return process.environment.split(separator: 0).contains { $0.elementsEqual(mark) }
      }.map(\.processID))
    // The agent's environment is its own, and its parent's cannot be read.
    for process in ours { ours.formUnion(all.descendants(of: process)) }
    return all.filter { process in
      let name = String(decoding: process.commandLine, as: UTF8.self)
      return ours.contains(process.processID) && process.processID != getpid()
        && !name.hasPrefix("catatonit") && !name.contains("dbus-daemon")
        && !name.contains("gnome-keyring")
    }
  }
}

extension [UInt8] {
  /// Whether `part` occurs in these bytes.
  public func contains(bytes part: [UInt8]) -> Bool {
    guard let first = part.first, count >= part.count else { return part.isEmpty }
    var start = startIndex
    while let index = self[start...].firstIndex(of: first), index + part.count <= endIndex {
      if self[index..<(index + part.count)].elementsEqual(part) { return true }
      start = index + 1
    }
    return false
  }
}
