internal import AGSWire
internal import SystemPackage

/// The git configuration that agents get (3-run "git"): the user's name, signatures with
/// the signing key, and what a sandbox needs.
struct GitConfiguration: Sendable, Equatable {
  var user: GitUser
  /// The public half inside; without one nothing is signed, or every commit would fail.
  var signingKey: String?
  /// Repositories that inside belong to somebody else.
  var safeDirectories: [FilePath]

  /// The first line of every file ags makes. A file without it is the user's.
  static let mark = "# Made by ags. A file without this line is the user's own and stays as it is."

  /// Whether a file that begins so is ags' own, and may be replaced.
  static func isOurs(_ bytes: [UInt8]) -> Bool { bytes.starts(with: Array((mark + "\n").utf8)) }

  var text: String {
    var lines = [Self.mark]
    func section(_ name: String, _ settings: [(String, String?)]) {
      let settings = settings.compactMap { name, value in value.map { "\t\(name) = \($0)" } }
      if !settings.isEmpty { lines += ["[\(name)]"] + settings }
    }
    section(
      "user",
      [
        ("name", user.name.map(Self.quoted)), ("email", user.mail.map(Self.quoted)),
        ("signingkey", signingKey.map(Self.quoted)),
      ])
    if signingKey != nil {
      section("gpg", [("format", "ssh")])
      section(
        "gpg \"ssh\"", [("allowedSignersFile", Self.quoted(GuestPath.allowedSigners))])
      section("commit", [("gpgsign", "true")])
    }
    // Worktrees of the host need not be there inside.
    section("gc", [("worktreePruneExpire", "never")])
    section("safe", safeDirectories.map { ("directory", Self.quoted($0.string)) })
    return lines.joined(separator: "\n") + "\n"
  }

  /// A value in quotes, whatever it holds. Control characters go: git takes them out of
  /// names too, and none of them can stand in a file as it is.
  static func quoted(_ value: String) -> String {
    var quoted = "\""
    for scalar in value.unicodeScalars where scalar.properties.generalCategory != .control {
      if scalar == "\"" || scalar == "\\" { quoted += "\\" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }

  /// What `gpg.ssh.allowedSignersFile` names: the one key, under the user's mail.
  static func allowedSigners(_ key: SSHKey, mail: String?) -> String {
    let isPlain =
      mail.map { mail in
        !mail.isEmpty
          && mail.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x40...0x5a).contains(byte)
              || (0x61...0x7a).contains(byte) || ".+-_".utf8.contains(byte)
          }
      } ?? false
    let principal = isPlain ? mail ?? "agent" : "agent"
    return "\(principal) namespaces=\"git\" \(key.publicText)\n"
  }

  /// Puts `text` at `path` unless it is there already: another session that starts at the
  /// same moment has that very file mounted.
  static func install(_ text: String, at path: FilePath, lock: FilePath) throws {
    let bytes = Array(text.utf8)
    try PrivateDirectory.makeAll(path.removingLastComponent())
    let lock = try FileLock(lock)
    defer { withExtendedLifetime(lock) {} }
    if let present = try RegularFile.read(path, limit: 1 << 20, links: .refused) {
      guard present != bytes else { return }
      guard isOurs(present) else {
        throw GitConfigurationError(
          summary: "\(path) has just been changed by somebody else", hint: "start again")
      }
    }
    // As root the agent's user is another one.
    try RegularFile.write(bytes, to: path, mode: 0o644, existing: .replaced)
  }
}

/// A generated configuration that cannot be put in its place.
struct GitConfigurationError: DescribedError {
  var summary: String
  var hint: String?
  var exitStatus: ExitStatus { .failure }
}
