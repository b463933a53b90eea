/// The version of a final release, with or without a `.postN`. What is anything else, a
/// preview above all, is not one.
struct ReleaseVersion: Equatable {
  /// Without zeros at the end: 1.0 is 1.0.0.
  private var numbers: [Int]
  private var post: Int

  /// Nil for what is no final release.
  init?(_ text: some StringProtocol) {
    var rest = Substring(text)
    post = -1
    if let mark = rest.firstRange(of: ".post") {
      guard let number = Self.number(rest[mark.upperBound...]) else { return nil }
      post = number
      rest = rest[..<mark.lowerBound]
    }
    numbers = []
    for part in rest.split(separator: ".", omittingEmptySubsequences: false) {
      guard let number = Self.number(part) else { return nil }
      numbers.append(number)
    }
    while numbers.count > 1, numbers.last == 0 { numbers.removeLast() }
  }

  private static func number(_ text: Substring) -> Int? {
    guard (1...15).contains(text.utf8.count),
      text.utf8.allSatisfy({ (48...57).contains($0) })
    else { return nil }
    return Int(text)
  }
}

extension ReleaseVersion: Comparable {
  static func < (one: ReleaseVersion, other: ReleaseVersion) -> Bool {
    if one.numbers != other.numbers {
      return one.numbers.lexicographicallyPrecedes(other.numbers)
    }
    return one.post < other.post
  }
}
