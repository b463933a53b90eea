/// A key that an ssh agent holds, as it lists it (draft-miller-ssh-agent, section 3.5).
public struct SSHIdentity: Sendable, Equatable {
  /// The public key in the encoding of RFC 4253, section 6.6.
  public var blob: [UInt8]
  /// Whatever the key's owner wrote there; not checked.
  public var comment: [UInt8]

  public init(blob: [UInt8], comment: [UInt8] = []) {
    self.blob = blob
    self.comment = comment
  }

  /// The identities of a whole `SSH_AGENT_IDENTITIES_ANSWER`, its type byte included.
  static func list(from answer: [UInt8]) throws(SSHAgentProblem) -> [SSHIdentity] {
    var reader = SSHWireReader(answer)
    switch try reader.byte() {
    case SSHAgentMessage.identitiesAnswer: break
    case SSHAgentMessage.failure: throw .refused
    case let other: throw .garbled("its type is \(other)")
    }
    let count = try reader.number()
    var found: [SSHIdentity] = []
    // Two lengths are the least an entry has: a count above that lies.
    guard Int(count) <= reader.rest / 8 else { throw .garbled("it counts \(count) keys") }
    for _ in 0..<count {
      found.append(SSHIdentity(blob: try reader.string(), comment: try reader.string()))
    }
    guard reader.rest == 0 else { throw .garbled("\(reader.rest) bytes follow its end") }
    return found
  }
}

/// The few message numbers ags uses (draft-miller-ssh-agent, section 5.1).
enum SSHAgentMessage {
  static let failure: UInt8 = 5
  static let success: UInt8 = 6
  static let requestIdentities: UInt8 = 11
  static let identitiesAnswer: UInt8 = 12
  static let signRequest: UInt8 = 13
  static let signResponse: UInt8 = 14
  static let removeIdentity: UInt8 = 18
  static let removeAllIdentities: UInt8 = 19
}

/// The data types of RFC 4251, section 5, read from bytes that may hold anything.
struct SSHWireReader {
  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Bytes not read yet.
  var rest: Int { bytes.count - index }

  mutating func byte() throws(SSHAgentProblem) -> UInt8 {
    guard rest >= 1 else { throw .garbled("it is empty") }
    defer { index += 1 }
    return bytes[index]
  }

  mutating func number() throws(SSHAgentProblem) -> UInt32 {
    guard rest >= 4 else { throw .garbled("it ends within a number") }
    defer { index += 4 }
    return bytes[index..<(index + 4)].reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func string() throws(SSHAgentProblem) -> [UInt8] {
    let length = Int(try number())
    guard length <= rest else { throw .garbled("a length in it points behind its end") }
    defer { index += length }
    return Array(bytes[index..<(index + length)])
  }

  /// The same data type, to be sent.
  static func encoded(_ string: [UInt8]) -> [UInt8] { number(string.count) + string }

  static func number(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
