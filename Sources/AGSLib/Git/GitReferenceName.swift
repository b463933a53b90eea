/// A reference's whole name, such as `refs/heads/main`, by the rules of
/// git-check-ref-format(1), and shorter than what a file system takes. A name that breaks
/// them cannot exist as a value, so it reaches no command line and no file.
struct GitReferenceName: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  let text: String
  var description: String { text }

  init?(_ text: String) {
    guard Self.isValid(text) else { return nil }
    self.text = text
  }

  init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard Self.isValid(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not a reference's name"))
    }
    self.text = text
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  static func < (left: Self, right: Self) -> Bool { left.text < right.text }

  /// What follows `prefix`, or nil.
  func dropping(_ prefix: String) -> String? {
    text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
  }

  /// By bytes: two characters of Unicode that count as one must not hide a rule.
  private static func isValid(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count <= 1024, bytes.starts(with: "refs/".utf8) else { return false }
    let forbidden = Set("~^:?*[\\ \u{7F}".utf8)
    guard !bytes.contains(where: { $0 < 0x20 || forbidden.contains($0) }) else { return false }
    let components = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    // More directories than anybody has, each of which would be looked for.
    guard components.count <= 32 else { return false }
    // The one reference of two parts that git itself makes.
    guard components.count >= 3 || text == "refs/stash" else { return false }
    // Git takes these, and then cannot tell them from something else; people cannot either.
    let isShort = text.hasPrefix("refs/heads/") || text.hasPrefix("refs/tags/")
    if isShort, let last = components.last {
      guard !isAmbiguous(last), !components[2].elementsEqual("refs".utf8) else { return false }
    }
    guard TerminalText.escaped(text) == text else { return false }
    return components.allSatisfy { component in
      !component.isEmpty && component.count <= 200
        && component.first != UInt8(ascii: ".") && component.first != UInt8(ascii: "-")
        && component.last != UInt8(ascii: ".")
        && !component.reversed().starts(with: ".lock".utf8.reversed())
        && !contains(component, "..") && !contains(component, "@{")
    }
  }

  /// Another name of something: `HEAD` and its like, an object's.
  private static func isAmbiguous(_ component: ArraySlice<UInt8>) -> Bool {
    let name = String(decoding: component, as: UTF8.self)
    return name == "HEAD" || name.hasSuffix("_HEAD") || name == "@" || GitObjectID(name) != nil
  }

  private static func contains(_ bytes: ArraySlice<UInt8>, _ pair: StaticString) -> Bool {
    zip(bytes, bytes.dropFirst()).contains {
      $0 == pair.utf8Start[0] && $1 == pair.utf8Start[1]
    }
  }
}

/// An object's name: 40 or 64 lower-case hexadecimal digits.
struct GitObjectID: Sendable, Hashable, Codable, CustomStringConvertible {
  let text: String
  var description: String { text }

  init?(_ text: some StringProtocol) {
    let bytes = text.utf8
    guard bytes.count == 40 || bytes.count == 64,
      bytes.allSatisfy({
        ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9"))
          || ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "f"))
      })
    else { return nil }
    self.text = String(text)
  }

  init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let valid = GitObjectID(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not an object's name"))
    }
    self = valid
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
