/// What came of an agent's work in git: what the host has now, what lies beside it, and what
/// was not taken.
public struct GitImportReport: Sendable, Equatable, Codable {
  public enum Subject: String, Sendable, Codable {
    case branch
    case tag
    case note
    case head
    case index
    case stash
    case branchConfiguration
    case largeFile
    /// One that the agent made where there was none.
    case repository
  }

  public enum Change: String, Sendable, Codable {
    case created
    case moved
    case deleted
  }

  public struct Imported: Sendable, Equatable, Codable {
    /// The work tree's path.
    public var repository: String
    public var subject: Subject
    public var name: String
    public var change: Change
  }

  /// Work that is safe under a name of ours, and nowhere else.
  public struct Kept: Sendable, Equatable, Codable {
    public var repository: String
    public var name: String
    /// Where it is now: below `refs/ags/`.
    public var reference: String
    public var reason: String
    /// What shows it.
    public var command: [String]
  }

  public struct NotTaken: Sendable, Equatable, Codable {
    public var repository: String
    /// Of what an agent wrote, escaped.
    public var what: String
    public var reason: String
    public var command: [String]?
  }

  public var session: String
  public var imported: [Imported] = []
  public var kept: [Kept] = []
  public var notTaken: [NotTaken] = []
  /// What was made harmless below the workspace.
  public var nested: [NestedReport] = []
  /// Files that hold a lockdown run's commits.
  public var patches: [String] = []
  /// What failed for now: the next starts try again, three times in all.
  public var failures: [String] = []
  /// Where the agent's git directory is still, when something of it was not imported because
  /// of a failure. It is not safe to run git in.
  public var copy: String?

  public init(session: String) { self.session = session }

  /// Nothing to say.
  public var isEmpty: Bool {
    imported.isEmpty && kept.isEmpty && notTaken.isEmpty && nested.isEmpty && patches.isEmpty
      && failures.isEmpty
  }

  /// One line each, what needs a look last.
  public var lines: [String] {
    imported.map { item in
      "git: \(item.change.rawValue) \(Self.words(item.subject)) \(Self.shown(item.name))"
    }
      + shownNested.map { item in
        switch item.outcome {
        case .movedAside: "git: moved \(Self.shown(item.path)) aside"
        case .restored: "git: put \(Self.shown(item.path)) back to what it was"
        case .configurationReduced(let dropped):
          "git: \(Self.shown(item.path)) keeps only what is harmless, "
            + "without \(Self.shown(dropped.joined(separator: ", ")))"
        case .failed(let reason):
          "git: \(Self.shown(item.path)) could not be moved: \(Self.shown(reason))"
        }
      }
      + (nested.count > shownNested.count
        ? ["git: and \(nested.count - shownNested.count) more below the workspace"] : [])
      + kept.map { item in
        "git: kept \(Self.shown(item.name)) as \(Self.shown(item.reference)): \(item.reason); "
          + "see \(Self.shown(Self.quoted(item.command)))"
      }
      + notTaken.map { item in
        "git: not taken: \(item.what): \(item.reason)"
          + (item.command.map { "; see \(Self.shown(Self.quoted($0)))" } ?? "")
      }
      + patches.map { "git: kept as a patch: \(Self.shown($0))" }
      + failures.map { "git: \(Self.shown($0))" }
      + (copy.map { ["git: the agent's copy is kept in \(Self.shown($0)); run no git in it"] } ?? [])
  }

  /// An agent can make any number; what is still there comes first.
  private var shownNested: [NestedReport] {
    guard nested.count > 200 else { return nested }
    return Array((nested.filter(\.isFailure) + nested.filter { !$0.isFailure }).prefix(200))
  }

  /// A name an agent chose, safe to show.
  private static func shown(_ text: String) -> String { TerminalText.escaped(text) }

  private static func words(_ subject: Subject) -> String {
    switch subject {
    case .branch: "branch"
    case .tag: "tag"
    case .note: "notes"
    case .head: "HEAD"
    case .index: "the index of"
    case .stash: "stash entry"
    case .branchConfiguration: "the configuration of branch"
    case .largeFile: "large file"
    case .repository: "repository"
    }
  }

  /// For a shell: a name may hold a dollar sign or a quote.
  private static func quoted(_ command: [String]) -> String {
    command.map { word in
      let isPlain = word.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte) || "/._-=:+@,".utf8.contains(byte)
      }
      return isPlain && !word.isEmpty
        ? word
        : "'"
          + word.split(separator: "'", omittingEmptySubsequences: false)
          .joined(separator: "'\\''") + "'"
    }.joined(separator: " ")
  }
}
