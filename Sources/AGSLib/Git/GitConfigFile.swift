internal import SystemPackage

/// The few things ags reads of a git configuration itself, in git's own syntax
/// (git-config(1), "Syntax"). Includes are not followed.
struct GitConfigFile {
  private var values: [(section: String, name: String, value: [UInt8])] = []
  /// False for a file that git would refuse.
  let isValid: Bool

  /// A file that git would refuse has no values.
  init(_ bytes: [UInt8]) {
    var reader = GitConfigReader(bytes)
    let found = reader.all()
    values = found ?? []
    isValid = found != nil
  }

  /// All values in order.
  var settings: [GitSetting] {
    var settings: [GitSetting] = []
    var section: String?
    for value in values {
      // Those of one section share its name: it may be long, and they many.
      if section?.utf8.elementsEqual(value.section.utf8) == true, var next = settings.last {
        next.name = value.name
        next.value = value.value
        settings.append(next)
      } else {
        settings.append(
          GitSetting(section: value.section, name: value.name, value: value.value))
        section = value.section
      }
    }
    return settings
  }

  /// The last value of `section.name`, both in lower case; nil for one that is not valid
  /// UTF-8 or has none. A subsection is part of the section: `gpg.ssh`.
  func value(_ name: String, in section: String) -> String? {
    values.last { $0.section == section && $0.name == name }
      .flatMap { String(validating: $0.value, as: UTF8.self) }
  }

  /// The same from a small file that somebody else may have written; no link is followed.
  static func value(_ name: String, in section: String, of path: FilePath) -> String? {
    SmallFile.text(path).flatMap { GitConfigFile(Array($0.utf8)).value(name, in: section) }
  }
}

/// Reads bytes one by one, as git does.
private struct GitConfigReader {
  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
  }

  /// Far above what anybody writes, in bytes.
  private static let subsectionLimit = 4096
  private static let nameLimit = 256
  private static let settingLimit = 20_000

  /// Nil when the syntax is wrong or a limit is broken, and with a zero, where git's strings end.
  mutating func all() -> [(section: String, name: String, value: [UInt8])]? {
    guard !bytes.contains(0) else { return nil }
    var found: [(String, String, [UInt8])] = []
    var section: String?
    while let byte = next() {
      switch byte {
      case _ where Self.isSpace(byte): continue
      case UInt8(ascii: "#"), UInt8(ascii: ";"): skipLine()
      case UInt8(ascii: "["):
        guard let header = sectionHeader() else { return nil }
        section = header
      default:
        guard let section, Self.isLetter(byte), let name = variableName(byte),
          let value = assignedValue()
        else { return nil }
        guard found.count < Self.settingLimit else { return nil }
        found.append((section, name, value))
      }
    }
    return found
  }

  /// A line break of either kind is one line feed.
  private mutating func next() -> UInt8? {
    guard index < bytes.count else { return nil }
    defer { index += 1 }
    if bytes[index] == UInt8(ascii: "\r"), index + 1 < bytes.count,
      bytes[index + 1] == UInt8(ascii: "\n")
    {
      index += 1
      return UInt8(ascii: "\n")
    }
    return bytes[index]
  }

  private mutating func skipLine() {
    while let byte = next(), byte != UInt8(ascii: "\n") {}
  }

  /// What follows `[`, up to `]`.
  private mutating func sectionHeader() -> String? {
    var name: [UInt8] = []
    while let byte = next() {
      guard name.count <= Self.nameLimit else { return nil }
      switch byte {
      case UInt8(ascii: "]"): return String(decoding: name, as: UTF8.self)
      case UInt8(ascii: " "), UInt8(ascii: "\t"):
        guard let sub = subsection() else { return nil }
        return String(decoding: name, as: UTF8.self) + "." + sub
      case _ where Self.isNamePart(byte) || byte == UInt8(ascii: "."):
        name.append(Self.lower(byte))
      default: return nil
      }
    }
    return nil
  }

  private mutating func subsection() -> String? {
    var name: [UInt8] = []
    while let byte = next() {
      if byte == UInt8(ascii: "\"") { break }
      guard byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") else { return nil }
    }
    while let byte = next() {
      guard name.count <= Self.subsectionLimit else { return nil }
      switch byte {
      case UInt8(ascii: "\n"): return nil
      case UInt8(ascii: "\""):
        return next() == UInt8(ascii: "]") ? String(decoding: name, as: UTF8.self) : nil
      case UInt8(ascii: "\\"):
        guard let escaped = next(), escaped != UInt8(ascii: "\n") else { return nil }
        name.append(escaped)
      default: name.append(byte)
      }
    }
    return nil
  }

  private mutating func variableName(_ first: UInt8) -> String? {
    var name = [Self.lower(first)]
    while index < bytes.count, Self.isNamePart(bytes[index]) {
      name.append(Self.lower(bytes[index]))
      index += 1
      guard name.count <= Self.nameLimit else { return nil }
    }
    return String(decoding: name, as: UTF8.self)
  }

  /// What follows a name; without `=` it means true.
  private mutating func assignedValue() -> [UInt8]? {
    while let byte = next() {
      switch byte {
      case UInt8(ascii: "\n"): return Array("true".utf8)
      case UInt8(ascii: "="): return value()
      case UInt8(ascii: " "), UInt8(ascii: "\t"): continue
      default: return nil
      }
    }
    return Array("true".utf8)
  }

  private mutating func value() -> [UInt8]? {
    var value: [UInt8] = []
    // Kept apart until something follows them: spaces at the end do not count.
    var spaces: [UInt8] = []
    var isQuoted = false
    var isComment = false
    while true {
      guard let byte = next(), byte != UInt8(ascii: "\n") else { return isQuoted ? nil : value }
      if isComment { continue }
      if Self.isSpace(byte), !isQuoted {
        if !value.isEmpty { spaces.append(byte) }
        continue
      }
      if !isQuoted, byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";") {
        isComment = true
        continue
      }
      value += spaces
      spaces = []
      switch byte {
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: "\\"):
        switch next() {
        case UInt8(ascii: "\n"): continue
        case UInt8(ascii: "t"): value.append(UInt8(ascii: "\t"))
        case UInt8(ascii: "b"): value.append(8)
        case UInt8(ascii: "n"): value.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "\\"): value.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "\""): value.append(UInt8(ascii: "\""))
        default: return nil
        }
      default: value.append(byte)
      }
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    // To git a form feed is none.
    " \t\n\r".utf8.contains(byte)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower(byte))
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    isLetter(byte) || byte == UInt8(ascii: "-")
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func lower(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
  }
}
