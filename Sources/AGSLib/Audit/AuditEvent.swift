/// Something that crossed the boundary, or was kept from it (5-commands "ags audit").
public struct AuditEvent: Sendable, Equatable {
  /// What happened, in words joined by hyphens: `open-allowed`.
  public var name: String
  /// What else is known of it. Never a secret: of URLs only scheme, host and path.
  public var fields: [String: String]

  public init(_ name: String, _ fields: [String: String] = [:]) {
    self.name = name
    self.fields = fields
  }
}

/// Who remembers events.
public protocol AuditRecording: Sendable {
  /// Returns at once. An event that cannot be kept is lost, and the next one that can says
  /// how many were.
  func record(_ event: AuditEvent)
}
