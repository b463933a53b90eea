internal import FoundationEssentials

/// What `ags` tells its sidecar, as one JSON document on its standard input. Nothing in it is
/// secret.
public struct AuthProxyConfiguration: Codable, Sendable, Equatable {
  /// One port of the host that is reachable inside (2-config `[[forward]]`).
  struct ForwardRule: Codable, Sendable, Equatable {
    /// As the sandbox sees it.
    var port: UInt16
    var hostPort: UInt16
  }

  /// What of the ssh agent is let in (3-run "ssh").
  struct SSHRule: Codable, Sendable, Equatable {
    struct Key: Codable, Sendable, Equatable {
      /// For the audit log.
      var name: String
      var blob: [UInt8]
    }

    /// Where the agent's socket is.
    var directory: String
    var socket: String
    var keys: [Key]
  }

  var session: String
  var agent: String
  var workspace: String
  /// Seen inside at `/run/ags`.
  var sandboxDirectory: String
  /// Never seen inside.
  var hostDirectory: String
  var auditDirectory: String
  var autoAllowDomains: [String] = []
  /// How many pages of those open without a question within a minute.
  var unaskedPages = 10
  var forwards: [ForwardRule] = []
  var ssh: SSHRule?

  /// The program that gets it.
  static let program = "ags-auth-proxy"

  func encoded() throws -> [UInt8] { try Array(JSONEncoder().encode(self)) }

  static func decoded(_ bytes: [UInt8]) throws -> AuthProxyConfiguration {
    try JSONDecoder().decode(Self.self, from: Data(bytes))
  }
}
