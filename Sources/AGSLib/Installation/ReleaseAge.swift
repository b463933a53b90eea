internal import FoundationEssentials

/// How old a release must be (`[update].minimum_release_age`), and at which moment.
struct ReleaseAge {
  var minimum: Duration
  var now: Date

  enum Verdict: Equatable { case oldEnough, tooYoung, undated }

  /// - Parameter published: when, in ISO 8601, as the source says it.
  func verdict(_ published: String?) -> Verdict {
    if minimum <= .zero { return .oldEnough }
    guard let moment = published.flatMap(Self.moment) else { return .undated }
    return now.timeIntervalSince(moment) >= minimum / .seconds(1) ? .oldEnough : .tooYoung
  }

  /// What a release must be older than, in ISO 8601.
  var latest: String {
    now.addingTimeInterval(-(minimum / .seconds(1))).formatted(.iso8601)
  }

  private static func moment(_ text: String) -> Date? {
    let style = Date.ISO8601FormatStyle()
    for style in [style, style.year().month().day().time(includingFractionalSeconds: true)] {
      // Not in this form: the next, or no date at all.
      if let moment = try? style.parse(text) { return moment }
    }
    return nil
  }
}
