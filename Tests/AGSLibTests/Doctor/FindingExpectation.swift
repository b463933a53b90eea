import Testing

@testable import AGSLib

/// The finding called `id`, which must have this status, and these words in its summary
/// and its hint; only `ok` has no hint.
func expect(
  _ findings: [Finding], _ id: String, _ status: Finding.Status, _ summary: String,
  hint: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let finding = try #require(
    findings.first { $0.id == id }, "\(findings.map(\.id))", sourceLocation: sourceLocation)
  #expect(finding.status == status, "\(finding)", sourceLocation: sourceLocation)
  #expect(finding.summary.contains(summary), "\(finding)", sourceLocation: sourceLocation)
  #expect(
    (finding.hint == nil) == (status == .ok), "\(finding)", sourceLocation: sourceLocation)
  if let hint {
    #expect(
      finding.hint?.contains(hint) == true, "\(finding)", sourceLocation: sourceLocation)
  }
}
