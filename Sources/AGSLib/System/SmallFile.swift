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
    guard let line = text(path)?.split(separator: "\n", omittingEmptySubsequences: false).first,
      !line.isEmpty, !line.utf8.contains(0)
    else { return nil }
    return String(line)
  }
}
