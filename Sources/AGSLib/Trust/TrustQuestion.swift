public import SystemPackage

/// What the user is asked before a repository's configuration is used.
public struct TrustQuestion: Sendable, Equatable {
  /// Why it is asked.
  public enum Reason: Sendable, Equatable {
    case new
    /// Another content of the file was allowed before.
    case changed
    /// The content was allowed before, but now it reaches other places of the host.
    case reachesMore
  }

  /// One line to show, already free of anything a terminal would act on.
  public struct Line: Sendable, Equatable {
    public enum Change: Sendable, Equatable { case same, added, removed, leftOut }
    public var change: Change
    public var text: String

    public init(_ change: Change, _ text: String) {
      self.change = change
      self.text = text
    }
  }

  public var reason: Reason
  public var file: FilePath
  public var root: FilePath
  /// The file, or what changed in it.
  public var lines: [Line]
  /// In words, everything it asks from the host; escaped like the lines.
  public var requests: [String]
}

public enum TrustAnswer: Sendable, Equatable {
  case allow
  /// Remembered.
  case deny
  /// Nothing was answered: asked again next time.
  case undecided
}

/// Whoever can ask the user.
public protocol TrustPrompt: Sendable {
  /// Returns the user's answer; it may block as long as the user thinks.
  func answer(_ question: TrustQuestion) throws -> TrustAnswer
}

extension TrustQuestion {
  init(
    subject: TrustSubject, file: FilePath, previous: [UInt8]?, requests: [String],
    wasAllowed: Bool
  ) {
    let lines = Self.lines(of: subject.content)
    if wasAllowed {
      reason = .reachesMore
    } else {
      reason = previous == nil ? .new : .changed
    }
    if reason == .changed, let previous {
      self.lines = Self.difference(from: Self.lines(of: previous), to: lines)
    } else {
      self.lines = lines.map { Line(.same, $0) }
    }
    self.file = file
    root = subject.root
    self.requests = requests.map { TerminalText.escaped($0) }
  }

  private static func lines(of content: [UInt8]) -> [String] {
    var lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { line in
      let body = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      return TerminalText.escaped(String(decoding: body, as: UTF8.self))
    }
  }

  /// More lines than this are not compared, which a hostile file could make slow.
  private static let comparedLines = 2000
  /// Unchanged lines shown around a change.
  private static let context = 3

  private static func difference(from old: [String], to new: [String]) -> [Line] {
    guard old.count <= comparedLines, new.count <= comparedLines else {
      return new.map { Line(.same, $0) }
    }
    let difference = new.difference(from: old)
    var removed: [Int: String] = [:]
    var added: Set<Int> = []
    for change in difference {
      switch change {
      case .remove(let offset, let element, _): removed[offset] = element
      case .insert(let offset, _, _): added.insert(offset)
      }
    }
    var lines: [Line] = []
    var oldIndex = 0
    var newIndex = 0
    while oldIndex < old.count || newIndex < new.count {
      if let text = removed[oldIndex] {
        lines.append(Line(.removed, text))
        oldIndex += 1
      } else if added.contains(newIndex) {
        lines.append(Line(.added, new[newIndex]))
        newIndex += 1
      } else {
        lines.append(Line(.same, new[newIndex]))
        oldIndex += 1
        newIndex += 1
      }
    }
    return shortened(lines)
  }

  /// Leaves out unchanged lines far from any change, saying how many.
  private static func shortened(_ lines: [Line]) -> [Line] {
    var isShown = Array(repeating: false, count: lines.count)
    for (index, line) in lines.enumerated() where line.change != .same {
      for near in max(0, index - context)...min(lines.count - 1, index + context) {
        isShown[near] = true
      }
    }
    var result: [Line] = []
    var leftOut = 0
    for (index, line) in lines.enumerated() {
      if !isShown[index] {
        leftOut += 1
        continue
      }
      if leftOut > 0 { result.append(Line(.leftOut, Self.unchanged(leftOut))) }
      leftOut = 0
      result.append(line)
    }
    if leftOut > 0 { result.append(Line(.leftOut, Self.unchanged(leftOut))) }
    return result
  }

  private static func unchanged(_ count: Int) -> String {
    count == 1 ? "1 unchanged line" : "\(count) unchanged lines"
  }
}
