/// Names of sessions: eight hexadecimal digits, so that nothing else is ever swept.
public enum SessionID {
  /// A new one, from the system's random numbers.
  public static func random() -> String {
    let digits = String(UInt32.random(in: 0...UInt32.max), radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  static func isValid(_ text: String) -> Bool {
    text.utf8.count == 8
      && text.utf8.allSatisfy {
        ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9"))
          || ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "f"))
      }
  }
}
