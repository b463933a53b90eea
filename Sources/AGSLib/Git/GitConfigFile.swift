internal import CPosix
internal import Glibc
internal import SystemPackage

/// Small files of a git directory, read as data: regular files only, bounded.
enum SmallFile {
  static let limit = 65536

  static func text(_ path: FilePath) -> String? {
    let descriptor = cposix_open(
      path.string, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG,
      facts.st_size <= limit
    else { return nil }
    return withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { buffer in
      var count = 0
      while count < limit {
        let got = read(descriptor, buffer.baseAddress! + count, limit - count)
        if got < 0 { return nil }
        if got == 0 { break }
        count += got
      }
      return String(validating: buffer.prefix(count), as: UTF8.self)
    }
  }

  static func firstLine(_ path: FilePath) -> String? {
    guard let line = text(path)?.split(separator: "\n", omittingEmptySubsequences: false).first,
      !line.isEmpty, !line.utf8.contains(0)
    else { return nil }
    return String(line)
  }
}

/// The few things ags reads of a git configuration itself. Includes are not followed.
enum GitConfigFile {
  /// The last value of `section.name`, names without regard to case.
  static func value(_ name: String, in section: String, of path: FilePath) -> String? {
    guard let text = SmallFile.text(path) else { return nil }
    var inside = false
    var found: String?
    for line in text.split(separator: "\n") {
      let line = trim(line)
      if line.hasPrefix("[") {
        inside = line.lowercased().hasPrefix("[\(section)]")
      } else if inside, let equals = line.firstIndex(of: "="),
        trim(line[..<equals]).lowercased() == name
      {
        var value = trim(line[line.index(after: equals)...])
        if value.count >= 2, value.first == "\"", value.last == "\"" {
          value = value.dropFirst().dropLast()
        }
        found = String(value)
      }
    }
    return found
  }

  private static func trim(_ text: Substring) -> Substring {
    var text = text
    while let first = text.first, first.isWhitespace { text = text.dropFirst() }
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return text
  }
}
