/// A value nobody may see by accident. Every way of turning it into text by itself —
/// interpolation, `print`, `dump`, a mirror, a test's failure message — shows
/// `‹secret›`, and it is not `Encodable` (6-security 15). The text comes out through
/// `revealed()` alone, so a search for that name finds every place it can leave.
public struct Secret: Sendable, Equatable {
  private let text: String

  public init(_ text: String) { self.text = text }

  /// The value itself: only for the launch document and for a secret store.
  public func revealed() -> String { text }

  public var isEmpty: Bool { text.isEmpty }

  /// Its length in UTF-8 bytes.
  public var byteCount: Int { text.utf8.count }

  fileprivate static let redacted = "‹secret›"
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { Self.redacted }
  public var debugDescription: String { Self.redacted }
  public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

extension Secret: TextOutputStreamable {
  public func write<Target: TextOutputStream>(to target: inout Target) {
    target.write(Self.redacted)
  }
}
