import AGSTestSupport
import FoundationEssentials
import SystemPackage
import Testing

/// One of Tests/Fixtures/git-attacks, with what its header says.
struct GitAttack: Sendable, CustomTestStringConvertible {
  let name: String
  /// The one kind of workspace it is made for.
  let kind: String?
  /// It cannot share a workspace with others.
  let isAlone: Bool
  /// What of git-host-commands the user may run while the session lives (11-git, "Not
  /// defended"); nil for none.
  let during: String?
  /// It is stopped at some step inside, where it would succeed outside.
  let isStopped: Bool
  /// Where there are submodules git refuses to do anything, because of it.
  let isRefused: Bool

  var testDescription: String { name }

  /// All there are; none when the directory cannot be read, which a test looks at.
  static let all: [GitAttack] = {
    let directory = GitFixture.scripts.appending("git-attacks").string
    let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return files.sorted().compactMap { file in
      guard let text = try? String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8)
      else { return nil }
      return GitAttack(name: String(file.dropLast(3)), text: text)
    }
  }()

  private init(name: String, text: String) {
    self.name = name
    let header = text.split(separator: "\n").filter { $0.hasPrefix("# ") }.map { $0.dropFirst(2) }
    func value(_ key: String) -> String? {
      header.first { $0.hasPrefix("\(key): ") }.map { String($0.dropFirst(key.count + 2)) }
    }
    kind = value("kind")
    isAlone = header.contains("alone")
    isRefused = header.contains("refused where there are submodules")
    isStopped = header.contains("stopped inside")
    let during = value("during") ?? "work"
    self.during = during == "no" ? nil : during
  }
}

extension GitFixture {
  /// Lets these attacks loose in one session, has the user work while it lives and afterwards,
  /// and tells what harm was done: lines of git-harm.
  func harm(of attacks: [GitAttack]) async throws -> [String] {
    let names = attacks.map(\.name).joined(separator: " ")
    let (scripts, workspace) = (Self.scripts, self.workspace)
    let mode = attacks[0].during
    try await fixture.shell(
      "\(scripts)/git-harm prepare \(base)/cases \(workspace) \(names)", in: base)
    let outcome = try await inside("git-attack \(base)/cases \(names)") { git in
      try await git.fixture.shell(
        """
        \(scripts)/git-harm arm cases \(names)
        \(mode.map { "\(scripts)/git-host-commands \($0) \(workspace)" } ?? ":") >cases/commands
        """, in: git.base)
    }
    // Every attack did all its steps, but for those that are known to be stopped.
    let tried = outcome.lines.map { $0.split(separator: " ").map(String.init) }
    #expect(tried.map(\.first) == attacks.map(\.name), "\(outcome)")
    // What stops one depends on the workspace: it is known for its own kind.
    if attacks.allSatisfy({ ($0.kind ?? "plain") == kind }) {
      let stopped = tried.filter { $0.last != "0" }.map(\.first)
      #expect(stopped == attacks.filter(\.isStopped).map(\.name), "\(outcome)")
    }
    return try await fixture.shell(
      """
      \(scripts)/git-host-commands all \(workspace) >>cases/commands
      \(scripts)/git-host-commands nested \(workspace) >>cases/commands
      \(scripts)/git-harm check \(base)/cases \(workspace) \(names)
      """, in: base
    ).lines
  }
}
