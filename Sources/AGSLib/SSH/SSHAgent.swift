internal import CPosix
internal import Glibc
internal import SystemPackage

/// The ssh agent of ags' own (3-run "ssh"): one for a user, with nothing in it but the two
/// keys, started by the first run that needs it and used by the ones after it.
///
/// It never ends by itself. Everything is below `cache_dir/ssh-agent`, closed to others:
/// `agent.sock`, `pid` (its process id, and the name it was started under) and `lock`.
struct SSHAgent: Sendable {
  var directory: FilePath
  var host: Host
  var runner: any CommandRunner
  /// What ends the waiting for a passphrase or for another start.
  var signals: TerminationSignals?
  /// One line for the user.
  var warning: @Sendable (String) -> Void = { _ in }

  static let socketName = "agent.sock"

  static func directory(in cacheDirectory: FilePath) -> FilePath {
    cacheDirectory.appending("ssh-agent")
  }

  /// Makes the agent run and asks, on the terminal, for the passphrases of keys that it
  /// does not hold. No process is started when it holds them all.
  /// - Returns: the keys that are still to be loaded, without any question.
  func prepare(_ keys: [SSHKey]) async throws -> [SSHKey] {
    try PrivateDirectory.makeAll(directory.removingLastComponent())
    try PrivateDirectory.ensure(directory, userID: host.userID)
    if try await thread.run({ try isReady(for: keys) }) { return [] }
    // Whoever comes second finds what the first one did.
    let lock = try await thread.run { try takeLock() }
    defer { withExtendedLifetime(lock) {} }
    var held: [SSHIdentity] = []
    if let running = try await thread.run({ try identitiesOfUsable() }) {
      held = running
    } else {
      try await start()
    }
    let foreign = held.filter { identity in !keys.contains { $0.identity.blob == identity.blob } }
    try await thread.run { try remove(foreign) }
    var seen = Set(held.map(\.blob))
    let missing = keys.filter { seen.insert($0.identity.blob).inserted }
    for key in missing where key.hasPassphrase { try await loadAsking(key) }
    return missing.filter { !$0.hasPassphrase }
  }

  /// Loads keys that need no passphrase.
  func load(_ keys: [SSHKey]) async throws {
    for key in keys {
      let result = try await runner.run(
        Command(
          executable: try program("ssh-add"), arguments: Self.addArguments(key),
          environment: environment(mayAsk: false), workingDirectory: directory,
          timeout: .seconds(10)))
      try await check(key, result.status, said: result.standardError)
    }
  }

  /// What the agent holds, for whoever only looks.
  func held() async -> Result<[SSHIdentity], SSHAgentProblem> {
    await thread.run {
      do throws(SSHAgentProblem) {
        return .success(try client.identities())
      } catch {
        return .failure(error)
      }
    }
  }

  var client: SSHAgentClient { SSHAgentClient(directory: directory, name: Self.socketName) }
  let thread = BlockingThread()

  private func isReady(for keys: [SSHKey]) throws(SSHAgentProblem) -> Bool {
    do throws(SSHAgentProblem) {
      let held = try client.identities().map(\.blob)
      return Set(held) == Set(keys.map(\.identity.blob))
    } catch .absent {
      return false
    }
  }

  /// What the running agent holds; nil when there is none, or was none that can be used.
  private func identitiesOfUsable() throws -> [SSHIdentity]? {
    do throws(SSHAgentProblem) {
      let held = try client.identities()
      // What was in a sandbox while it reached the agent itself may have locked it.
      guard held.isEmpty, try client.isLocked() else { return held }
    } catch .absent {
      return nil
    }
    let ended = endRunning()
    warning(
      "ags' ssh agent was locked, so another one is started"
        + (ended ? "" : "; the old one could not be found and still runs"))
    return nil
  }

  private func remove(_ foreign: [SSHIdentity]) throws(SSHAgentProblem) {
    guard !foreign.isEmpty else { return }
    for identity in foreign { try client.remove(identity) }
    let comments = foreign.map { String(decoding: $0.comment, as: UTF8.self) }
    warning(
      "removed from ags' ssh agent what is neither auth_key nor sign_key: "
        + comments.joined(separator: ", "))
  }

  private func takeLock() throws -> FileLock {
    let path = directory.appending("lock")
    while true {
      if let lock = try FileLock(ifFree: path) { return lock }
      var watched = pollfd(fd: signals?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
      poll(&watched, 1, 20)
      try checkInterruption()
    }
  }

  func checkInterruption() throws {
    if signals?.next() != nil { throw SSHError.interrupted }
    try Task.checkCancellation()
  }
}
