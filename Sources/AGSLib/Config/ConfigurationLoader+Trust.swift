public import SystemPackage

/// `ags trust` was asked about a repository that has no configuration.
public struct NoOverlay: DescribedError, Equatable {
  public var root: FilePath
  public var summary: String {
    TerminalText.escaped("\(root) has no \(ConfigurationLoader.overlayName)")
  }
  public var hint: String? { "name the repository: `ags trust PATH`" }
}

extension ConfigurationLoader {
  /// Asks about the configuration of the repository at `workspaceRoot`, whatever was
  /// decided before (`ags trust`).
  /// - Throws: `NoOverlay`, `ConfigurationError` when the file is not valid.
  public func askForTrust(
    workspaceRoot: FilePath, base: Configuration, prompt: any TrustPrompt
  ) throws -> TrustAnswer {
    let review = overlayReview(workspaceRoot, base)
    guard let subject = try review.subject() else { throw NoOverlay(root: workspaceRoot) }
    let (_, requests) = try review.parse(subject)
    return try review.ask(prompt, subject, requests, wasAllowed: false)
  }

  /// Denies the configuration as it is now without looking into it (`ags trust --deny`).
  /// - Throws: `NoOverlay`.
  public func denyTrust(workspaceRoot: FilePath, base: Configuration) throws {
    let review = overlayReview(workspaceRoot, base)
    guard let subject = try review.subject() else { throw NoOverlay(root: workspaceRoot) }
    try review.store.decide(.denied, on: subject, requests: [])
  }

  func overlayReview(_ root: FilePath, _ base: Configuration) -> OverlayReview {
    OverlayReview(root: root, base: base, expansion: expansion, store: trustStore(base))
  }
}
