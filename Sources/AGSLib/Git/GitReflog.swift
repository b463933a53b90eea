internal import SystemPackage

/// The lines of a reflog, read as data.
struct GitReflog {
  struct Entry: Equatable {
    var object: GitObjectID
    /// What follows the tab.
    var message: String
  }

  /// The longest log that is read, in bytes.
  static let limit = 16 << 20

  var entries: [Entry] = []

  /// Oldest first; lines that are none are passed over.
  init(_ bytes: [UInt8]) {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
      guard words.count == 3, let text = String(validating: words[1], as: UTF8.self),
        let object = GitObjectID(text)
      else { continue }
      let message = line.split(separator: UInt8(ascii: "\t"), maxSplits: 1).dropFirst().first
      entries.append(
        Entry(object: object, message: String(decoding: message ?? [], as: UTF8.self)))
    }
  }

  /// The stash of a git directory.
  static func stash(of directory: DataDirectory) throws(GitDataError) -> GitReflog {
    let refs = try directory.directory("logs")?.directory("refs")
    return GitReflog(try refs?.read("stash", limit: limit) ?? [])
  }
}
