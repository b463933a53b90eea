/// What an agent does not get of the user's configuration (11-git "Before" 1).
extension GitSetting {
  /// `settings` without passwords: none in any URL, no header, no token.
  static func withoutSecrets(_ settings: [GitSetting]) -> [GitSetting] {
    settings.compactMap { setting in
      guard !secretNames.contains(setting.name) else { return nil }
      var setting = setting
      setting.value = withoutPasswords(setting.value)
      // `url.<base>.insteadOf` and `http.<url>.…` have the URL there.
      setting.subsection = setting.subsection.map {
        String(decoding: withoutPasswords(Array($0.utf8)), as: UTF8.self)
      }
      return setting
    }
  }

  /// git's own, and those that well-known helpers keep in a configuration.
  private static let secretNames: Set<String> = [
    "extraheader", "smtppass", "pass", "password", "token", "oauthtoken", "privatetoken",
    "apikey", "secret",
  ]

  /// `scheme://user:password@host` becomes `scheme://user@host`, and for everything but ssh
  /// `scheme://host`: there the name alone is often the token.
  private static func withoutPasswords(_ bytes: [UInt8]) -> [UInt8] {
    let mark = Array("://".utf8)
    guard bytes.count > mark.count else { return bytes }
    var kept: [UInt8] = []
    var rest = bytes[...]
    while let start = firstIndex(of: mark, in: rest) {
      let isSSH = rest[..<start].suffix(3).elementsEqual("ssh".utf8)
      kept += rest[..<(start + mark.count)]
      rest = rest[(start + mark.count)...]
      let end = rest.firstIndex { "/?# \t\n\"'".utf8.contains($0) } ?? rest.endIndex
      guard let at = rest[..<end].lastIndex(of: UInt8(ascii: "@")) else { continue }
      if isSSH { kept += rest[..<at].prefix { $0 != UInt8(ascii: ":") } + [UInt8(ascii: "@")] }
      rest = rest[(at + 1)...]
    }
    return kept + rest
  }

  private static func firstIndex(of mark: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.count >= mark.count else { return nil }
    return (bytes.startIndex...(bytes.endIndex - mark.count)).first {
      bytes[$0..<($0 + mark.count)].elementsEqual(mark)
    }
  }
}
