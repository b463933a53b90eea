import CPosix

/// Where the host listens. The variables are for programs that run elsewhere than in the
/// container, tests among them: to name another socket is to talk to somebody else.
enum HostSocket {
  static var open: String {
    path(GuestVariable.authProxySocket, otherwise: GuestPath.openSocket)
  }

  static var relay: String {
    path(GuestVariable.webviewRelaySocket, otherwise: GuestPath.relaySocket)
  }

  private static func path(_ variable: String, otherwise: String) -> String {
    guard let value = getenv(variable), value.pointee != 0 else { return otherwise }
    return String(cString: value)
  }
}

/// One question to the host, for a program that has nothing else to do: it waits as long as
/// the host does.
struct HostConnection {
  private let descriptor: Int32
  private var received: [UInt8] = []

  /// - Parameter purpose: what cannot be done without the host, for an error.
  init(_ path: String, for purpose: String) throws(Failure) {
    cposix_ignore_broken_pipes()
    descriptor = cposix_connect_path(path, 1)
    if descriptor >= 0 { return }
    let error = describe(cposix_errno())
    if getenv(GuestVariable.lockdown) != nil {
      throw Failure("\(purpose) is not possible in lockdown", status: 1)
    }
    throw Failure("\(purpose) is not possible: nobody listens on \(path): \(error)", status: 1)
  }

  /// Asks, and hands on each line to show until the answer comes.
  mutating func ask(
    _ request: ChannelRequest, waiting: (String) -> Void
  ) throws(Failure) -> ChannelAnswer {
    // Where the host has closed already, it may have said why.
    write(request.encoded(), to: descriptor)
    while true {
      switch try decode(try line()) {
      case .waiting(let text): waiting(text)
      case .failure(let error): throw Failure(error.message, status: 1)
      case let answer: return answer
      }
    }
  }

  private func decode(_ line: [UInt8]) throws(Failure) -> ChannelAnswer {
    do throws(ChannelFault) {
      return try ChannelAnswer.decode(line)
    } catch {
      throw Failure("the host's answer makes no sense: \(error.message)", status: 1)
    }
  }

  private mutating func line() throws(Failure) -> [UInt8] {
    var piece = [UInt8](repeating: 0, count: 4096)
    var searched = 0
    while true {
      if let end = received[searched...].firstIndex(of: 0x0A) {
        let line = Array(received[..<end])
        received.removeSubrange(...end)
        return line
      }
      searched = received.count
      if searched > ChannelFrame.maximumSize {
        throw Failure("the host's answer makes no sense: a line of over 1 MiB", status: 1)
      }
      let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && cposix_errno() == EINTR { continue }
      guard count > 0 else {
        throw Failure("the host closed the connection without an answer", status: 1)
      }
      received.append(contentsOf: piece.prefix(count))
    }
  }
}
