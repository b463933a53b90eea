public import SystemPackage

/// Which layer a value comes from, lowest precedence first (2-config "Precedence").
public enum ConfigurationLayer: Int, Sendable, Comparable {
  case builtIn
  case base
  case overlay
  case commandLine

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The place in a configuration file that declared something, so that a later conflict
/// can name both sides.
public struct ConfigurationOrigin: Sendable, Equatable, CustomStringConvertible {
  public var file: FilePath
  /// Counted from 1.
  public var line: Int
  /// Counted from 1, in characters.
  public var column: Int
  public var layer: ConfigurationLayer

  public init(file: FilePath, line: Int, column: Int = 1, layer: ConfigurationLayer) {
    self.file = file
    self.line = line
    self.column = column
    self.layer = layer
  }

  /// `FILE:LINE`.
  public var description: String { "\(file.string):\(line)" }
}
