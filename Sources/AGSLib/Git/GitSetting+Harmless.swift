/// What a repository that an agent made keeps of its configuration (11-git "After" 2).
extension GitSetting {
  /// Whether it can neither make git run a program nor lead it elsewhere.
  var isHarmless: Bool {
    switch (section, subsection, name) {
    case ("core", nil, _): Self.coreNames.contains(name)
    case ("extensions", nil, "objectformat"): true
    case ("user", nil, _): ["name", "email", "signingkey"].contains(name)
    case ("remote", _?, "url"), ("remote", _?, "pushurl"): Self.isPlainURL(text)
    case ("remote", _?, "fetch"): true
    // It may be a URL too.
    case ("branch", _?, "remote"), ("branch", _?, "pushremote"): Self.isPlainURL(text)
    case ("branch", _?, "merge"), ("branch", _?, "rebase"), ("branch", _?, "description"): true
    default: false
    }
  }

  private static let coreNames: Set<String> = [
    "repositoryformatversion", "filemode", "bare", "ignorecase", "symlinks", "autocrlf", "eol",
    // Yes or no only; every clone has it.
    "logallrefupdates",
  ]

  /// A path, `host:path`, or a URL of a scheme that runs no program of its own. `ext::` and
  /// other helpers have two colons; what begins with a hyphen could pass for an option.
  static func isPlainURL(_ text: String) -> Bool {
    // By bytes, as git does: an accent behind a colon makes another character of it.
    let bytes = Array(text.utf8)
    let hyphen = UInt8(ascii: "-")
    guard bytes.first != hyphen, bytes.firstRange(of: "::".utf8) == nil,
      bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
    else { return false }
    guard let mark = bytes.firstRange(of: "://".utf8) else { return true }
    let schemes = ["https", "http", "ssh", "git", "file", "ftp", "ftps", "git+ssh", "ssh+git"]
    let host = bytes[mark.upperBound...]
    let scheme = String(decoding: bytes[..<mark.lowerBound], as: UTF8.self).lowercased()
    return schemes.contains(scheme) && host.first != hyphen
      && host.firstRange(of: "@-".utf8) == nil
  }
}
