/// The only two requests the sandbox may make of the ssh agent (draft-miller-ssh-agent,
/// sections 3.5 and 3.6).
enum SSHFilterRequest: Equatable {
  case list
  case sign(blob: [UInt8], data: [UInt8], flags: UInt32)

  /// RSA with SHA-256, RSA with SHA-512, or neither.
  static let allowedFlags: Set<UInt32> = [0, 2, 4]

  /// Nil for everything else, whatever it is.
  init?(_ message: [UInt8]) {
    var reader = SSHWireReader(message)
    do throws(SSHAgentProblem) {
      switch try reader.byte() {
      case SSHAgentMessage.requestIdentities: self = .list
      case SSHAgentMessage.signRequest:
        self = .sign(
          blob: try reader.string(), data: try reader.string(), flags: try reader.number())
      default: return nil
      }
    } catch {
      return nil
    }
    guard reader.rest == 0 else { return nil }
    if case .sign(_, _, let flags) = self, !Self.allowedFlags.contains(flags) { return nil }
  }

  /// As it is sent to the agent: nothing but what was understood.
  var encoded: [UInt8] {
    switch self {
    case .list: [SSHAgentMessage.requestIdentities]
    case .sign(let blob, let data, let flags):
      [SSHAgentMessage.signRequest] + SSHWireReader.encoded(blob) + SSHWireReader.encoded(data)
        + SSHWireReader.number(Int(flags))
    }
  }
}

/// What a signature is for, as far as the signed bytes tell.
enum SSHSignedData {
  /// For the audit log; inert.
  static func facts(_ data: [UInt8]) -> [String: String] {
    if let namespace = namespace(data) {
      return ["for": "signature", "namespace": shown(namespace)]
    }
    if let user = user(data) { return ["for": "login", "user": shown(user)] }
    return ["for": "unknown"]
  }

  /// Of a file's or commit's signature (OpenSSH, PROTOCOL.sshsig).
  private static func namespace(_ data: [UInt8]) -> [UInt8]? {
    let magic = Array("SSHSIG".utf8)
    guard data.starts(with: magic) else { return nil }
    var reader = SSHWireReader(Array(data.dropFirst(magic.count)))
    return try? reader.string()  // Garbled is unknown.
  }

  /// Of a login (RFC 4252, section 7).
  private static func user(_ data: [UInt8]) -> [UInt8]? {
    var reader = SSHWireReader(data)
    do throws(SSHAgentProblem) {
      _ = try reader.string()
      guard try reader.byte() == 50 else { return nil }
      let user = try reader.string()
      guard try reader.string() == Array("ssh-connection".utf8),
        try reader.string().starts(with: "publickey".utf8)
      else { return nil }
      return user
    } catch {
      return nil
    }
  }

  private static func shown(_ bytes: [UInt8]) -> String {
    TerminalText.escaped(String(decoding: bytes.prefix(64), as: UTF8.self))
  }
}
