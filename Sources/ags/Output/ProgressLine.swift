/// One drawing of a progress line.
struct ProgressLine {
  var title: String
  var detail: String
  var fraction: Double?
  var elapsed: Duration
  var frame: Int

  private static let frames: [Character] = ["|", "/", "-", "\\"]
  private static let barWidth = 20

  /// - Parameter width: columns of the terminal; the last one stays free, because some
  ///   terminals wrap when it is written.
  func text(width: Int, hasColour: Bool) -> String {
    var text = "\(Self.frames[frame % Self.frames.count]) "
    if let fraction {
      let full = Int((min(max(fraction, 0), 1) * Double(Self.barWidth)).rounded(.down))
      text += "[" + String(repeating: "#", count: full)
      text += String(repeating: ".", count: Self.barWidth - full) + "] "
    }
    let seconds = elapsed.components.seconds
    text += "\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60) \(title)"
    if !detail.isEmpty { text += ": \(detail)" }
    let room = max(width - 1, 10)
    let shown = String(text.replacing("\t", with: " ").prefix(room))
    guard hasColour, let first = shown.first else { return shown }
    return "\u{1B}[36m\(first)\u{1B}[0m\(shown.dropFirst())"
  }
}
