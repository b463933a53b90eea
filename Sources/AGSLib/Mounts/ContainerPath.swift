public import SystemPackage

/// An absolute path inside the container, lexically normalised: no `.`, no `..`, no
/// doubled or trailing slash, no control characters (2-config, 3-run "Mounts").
public struct ContainerPath: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let path: FilePath

  /// Throws `InvalidValue` when `text` is relative, contains `..` or a control character.
  public init(_ text: String) throws(InvalidValue) {
    guard text.utf8.first == UInt8(ascii: "/") else {
      let needsExpansion = text.hasPrefix("~") || text.hasPrefix("$")
      throw InvalidValue(
        expected: "an absolute path inside the container", found: text,
        hint: needsExpansion
          ? "container paths are not expanded; the container's home is /home/dev"
          : "begin it with /")
    }
    guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else {
      throw InvalidValue(expected: "a path without control characters", found: text)
    }
    let path = FilePath(text)
    guard !path.components.contains(where: { $0.kind == .parentDirectory }) else {
      throw InvalidValue(
        expected: "a container path without \"..\"", found: text,
        hint: "write the path it leads to")
    }
    self.path = path.lexicallyNormalized()
  }

  public var description: String { path.string }

  /// Whether `other` is this path or below it.
  public func contains(_ other: ContainerPath) -> Bool { other.path.starts(with: path) }

  public static func < (left: ContainerPath, right: ContainerPath) -> Bool {
    left.description < right.description
  }
}
