/// Counts what was denied lately: an agent that goes on asking until a no becomes a yes is
/// not asked about any more for a while (4-channels).
struct DenialHistory {
  static let window = Duration.seconds(60)
  static let penalty = Duration.seconds(300)
  static let denials = 3
  /// Questions that are put and taken back make windows flicker under the user's pointer.
  static let withdrawals = 10

  private var denied: [Duration] = []
  private var withdrawn: [Duration] = []
  private var floodedUntil: Duration?

  func isFlooded(at now: Duration) -> Bool { floodedUntil.map { now < $0 } ?? false }

  /// - Returns: whether everything is denied from now on.
  mutating func noteDenial(at now: Duration) -> Bool {
    guard !isFlooded(at: now) else { return false }
    return beginsFlood(Self.reaches(Self.denials, in: &denied, at: now), at: now)
  }

  mutating func noteWithdrawal(at now: Duration) -> Bool {
    guard !isFlooded(at: now) else { return false }
    return beginsFlood(Self.reaches(Self.withdrawals, in: &withdrawn, at: now), at: now)
  }

  private static func reaches(
    _ limit: Int, in times: inout [Duration], at now: Duration
  ) -> Bool {
    times.removeAll { now - $0 >= window }
    times.append(now)
    return times.count >= limit
  }

  private mutating func beginsFlood(_ begins: Bool, at now: Duration) -> Bool {
    guard begins else { return false }
    denied = []
    withdrawn = []
    floodedUntil = now + Self.penalty
    return true
  }
}
