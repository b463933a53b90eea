/// Where the time of a run went, for `--timing`.
public struct SessionTiming: Sendable, Equatable {
  var began: ContinuousClock.Instant
  var swept: ContinuousClock.Instant?
  var gitPrepared: ContinuousClock.Instant?
  var prepared: ContinuousClock.Instant?
  var spawned: ContinuousClock.Instant?
  var documentReady: ContinuousClock.Instant?
  var documentRead: ContinuousClock.Instant?
  var ended: ContinuousClock.Instant?
  var takeOverBegan: ContinuousClock.Instant?
  var takenOver: ContinuousClock.Instant?

  init(began: ContinuousClock.Instant) { self.began = began }

  mutating func add(_ milestones: LaunchMilestones) {
    spawned = milestones.spawned
    documentReady = milestones.documentReady
    documentRead = milestones.documentRead
    ended = milestones.ended
  }

  /// The phases in order, each with its length. Secrets are resolved while podman starts,
  /// so that phase lies inside the next one.
  public var phases: [(name: String, length: Duration)] {
    let marks: [(String, ContinuousClock.Instant?, ContinuousClock.Instant?)] = [
      ("what earlier sessions left", began, swept),
      ("private git directories", swept, gitPrepared),
      ("session directories and mounts", gitPrepared, prepared),
      ("secrets (while podman starts)", spawned, documentReady),
      ("podman until the container is up", spawned, documentRead),
      ("agent and removal of the container", documentRead, ended),
      ("taking the work in git over", takeOverBegan, takenOver),
    ]
    return marks.compactMap { name, from, to in
      guard let from, let to else { return nil }
      return (name, to - from)
    }
  }
}
