internal import SystemPackage

/// Small text files somebody else may have written, read as data: regular files only,
/// no link at the end, at most 64 KiB.
enum SmallFile {
  static func text(_ path: FilePath) -> String? {
    // Missing, too large or not a file: for every caller there is nothing to be had.
    guard let bytes = try? RegularFile.read(path, limit: 65536, links: .refused) else {
      return nil
    }
    return String(validating: bytes, as: UTF8.self)
  }

  static func firstLine(_ path: FilePath) -> String? {
    // By bytes: Swift takes CR LF for one character. As git, without a CR at the end.
    guard var line = text(path)?.utf8.prefix(while: { $0 != UInt8(ascii: "\n") }) else {
      return nil
    }
    if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
    // No path is longer, and FilePath takes its time with one that is.
    guard (1...4096).contains(line.count), !line.contains(0) else { return nil }
    return String(line)
  }
}
