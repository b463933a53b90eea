/// One value of a git configuration, taken apart, and how it is written again.
struct GitSetting: Sendable, Hashable {
  /// In lower case.
  var section: String
  /// Nil for `[section]` alone.
  var subsection: String?
  /// In lower case.
  var name: String
  var value: [UInt8]

  /// - Parameter section: with its subsection, as `GitConfigFile` has it.
  init(section: String, name: String, value: [UInt8]) {
    let parts = section.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    self.section = String(parts[0])
    subsection = parts.count > 1 ? String(parts[1]) : nil
    self.name = name
    self.value = value
  }

  /// As git calls it: `remote.origin.url`.
  var key: String { [section, subsection, name].compactMap(\.self).joined(separator: ".") }

  /// What has the same name, without making a string of it.
  struct Identity: Hashable {
    var section: String
    var subsection: String?
    var name: String
  }

  var identity: Identity { Identity(section: section, subsection: subsection, name: name) }

  /// The value as text, invalid bytes repaired.
  var text: String { String(decoding: value, as: UTF8.self) }

  /// `settings` as a file with every value in quotes, so that none can leave its place. What
  /// no file can hold is left out.
  static func file(_ settings: [GitSetting]) -> [UInt8] {
    var bytes: [UInt8] = []
    var header: [UInt8] = []
    for setting in settings {
      guard let next = setting.header, !setting.value.contains(0) else { continue }
      if next != header {
        bytes += next
        header = next
      }
      bytes += Array("\t\(setting.name) = \"".utf8)
      for byte in setting.value {
        switch byte {
        case UInt8(ascii: "\n"): bytes += Array("\\n".utf8)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
        default: bytes.append(byte)
        }
      }
      bytes += Array("\"\n".utf8)
    }
    return bytes
  }

  private var header: [UInt8]? {
    guard let subsection else { return Array("[\(section)]\n".utf8) }
    guard !subsection.utf8.contains(0), !subsection.utf8.contains(UInt8(ascii: "\n")) else {
      return nil
    }
    var bytes = Array("[\(section) \"".utf8)
    for byte in subsection.utf8 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        bytes.append(UInt8(ascii: "\\"))
      }
      bytes.append(byte)
    }
    return bytes + Array("\"]\n".utf8)
  }
}
