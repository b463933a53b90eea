/// Text as a shell sees it before it looks for files: bytes, and units beyond a byte for
/// what stands for other text.
enum ShellText {
  /// `?` or `[…]`.
  static let one: UInt16 = 256
  /// `*`.
  static let run: UInt16 = 257
  /// An expansion nobody knows here: possibly nothing, possibly the home directory.
  static let unknown: UInt16 = 258
  static let braceOpen: UInt16 = 259
  static let comma: UInt16 = 260
  static let braceClose: UInt16 = 261

  static let slash = UInt16(UInt8(ascii: "/"))
  static let dot = UInt16(UInt8(ascii: "."))
  static let tilde = UInt16(UInt8(ascii: "~"))
  static let dollar = UInt16(UInt8(ascii: "$"))
  static let equals = UInt16(UInt8(ascii: "="))
  static let star = UInt16(UInt8(ascii: "*"))
  static let dash = UInt16(UInt8(ascii: "-"))

  static func literal(_ bytes: [UInt8]) -> [UInt16] { bytes.map { UInt16($0) } }
  static func literal(_ text: StaticString) -> [UInt16] { literal(bytes(text)) }

  static func bytes(_ text: StaticString) -> [UInt8] {
    var bytes: [UInt8] = []
    for index in 0..<text.utf8CodeUnitCount { bytes.append(text.utf8Start[index]) }
    return bytes
  }

  /// The bytes, wildcards in a shell's spelling and nothing for the unknown.
  static func source(_ units: [UInt16]) -> [UInt8] {
    var bytes: [UInt8] = []
    for unit in units {
      if let byte = UInt8(exactly: unit) {
        bytes.append(byte)
      } else if unit == one {
        bytes.append(UInt8(ascii: "?"))
      } else if unit == run {
        bytes.append(UInt8(ascii: "*"))
      }
    }
    return bytes
  }

  static func isLiteral(_ units: [UInt16]) -> Bool { units.allSatisfy { $0 < 256 } }

  static func equal(_ bytes: [UInt8], _ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount else { return false }
    for index in 0..<bytes.count where bytes[index] != text.utf8Start[index] { return false }
    return true
  }

  static func equal(_ units: [UInt16], _ text: StaticString) -> Bool {
    units.count == text.utf8CodeUnitCount && hasPrefix(units, text)
  }

  static func hasPrefix(_ units: [UInt16], _ text: StaticString) -> Bool {
    guard units.count >= text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount
    where units[index] != UInt16(text.utf8Start[index]) { return false }
    return true
  }

  static func contains(_ bytes: [UInt8], _ text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    guard length > 0, bytes.count >= length else { return false }
    for start in 0...(bytes.count - length) {
      var matched = 0
      while matched < length, bytes[start + matched] == text.utf8Start[matched] { matched += 1 }
      if matched == length { return true }
    }
    return false
  }

  static func isSpace(_ unit: UInt16) -> Bool { unit == 0x20 || (0x09...0x0D).contains(unit) }

  /// A byte of a variable's name.
  static func isName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      return true
    default: return false
    }
  }

  static func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): return byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): return byte - UInt8(ascii: "A") + 10
    default: return nil
    }
  }

  static func split(_ units: [UInt16], at separator: UInt16) -> [[UInt16]] {
    units.split(separator: separator, omittingEmptySubsequences: true).map { Array($0) }
  }

  /// Every text that a text with brace markers stands for; nil when there are more than
  /// `limit`. A sequence such as `{a..z}` becomes one wildcard.
  static func expandBraces(_ units: [UInt16], limit: Int) -> [[UInt16]]? {
    guard units.contains(braceOpen) else { return [plain(units)] }
    var pending = [units]
    var done: [[UInt16]] = []
    while let text = pending.popLast() {
      guard let group = firstGroup(in: text) else {
        done.append(plain(text))
        if done.count > limit { return nil }
        continue
      }
      let head = Array(text[..<group.open])
      let tail = Array(text[(group.close + 1)...])
      var start = group.open + 1
      for end in group.commas + [group.close] {
        pending.append(head + text[start..<end] + tail)
        start = end + 1
      }
      if group.commas.isEmpty { pending[pending.count - 1] = head + [run] + tail }
      if pending.count > limit { return nil }
    }
    return done
  }

  private static func firstGroup(
    in text: [UInt16]
  ) -> (open: Int, close: Int, commas: [Int])? {
    var open: [(index: Int, commas: [Int])] = []
    var found: (open: Int, close: Int, commas: [Int])?
    for (index, unit) in text.enumerated() {
      if unit == braceOpen {
        open.append((index, []))
      } else if unit == comma, !open.isEmpty {
        open[open.count - 1].commas.append(index)
      } else if unit == braceClose, let last = open.popLast() {
        let inside = text[last.index..<index]
        let isSequence =
          inside.count > 3
          && zip(inside, inside.dropFirst()).contains { $0 == dot && $1 == dot }
        if !last.commas.isEmpty || isSequence {
          if found.map({ last.index < $0.open }) ?? true {
            found = (last.index, index, last.commas)
          }
          if open.isEmpty { return found }
        }
      }
    }
    return found
  }

  /// Markers that formed no group are what they look like.
  private static func plain(_ units: [UInt16]) -> [UInt16] {
    units.map { unit in
      switch unit {
      case braceOpen: return UInt16(UInt8(ascii: "{"))
      case comma: return UInt16(UInt8(ascii: ","))
      case braceClose: return UInt16(UInt8(ascii: "}"))
      default: return unit
      }
    }
  }
}
