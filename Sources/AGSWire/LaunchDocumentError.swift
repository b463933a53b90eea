/// Why a launch document was refused. Never holds a value of the document: any of them
/// may be a secret.
public enum LaunchDocumentError: Error, Equatable, Sendable {
  /// No final newline, or only one line: whoever sent it died on the way.
  case truncated
  /// More than two lines.
  case trailingBytes
  /// Not JSON.
  case malformed(JSONError)
  /// Another version of the format than this program's.
  case unsupportedVersion
  /// A member that is missing, of the wrong type or not allowed, by its name.
  case invalid(member: String)

  /// A few words for an error line.
  public var message: String {
    switch self {
    case .truncated: return "the launch document is incomplete"
    case .trailingBytes: return "the launch document has more than two lines"
    case .malformed(let error): return "the launch document is malformed: \(error.message)"
    case .unsupportedVersion:
      return "the launch document has another version: ags and ags-shim do not belong together"
    case .invalid(let member): return "the launch document has an invalid member \"\(member)\""
    }
  }
}
