extension Duration {
  /// As a message says it: `5 s`, `0.4 s`.
  var inSeconds: String {
    let text = "\(self / .seconds(1))"
    return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + " s"
  }
}
