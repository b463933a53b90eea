public import SystemPackage

/// A mistake in a configuration file, with everything needed to find and mend it
/// (2-config "Strict"). The program ends with status 2.
public struct ConfigurationError: DescribedError, Equatable {
  /// What kind of mistake it is, for programs; people read `problem`.
  public enum Kind: Sendable {
    case unreadable
    case syntax
    case unknownKey
    case wrongType
    case badValue
    case emptyValue
    case missingKey
    case undefinedVariable
    case duplicate
    case conflict
    /// Not allowed in an overlay.
    case forbidden
  }

  public var kind: Kind
  public var file: FilePath
  /// Counted from 1; 0 when the file as a whole is meant.
  public var line: Int
  /// Counted from 1, in characters; 0 when the file as a whole is meant.
  public var column: Int
  public var keyPath: ConfigurationKeyPath
  /// What is wrong, in words.
  public var problem: String
  /// What would have been right.
  public var expected: String?
  /// The known key or value nearest to what was written.
  public var nearest: String?
  public var hint: String?

  public init(
    kind: Kind, file: FilePath, line: Int = 0, column: Int = 0,
    keyPath: ConfigurationKeyPath = ConfigurationKeyPath(), problem: String,
    expected: String? = nil, nearest: String? = nil, hint: String? = nil
  ) {
    self.kind = kind
    self.file = file
    self.line = line
    self.column = column
    self.keyPath = keyPath
    self.problem = problem
    self.expected = expected
    self.nearest = nearest
    self.hint = hint
  }

  /// `FILE:LINE:COLUMN: KEY: PROBLEM`, in one line whatever the file contains.
  public var summary: String {
    var text = file.string
    if line > 0 { text += ":\(line):\(column)" }
    if !keyPath.components.isEmpty { text += ": \(keyPath)" }
    text += ": \(problem)"
    if let expected { text += ", expected \(expected)" }
    return TerminalText.escaped(text)
  }
}
