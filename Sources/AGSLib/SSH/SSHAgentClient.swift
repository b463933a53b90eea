internal import CPosix
internal import Glibc
public import SystemPackage

/// Speaks the ssh agent protocol (draft-miller-ssh-agent) with the agent behind one socket,
/// without any process. One connection a request; calls block for `limit` at most.
public struct SSHAgentClient: Sendable {
  /// The directory of the socket; its path may be longer than a socket's address.
  public var directory: FilePath
  public var name: String
  /// How long one request may take in all.
  public var limit: Duration

  /// What ssh-agent itself sends and takes at most, in bytes.
  static let longestMessage = 256 << 10

  public init(directory: FilePath, name: String, limit: Duration = .seconds(2)) {
    self.directory = directory
    self.name = name
    self.limit = limit
  }

  /// The keys the agent holds.
  public func identities() throws(SSHAgentProblem) -> [SSHIdentity] {
    try SSHIdentity.list(from: exchange([SSHAgentMessage.requestIdentities]))
  }

  /// Makes the agent forget one key.
  func remove(_ identity: SSHIdentity) throws(SSHAgentProblem) {
    try command([SSHAgentMessage.removeIdentity] + SSHWireReader.encoded(identity.blob))
  }

  /// Whether the agent lets its keys be changed: one that somebody locked does not, and
  /// says that it has none. Asked by removing all keys, so only of one without any.
  func isLocked() throws(SSHAgentProblem) -> Bool {
    do throws(SSHAgentProblem) {
      try command([SSHAgentMessage.removeAllIdentities])
      return false
    } catch .refused {
      return true
    }
  }

  private func command(_ request: [UInt8]) throws(SSHAgentProblem) {
    switch try exchange(request) {
    case [SSHAgentMessage.success]: return
    case let answer where answer.first == SSHAgentMessage.failure: throw .refused
    default: throw .garbled("neither yes nor no")
    }
  }

  /// One request, its type first, and its whole answer.
  func exchange(_ request: [UInt8]) throws(SSHAgentProblem) -> [UInt8] {
    let deadline = ContinuousClock().now + limit
    let socket = try connect(deadline)
    defer { close(socket) }
    try send(SSHWireReader.encoded(request), to: socket, deadline)
    let head = try receive(4, from: socket, deadline)
    let length = head.reduce(0) { $0 << 8 | Int($1) }
    guard length <= Self.longestMessage else { throw .tooLong(length) }
    return try receive(length, from: socket, deadline)
  }

  private func connect(_ deadline: ContinuousClock.Instant) throws(SSHAgentProblem) -> CInt {
    let place = cposix_open(directory.string, CPOSIX_O_PATH | O_DIRECTORY | O_CLOEXEC, 0)
    guard place >= 0 else {
      if errno == ENOENT { throw .absent }
      throw .unreachable(String(cString: strerror(errno)))
    }
    defer { close(place) }
    while true {
      let socket = cposix_connect_at(place, name)
      if socket >= 0 { return socket }
      switch errno {
      case ENOENT, ECONNREFUSED: throw .absent
      // Its queue is full.
      case EAGAIN, EINTR: try pause(deadline)
      default: throw .unreachable(String(cString: strerror(errno)))
      }
    }
  }

  private func pause(_ deadline: ContinuousClock.Instant) throws(SSHAgentProblem) {
    guard ContinuousClock().now < deadline else { throw .slow(limit) }
    poll(nil, 0, 5)
  }

  private func send(
    _ bytes: [UInt8], to socket: CInt, _ deadline: ContinuousClock.Instant
  ) throws(SSHAgentProblem) {
    var rest = bytes[...]
    while !rest.isEmpty {
      try wait(for: POLLOUT, of: socket, deadline)
      let count = rest.withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
      }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EAGAIN, errno != EINTR {
        throw .closedEarly
      }
    }
  }

  private func receive(
    _ count: Int, from socket: CInt, _ deadline: ContinuousClock.Instant
  ) throws(SSHAgentProblem) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      try wait(for: POLLIN, of: socket, deadline)
      let more = bytes.withUnsafeMutableBytes {
        read(socket, $0.baseAddress?.advanced(by: filled), count - filled)
      }
      if more > 0 {
        filled += more
      } else if more == 0 || (errno != EAGAIN && errno != EINTR) {
        throw .closedEarly
      }
    }
    return bytes
  }

  private func wait(
    for event: CInt, of socket: CInt, _ deadline: ContinuousClock.Instant
  ) throws(SSHAgentProblem) {
    var watched = pollfd(fd: socket, events: Int16(event), revents: 0)
    while true {
      let left = deadline - ContinuousClock().now
      guard left > .zero else { throw .slow(limit) }
      if poll(&watched, 1, CInt(left / .milliseconds(1)) + 1) > 0 { return }
    }
  }
}
