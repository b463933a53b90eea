import AGSTestSupport
import Glibc
import SystemPackage

@testable import AGSLib

/// Something that listens where an ssh agent would and answers one request with bytes that
/// a test chose.
struct ScriptedAgent {
  enum Answer: Sendable {
    /// All at once, then the end.
    case bytes([UInt8])
    /// One byte at a time, until the other end is tired of it.
    case drip([UInt8])
    /// Nothing, and no end either.
    case silence
  }

  let directory: FilePath
  private let listener: CInt

  /// The client of what answers so.
  static func client(
    in directory: FilePath, answering answer: Answer, limit: Duration = .seconds(20)
  ) throws -> (client: SSHAgentClient, agent: ScriptedAgent) {
    let agent = try ScriptedAgent(in: directory)
    agent.serve(answer)
    return (
      SSHAgentClient(directory: directory, name: SSHAgent.socketName, limit: limit), agent
    )
  }

  init(in directory: FilePath) throws {
    self.directory = directory
    listener = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array(directory.appending(SSHAgent.socketName).string.utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0, listen(listener, 4) == 0 else { throw Errno(rawValue: errno) }
  }

  func stop() { close(listener) }

  /// On a thread of its own: other tests may hold all those of the pool for a while.
  private func serve(_ answer: Answer) {
    let task = Unmanaged.passRetained(Service(listener: listener, answer: answer)).toOpaque()
    var thread = pthread_t()
    let failure = pthread_create(
      &thread, nil,
      { task in
        if let task { Unmanaged<Service>.fromOpaque(task).takeRetainedValue().run() }
        return nil
      }, task)
    precondition(failure == 0, "no thread")
    pthread_detach(thread)
  }

  /// An answer as it goes over the socket.
  static func framed(_ body: [UInt8]) -> [UInt8] { SSHWireReader.encoded(body) }

  static func listing(_ identities: [SSHIdentity]) -> [UInt8] {
    [SSHAgentMessage.identitiesAnswer] + SSHWireReader.number(identities.count)
      + identities.flatMap {
        SSHWireReader.encoded($0.blob) + SSHWireReader.encoded($0.comment)
      }
  }
}

private final class Service: Sendable {
  let listener: CInt
  let answer: ScriptedAgent.Answer

  init(listener: CInt, answer: ScriptedAgent.Answer) {
    self.listener = listener
    self.answer = answer
  }

  func run() {
    let connection = accept(listener, nil, nil)
    defer { close(connection) }
    var request = [UInt8](repeating: 0, count: 1024)
    guard read(connection, &request, 1024) > 0 else { return }
    switch answer {
    case .bytes(let bytes): _ = send(connection, bytes, bytes.count, CInt(MSG_NOSIGNAL))
    case .drip(let bytes):
      for byte in bytes {
        guard send(connection, [byte], 1, CInt(MSG_NOSIGNAL)) == 1 else { return }
        usleep(20_000)
      }
    case .silence: _ = read(connection, &request, 1024)
    }
  }
}
