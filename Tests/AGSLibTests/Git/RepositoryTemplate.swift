import AGSTestSupport
import FoundationEssentials
import SystemPackage

@testable import AGSLib

/// The repository that tests of the quarantine start with: made by git once, kept in memory
/// and written out for each of them.
actor RepositoryTemplate {
  static let shared = RepositoryTemplate()

  private var files: [[String]: [String: Data]] = [:]

  /// Makes it at `path`, with `arguments` for `git init`.
  func make(_ path: FilePath, _ arguments: [String], with git: GitFixture) async throws {
    let known: [String: Data]
    if let present = files[arguments] {
      known = present
    } else {
      known = try await build(arguments, with: git)
      files[arguments] = known
    }
    for name in ["objects/info", "objects/pack", "refs/tags", "hooks", "info", "branches"] {
      try makeDirectory(path.appending(".git/\(name)"))
    }
    for (name, data) in known {
      let file = path.appending(name)
      try makeDirectory(file.removingLastComponent())
      try data.write(to: URL(filePath: file.string))
    }
  }

  private func build(
    _ arguments: [String], with git: GitFixture
  ) async throws -> [String: Data] {
    let path = git.root.appending("template")
    try makeDirectory(path)
    try await git.git("init", "-q", "--template=", in: path, more: arguments)
    // Nobody needs these repositories after a crash.
    let config = path.appending(".git/config")
    try write(try read(config) + "[core]\n\tfsync = none\n", to: config)
    var history = git.call(["fast-import", "--quiet"], in: path)
    history.input = .text(Self.history)
    try await history.runOrThrow()
    try await git.git("reset", "-q", "--hard", in: path)
    let files = try contents(of: path)
    try FileManager.default.removeItem(atPath: path.string)
    return files
  }

  private static let history = """
    commit refs/heads/main
    committer tester <tester@example.org> 1700000000 +0000
    data 3
    one
    M 644 inline a
    data 2
    a

    M 644 inline b
    data 2
    b

    M 644 inline dir/c
    data 2
    c

    commit refs/heads/main
    committer tester <tester@example.org> 1700000001 +0000
    data 3
    two
    M 644 inline a
    data 3
    a2


    """
}

/// Every regular file below a directory, by its path there.
func contents(of directory: FilePath) throws -> [String: Data] {
  var files: [String: Data] = [:]
  var pending = [directory]
  while let next = pending.popLast() {
    for name in names(in: next) {
      let path = next.appending(name)
      switch GitMarker(at: path) {
      case let marker? where marker.isDirectory: pending.append(path)
      case let marker? where marker.isFile:
        let key = String(path.string.dropFirst(directory.string.count + 1))
        files[key] = try Data(contentsOf: URL(filePath: path.string))
      default: continue
      }
    }
  }
  return files
}
