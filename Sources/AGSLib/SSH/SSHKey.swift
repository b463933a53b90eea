internal import CPosix
internal import FoundationEssentials
internal import Glibc
public import SystemPackage

/// One of the two keys an agent works with (2-config `auth_key`, `sign_key`). Nothing of
/// the private half is ever read but the word that says whether it is encrypted.
public struct SSHKey: Sendable, Equatable {
  /// What it is for; the raw value is its name in the configuration.
  public enum Role: String, Sendable, CaseIterable {
    case authentication = "auth_key"
    case signing = "sign_key"

    /// As `ssh-keygen` is told.
    var comment: String {
      switch self {
      case .authentication: "ags-agent-auth"
      case .signing: "ags-agent-signing"
      }
    }
  }

  public var role: Role
  public var privateFile: FilePath
  /// Links resolved.
  public var publicFile: FilePath
  /// The public half, as an agent lists it.
  public var identity: SSHIdentity
  /// The public half as text: type and base64, without a comment.
  public var publicText: String
  /// Loading it asks for a passphrase.
  public var hasPassphrase: Bool

  /// Reads what is public of the key at `path`.
  /// - Returns: nil when one of its two files is missing.
  /// - Throws: when what is there is no key that `ssh-add` takes.
  static func find(_ role: Role, at path: FilePath) throws -> SSHKey? {
    let publicPath = FilePath(path.string + ".pub")
    guard let start = try start(of: path), let text = ResolvedPath(publicPath),
      let bytes = try RegularFile.read(text.path, limit: 64 << 10, links: .refused)
    else { return nil }
    let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    let words = line.split(whereSeparator: \.isWhitespace)
    guard words.count >= 2, let blob = Data(base64Encoded: String(words[1])).map(Array.init),
      firstString(of: blob) == Array(words[0].utf8)
    else {
      throw SSHError(
        "\(publicPath) is not an ssh public key",
        hint: "make it again: ssh-keygen -y -f \(path) >\(publicPath)")
    }
    return SSHKey(
      role: role, privateFile: path, publicFile: text.path, identity: SSHIdentity(blob: blob),
      publicText: "\(words[0]) \(words[1])", hasPassphrase: isEncrypted(start))
  }

  /// What to type for a key that is missing.
  static func remedy(_ role: Role, at path: FilePath) -> String {
    ResolvedPath(path) == nil
      ? "ssh-keygen -t ed25519 -a 64 -C \(role.comment) -f \(path)"
      : "ssh-keygen -y -f \(path) >\(path).pub"
  }

  /// How much of a private key's file is looked at: in a file of OpenSSH's the name of the
  /// cipher, or `none`, is in it, and nothing private yet.
  private static let lookedAt = 96

  private static func start(of path: FilePath) throws(SSHError) -> [UInt8]? {
    let file = cposix_open(path.string, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw SSHError(
        "cannot open the key \(path)", cause: String(cString: strerror(errno)),
        hint: "look at it with ls -l \(path)")
    }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      throw SSHError("the key \(path) is not a regular file", hint: "put the key's file there")
    }
    guard facts.st_mode & 0o077 == 0 else {
      throw SSHError(
        "the key \(path) is open to other users, so ssh-add does not take it",
        hint: "chmod 600 \(path)")
    }
    var bytes = [UInt8](repeating: 0, count: lookedAt)
    let count = read(file, &bytes, bytes.count)
    return Array(bytes.prefix(max(count, 0)))
  }

  /// Whether the file that begins so needs a passphrase; where that cannot be told, yes.
  private static func isEncrypted(_ start: [UInt8]) -> Bool {
    let lines = String(decoding: start, as: UTF8.self).split(separator: "\n")
    guard let first = lines.first, lines.count > 1 else { return true }
    if first.contains("BEGIN OPENSSH PRIVATE KEY") {
      let whole = lines[1].prefix(lines[1].count / 4 * 4)
      let magic = Array("openssh-key-v1\0".utf8)
      guard let decoded = Data(base64Encoded: String(whole)).map(Array.init),
        decoded.starts(with: magic)
      else { return true }
      return firstString(of: Array(decoded.dropFirst(magic.count))) != Array("none".utf8)
    }
    return first.contains("ENCRYPTED") || lines[1].contains("ENCRYPTED")
  }

  /// Nil when there is no whole one.
  private static func firstString(of bytes: [UInt8]) -> [UInt8]? {
    var reader = SSHWireReader(bytes)
    do throws(SSHAgentProblem) {
      return try reader.string()
    } catch {
      return nil
    }
  }
}
