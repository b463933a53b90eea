import CPosix

/// Tells the host of a refusal of the guard, for its audit log. Best effort: the answer to
/// the agent is decided and said before, and nothing here is waited for longer than a
/// moment. The socket is a fixed one: no variable of a repository's settings leads it astray.
enum GuardReport {
  /// For all of it.
  private static var milliseconds: Int64 { 100 }
  private static var maximumText: Int { 1000 }
  private static var maximumTool: Int { 64 }

  /// - Parameter reason: what was said on standard error; nothing else of the call is told.
  static func send(tool: [UInt8], reason: String) {
    let deadline = cposix_milliseconds() + milliseconds
    let name = String(decoding: tool.prefix(maximumTool), as: UTF8.self)
    let text = String(
      decoding: Array("\(name): \(reason)".utf8).prefix(maximumText), as: UTF8.self)
    let line = ChannelRequest.audit(event: "guard-refusal", text: inert(text)).encoded()
    guard let descriptor = connect(until: deadline) else { return }
    defer { close(descriptor) }
    // A new socket holds far more than a line.
    let count = line.withUnsafeBytes { cposix_send(descriptor, $0.baseAddress, $0.count) }
    guard count == line.count else { return }
    // Its answer, whatever it is: so it has been read.
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    poll(&polled, 1, Int32(max(0, deadline - cposix_milliseconds())))
  }

  /// A host that is busy may have a place in a moment.
  private static func connect(until deadline: Int64) -> Int32? {
    while true {
      let descriptor = cposix_connect_path(GuestPath.openSocket, 0)
      if descriptor >= 0 { return descriptor }
      guard cposix_errno() == EAGAIN, cposix_milliseconds() < deadline else { return nil }
      poll(nil, 0, 5)
    }
  }
}
