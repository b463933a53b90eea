internal import CPosix
internal import Glibc
internal import SystemPackage

/// The agent's own process: started, and ended where it is of no use any more.
extension SSHAgent {
  private var pidFile: FilePath { directory.appending("pid") }

  /// Starts an agent in the place of whatever was there. The lock is held.
  func start() async throws {
    // Random, so that it tells this process from any other that gets its id one day. It is
    // relative: a socket's address has 107 bytes, and cache_dir may have more.
    let name = "\(String(UInt64.random(in: .min ... .max), radix: 36)).sock"
    // No library of the host may be loaded through it.
    let result = try await runner.run(
      Command(
        executable: try program("ssh-agent"), arguments: ["-s", "-P", "none", "-a", name],
        environment: environment(mayAsk: false), workingDirectory: directory,
        timeout: .seconds(10)))
    guard result.status.isSuccess, let id = Self.processID(in: result.standardOutput) else {
      throw SSHError(
        "ssh-agent could not be started", cause: Self.lastLine(result.standardError),
        hint: "try it yourself: ssh-agent -D -a \(directory.appending("try.sock"))")
    }
    try RegularFile.write(
      Array("\(id) \(name)\n".utf8), to: pidFile, existing: .replaced, isDurable: false)
    let place = directory.appending(Self.socketName)
    guard rename(directory.appending(name).string, place.string) == 0 else {
      throw SSHError("cannot make \(place)", cause: String(cString: strerror(errno)))
    }
  }

  /// Ends the agent. Never anybody else: a process that has its id by now was not started
  /// under its name.
  /// - Returns: false when it was not found.
  func endRunning() -> Bool {
    guard let agent = openRunning() else { return false }
    defer { close(agent) }
    for signal in [SIGTERM, SIGKILL] {
      _ = cposix_pidfd_signal(agent, signal)
      var watched = pollfd(fd: agent, events: Int16(POLLIN), revents: 0)
      if poll(&watched, 1, 2000) > 0 { return true }
    }
    return false
  }

  /// A pidfd of the agent ags started, or nil when that is gone.
  private func openRunning() -> CInt? {
    guard let words = SmallFile.firstLine(pidFile)?.split(separator: " "), words.count == 2,
      let id = pid_t(words[0]), id > 1
    else { return nil }
    let descriptor = cposix_pidfd_open(id)
    guard descriptor >= 0 else { return nil }
    // Looked at with the process held, so that it cannot become another meanwhile.
    let arguments = SmallFile.text(FilePath("/proc/\(id)/cmdline"))?.split(separator: "\0") ?? []
    guard arguments.last == words[1] else {
      close(descriptor)
      return nil
    }
    return descriptor
  }

  /// Of `SSH_AGENT_PID=123; export SSH_AGENT_PID;`.
  private static func processID(in output: [UInt8]) -> pid_t? {
    let text = String(decoding: output, as: UTF8.self)
    let prefix = "SSH_AGENT_PID="
    guard
      let word = text.split(whereSeparator: { $0 == ";" || $0.isWhitespace })
        .first(where: { $0.hasPrefix(prefix) })
    else { return nil }
    return pid_t(word.dropFirst(prefix.count))
  }
}
