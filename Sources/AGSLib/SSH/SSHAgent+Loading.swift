internal import Glibc
internal import SystemPackage

/// ssh-add: the only way a key gets into the agent.
extension SSHAgent {
  /// Loads a key with a passphrase, for which ssh-add asks on the terminal.
  func loadAsking(_ key: SSHKey) async throws {
    guard host.standardInputIsTerminal else {
      let socket = directory.appending(Self.socketName)
      throw SSHError(
        "the key \(key.privateFile) has a passphrase, and there is no terminal to ask for it",
        hint: "start ags in a terminal once, or load it yourself: "
          + "SSH_AUTH_SOCK=\(socket) ssh-add \(key.privateFile)")
    }
    let executable = try program("ssh-add")
    let status = try await thread.run {
      let asking = try AttachedProcess.spawn(
        executable, arguments: Self.addArguments(key), environment: environment(mayAsk: true),
        passing: [], in: directory)
      return try wait(for: asking)
    }
    try await check(key, status, said: [])
  }

  /// Only plain keys: a certificate beside one would be one more identity.
  static func addArguments(_ key: SSHKey) -> [String] {
    ["-q", "-k", "--", key.privateFile.string]
  }

  /// Waits for ssh-add, which puts the terminal back before a signal ends it.
  private func wait(for asking: AttachedProcess) throws -> TerminationStatus {
    var interruption: (any Error)?
    var deadline: ContinuousClock.Instant?
    while true {
      var watched = [
        pollfd(fd: asking.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: signals?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
      ]
      poll(&watched, nfds_t(watched.count), 100)
      if watched[0].revents != 0 { break }
      if let deadline {
        if ContinuousClock().now >= deadline { asking.send(SIGKILL) }
        continue
      }
      do {
        try checkInterruption()
      } catch {
        interruption = error
        deadline = ContinuousClock().now + .seconds(2)
        asking.send(SIGTERM)
      }
    }
    let status = asking.reap()
    // The terminal's own signal may have ended it before we looked.
    if interruption == nil, case .signalled = status { throw SSHError.interrupted }
    if let interruption { throw interruption }
    return status
  }

  /// Throws unless the agent holds the key now.
  func check(_ key: SSHKey, _ status: TerminationStatus, said: [UInt8]) async throws {
    let cause = Self.lastLine(said)
    guard status.isSuccess else {
      throw SSHError(
        "the key \(key.privateFile) was not loaded", cause: cause,
        hint: key.hasPassphrase
          ? "start again and type its passphrase; ssh-keygen -p -f \(key.privateFile) changes it"
          : "look whether ssh-keygen -y -f \(key.privateFile) can read it")
    }
    guard
      try await thread.run({ try client.identities() }).contains(where: {
        $0.blob == key.identity.blob
      })
    else {
      throw SSHError(
        "\(key.publicFile) is not the public half of \(key.privateFile)",
        hint: "make it again: ssh-keygen -y -f \(key.privateFile) >\(key.publicFile)")
    }
  }

  func program(_ name: String) throws(SSHError) -> FilePath {
    guard let path = ProgramLookup.find(name, on: host) else {
      throw SSHError(
        "\(name) is not on your PATH, and there are ssh keys for the agent",
        hint: "install OpenSSH's client; in Debian the package is openssh-client")
    }
    return path
  }

  /// An allow-list. Without a terminal nothing may ask in another way: no window of an
  /// askpass program, and no terminal of a parent.
  func environment(mayAsk: Bool) -> [String: String] {
    var variables = host.environment.filter { ["PATH", "TERM", "LANG"].contains($0.key) }
    variables["HOME"] = host.home.string
    // Relative to where the program starts.
    variables["SSH_AUTH_SOCK"] = Self.socketName
    variables["SSH_ASKPASS_REQUIRE"] = mayAsk ? "never" : "force"
    if !mayAsk { variables["SSH_ASKPASS"] = "/bin/false" }
    return variables
  }

  static func lastLine(_ output: [UInt8]) -> String? {
    String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline).last.map(String.init)
  }
}
