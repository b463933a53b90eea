import Synchronization

@testable import AGSLib

/// Keeps events for a test to look at.
final class RecordedAudit: AuditRecording {
  private let kept = Mutex<[AuditEvent]>([])
  var events: [AuditEvent] { kept.withLock { $0 } }
  func record(_ event: AuditEvent) { kept.withLock { $0.append(event) } }
}
