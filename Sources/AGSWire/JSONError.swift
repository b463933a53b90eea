/// Why bytes were refused as JSON, and at which offset. Holds nothing of the content,
/// which may be secret or hostile.
public struct JSONError: Error, Equatable, Sendable {
  public enum Reason: Equatable, Sendable {
    /// The input ended inside a value.
    case unexpectedEnd
    /// A byte that cannot stand here.
    case unexpectedByte
    /// Something follows the value.
    case trailingBytes
    case invalidUTF8
    case invalidEscape
    /// A control character that JSON wants escaped.
    case controlCharacter
    case invalidNumber
    /// A name that stands in its object twice.
    case duplicateName
    /// Nested deeper than the limit.
    case tooDeep
    /// Longer than the limit.
    case tooLarge
  }

  public var reason: Reason
  /// Bytes from the beginning of the input.
  public var offset: Int

  public init(_ reason: Reason, offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  /// A few words for an error line.
  public var message: String {
    let what: String
    switch reason {
    case .unexpectedEnd: what = "ends too early"
    case .unexpectedByte: what = "unexpected byte"
    case .trailingBytes: what = "something follows the value"
    case .invalidUTF8: what = "not UTF-8"
    case .invalidEscape: what = "invalid escape"
    case .controlCharacter: what = "unescaped control character"
    case .invalidNumber: what = "invalid number"
    case .duplicateName: what = "name given twice"
    case .tooDeep: what = "nested too deep"
    case .tooLarge: what = "too large"
    }
    return "\(what) at byte \(offset)"
  }
}
