/// Why a text is not a value of the type asked for. Value types throw it from their
/// `init`; the loader adds the place in the file and makes a `ConfigurationError` of it.
public struct InvalidValue: DescribedError, Equatable {
  /// What would have been right, as the end of "expected …".
  public var expected: String
  /// The refused text, shortened when it is long.
  public var found: String
  public var hint: String?

  public init(expected: String, found: String, hint: String? = nil) {
    self.expected = expected
    self.found = found.count > 80 ? String(found.prefix(77)) + "..." : found
    self.hint = hint
  }

  public var summary: String { "expected \(expected), found \"\(found)\"" }
}
