/// Files and directories with keys and logins, below a home directory (4-channels
/// "Guard").
struct SensitivePath {
  /// As users write it.
  let name: String
  let components: [[UInt8]]
  /// What such a place typically holds, relative to the home directory.
  let samples: [[[UInt8]]]
  /// Whether the name alone, below a directory nobody knows, is enough.
  let isDistinctive: Bool

  private init(_ path: StaticString, _ samples: [StaticString] = [], isDistinctive: Bool = true) {
    func split(_ path: StaticString) -> [[UInt8]] {
      ShellText.bytes(path).split(separator: UInt8(ascii: "/")).map { Array($0) }
    }
    let own = split(path)
    components = own
    name = "~/" + String(decoding: ShellText.bytes(path), as: UTF8.self)
    self.samples = samples.isEmpty ? [own] : samples.map { own + split($0) }
    self.isDistinctive = isDistinctive
  }

  static let all: [SensitivePath] = [
    SensitivePath(
      ".ssh", ["id_rsa", "id_ed25519", "id_x", "config", "authorized_keys", "known_hosts"]),
    SensitivePath(".gnupg", ["private-keys-v1.d/x.key", "secring.gpg", "gpg.conf"]),
    SensitivePath(".aws", ["credentials", "config", "sso/cache/x.json"]),
    SensitivePath(
      ".config/gcloud",
      ["credentials.db", "access_tokens.db", "application_default_credentials.json"]),
    SensitivePath(".git-credentials"),
    SensitivePath(".npmrc", isDistinctive: false),
    // The agents' own logins.
    SensitivePath(".claude/.credentials.json"),
    SensitivePath(".codex/auth.json"),
    SensitivePath(".gemini/oauth_creds.json"),
    SensitivePath(".pi/agent/auth.json"),
    SensitivePath(".local/share/opencode/auth.json"),
    SensitivePath(".local/share/opencode/mcp-auth.json"),
  ]

  /// Names of files that hold secrets wherever they are: not to be written by an agent.
  /// `.env`, `.env.*`, `*.pem`, `*.key`, `id_*`.
  static func isSecretFileName(_ name: [UInt16]) -> Bool {
    func hasSuffix(_ suffix: StaticString) -> Bool {
      let length = suffix.utf8CodeUnitCount
      return name.count >= length
        && ShellText.equal(Array(name[(name.count - length)...]), suffix)
    }
    return ShellText.equal(name, ".env") || ShellText.hasPrefix(name, ".env.")
      || hasSuffix(".pem") || hasSuffix(".key") || ShellText.hasPrefix(name, "id_")
  }
}
