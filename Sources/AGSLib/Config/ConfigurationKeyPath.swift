/// Where a value is within a configuration file: `mount[1].host`.
public struct ConfigurationKeyPath: Sendable, Hashable, CustomStringConvertible {
  public enum Component: Sendable, Hashable {
    case key(String)
    /// Counted from 0.
    case index(Int)
  }

  public var components: [Component]

  public init(_ components: [Component] = []) { self.components = components }

  /// The last key, indices left out; empty for the document itself.
  public var lastKey: String {
    for case .key(let key) in components.reversed() { return key }
    return ""
  }

  public func appending(_ key: String) -> Self { Self(components + [.key(key)]) }
  public func appending(index: Int) -> Self { Self(components + [.index(index)]) }

  public var description: String {
    var text = ""
    for component in components {
      switch component {
      case .key(let key): text += (text.isEmpty ? "" : ".") + key
      case .index(let index): text += "[\(index)]"
      }
    }
    return text
  }
}
