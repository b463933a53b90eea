/// What an overlay may do with a key (2-config "Trust of an overlay").
public enum OverlayRule: Sendable {
  /// The key is an error in an overlay.
  case never
  /// Allowed.
  case allowed
  /// Allowed below the base's value only.
  case lowerOnly
  /// Allowed, and named in the trust question.
  case asked
  /// A host path that must be inside the repository.
  case insideRepository
  /// A host path; one outside the repository is named in the trust question.
  case insideOrAsked
}

/// One key as the parser uses it and the documentation shows it.
public struct KeyDefinition: Sendable {
  public var name: String
  /// What may be written, for example "true or false".
  public var type: String
  /// The default as it would be written; nil when there is none.
  public var defaultText: String?
  public var isRequired: Bool
  public var overlay: OverlayRule
  /// One sentence.
  public var documentation: String
  /// The keys of the tables it holds, for `[[tool.directory]]` and `[[tool.secret]]`.
  public var nested: [KeyDefinition] = []
}

/// One section as the parser uses it and the documentation shows it.
public struct SectionDefinition: Sendable {
  public var name: String
  /// Written `[[name]]`, any number of times; the layers append.
  public var isRepeated: Bool
  public var documentation: String
  public var keys: [KeyDefinition]
}

/// A key together with the type of its value and the way to read it.
struct ConfigurationKey<Value: Sendable>: Sendable {
  var definition: KeyDefinition
  var reader: ValueReader<Value>

  init(
    _ name: String, _ reader: ValueReader<Value>, default defaultText: String? = nil,
    required: Bool = false, overlay: OverlayRule = .never, nested: [KeyDefinition] = [],
    _ documentation: String
  ) {
    definition = KeyDefinition(
      name: name, type: reader.expected, defaultText: defaultText, isRequired: required,
      overlay: overlay, documentation: documentation, nested: nested)
    self.reader = reader
  }

  var name: String { definition.name }
}
