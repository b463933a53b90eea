import CPosix

/// `ags-shim guard`: the check before an agent's tool call (4-channels "Guard"). Reads
/// one hook document from standard input; 0 allows, 2 refuses with the reason in one
/// line on standard error. Never anything else: agents take every other end of a hook
/// for a yes.
func runGuard() -> Int32 {
  cposix_reset_signals()
  cposix_ignore_broken_pipes()
  _ = cposix_set_core_limit(0)
  // The check runs in a child, so that a trap in it, or no memory, is a refusal too.
  let child = cposix_fork()
  if child < 0 { return refuse("no process can be started for the check") }
  if child == 0 {
    // Agents take a hook that needs too long for a yes as well.
    _ = alarm(GuardCheck.seconds)
    _exit(GuardCheck.run())
  }
  var status: Int32 = 0
  while waitpid(child, &status, 0) < 0 {
    if cposix_errno() != EINTR { return refuse("the check cannot be waited for") }
  }
  if cposix_has_exited(status) != 0 {
    if cposix_exit_status(status) == 0 { return 0 }
    if cposix_exit_status(status) == GuardCheck.refused { return GuardCheck.refused }
  }
  if cposix_was_signalled(status) != 0, cposix_ending_signal(status) == SIGALRM {
    return refuse("the check took longer than \(GuardCheck.seconds) seconds")
  }
  return refuse("the check itself failed")
}

private func refuse(_ reason: String) -> Int32 {
  complain(reason, as: "ags guard")
  return GuardCheck.refused
}

private enum GuardCheck {
  static var refused: Int32 { 2 }
  /// For everything, `dcg` included.
  static var seconds: UInt32 { 10 }

  static func run() -> Int32 {
    let session = readSession()
    var input = StandardInput()
    let hook: HookDocument
    do throws(HookError) {
      hook = try HookDocument.read(&input)
    } catch {
      return session.yolo ? 0 : refuse(error.message)
    }
    let place = Guard.Place(session: session, homes: homes, directory: workingDirectory)
    var finding = Guard.examine(hook, in: place, files: LinkReader())
    var told: String?
    if case .command(let command, _) = finding {
      let answer = DCGProcess.ask(command)
      finding = Guard.settle(finding, asked: answer, lockdown: session.lockdown)
      // Its reasons may repeat the command, and with it a secret.
      if case .refused = answer { told = "dcg refused the command" }
    }
    switch finding {
    case .allowed: return 0
    case .refused(let reason):
      let status = refuse(reason)
      if !session.lockdown { GuardReport.send(tool: hook.toolName, reason: told ?? reason) }
      return status
    case .command: return refuse("the check came to no end")
    }
  }

  /// A document that is missing or cannot be read means the strictest session.
  private static func readSession() -> SessionDocument {
    let descriptor = cposix_open(SessionDocument.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0)
    guard descriptor >= 0 else { return .strictest }
    defer { close(descriptor) }
    guard let bytes = readAll(descriptor, limit: SessionDocument.maximumSize) else {
      return .strictest
    }
    return SessionDocument.decode(bytes) ?? .strictest
  }

  private static func readAll(_ descriptor: Int32, limit: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && cposix_errno() == EINTR { continue }
      if count < 0 || bytes.count + count > limit { return nil }
      if count == 0 { return bytes }
      bytes.append(contentsOf: chunk.prefix(count))
    }
  }

  /// The agent's home, and what `HOME` says: one more place that is looked after.
  private static var homes: [[UInt8]] {
    let fixed = Array(GuestPath.home.utf8)
    guard let value = getenv(GuestVariable.home) else { return [fixed] }
    let own = Array(String(cString: value).utf8)
    return own.first == UInt8(ascii: "/") && own != fixed ? [fixed, own] : [fixed]
  }

  private static var workingDirectory: [UInt8] {
    guard let path = getcwd(nil, 0) else { return [UInt8(ascii: "/")] }
    defer { free(path) }
    return Array(String(cString: path).utf8)
  }
}

private struct StandardInput: ByteSource {
  mutating func read(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
    while true {
      let count = CPosix.read(0, buffer.baseAddress, buffer.count)
      if count < 0 && cposix_errno() == EINTR { continue }
      return count
    }
  }
}

/// Looks at paths with the rights of the agent.
private final class LinkReader: GuardFiles {
  /// One for all calls: the C library maps and unmaps anything of this size.
  private let target = UnsafeMutablePointer<CChar>.allocate(capacity: size)
  private static var size: Int { 4096 }

  deinit { target.deallocate() }

  func look(_ path: [UInt8]) -> GuardFile {
    var path = path
    path.append(0)
    let length = path.withUnsafeBytes { bytes in
      bytes.baseAddress.map {
        readlink($0.assumingMemoryBound(to: CChar.self), target, LinkReader.size)
      } ?? -1
    }
    if length >= 0 {
      return .link(to: (0..<length).map { UInt8(bitPattern: target[$0]) })
    }
    let error = cposix_errno()
    return error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG ? .missing : .other
  }
}
