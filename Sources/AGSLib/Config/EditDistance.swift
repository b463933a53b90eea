/// Finds what someone probably meant to write.
enum EditDistance {
  /// The candidate nearest to `text`, if one is near enough to be worth naming.
  static func nearest(to text: String, among candidates: [String]) -> String? {
    // Longer than any key by far: not a slip of the pen, and not worth the time.
    guard text.count <= 64 else { return nil }
    let wanted = Array(text.lowercased())
    let limit = max(2, wanted.count / 3)
    return
      candidates
      .map { (name: $0, distance: distance(wanted, Array($0.lowercased()))) }
      .filter { $0.distance <= limit && $0.distance < $0.name.count }
      .min { $0.distance < $1.distance }?.name
  }

  /// Insertions, deletions, replacements and swaps of neighbours between two texts.
  static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, character) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        var cost = min(
          last[column + 1] + 1, current[column] + 1, last[column] + (character == other ? 0 : 1))
        if row > 0, column > 0, character == right[column - 1], left[row - 1] == other {
          cost = min(cost, beforeLast[column - 1] + 1)
        }
        current.append(cost)
      }
      beforeLast = last
      last = current
    }
    return last[right.count]
  }
}
