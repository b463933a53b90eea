import AGSTestSupport
import Glibc
import SystemPackage

@testable import AGSLib

/// Real keys, and a directory for one real agent, which is ended with the test.
struct AgentFixture {
  let root: FilePath
  var host: Host
  var cache: FilePath

  static func with<Result>(_ body: (inout AgentFixture) async throws -> Result) async throws
    -> Result
  {
    try await withTemporaryDirectory { root in
      var fixture = AgentFixture(
        root: root,
        host: Host(
          environment: ["PATH": "/usr/bin:/bin", "HOME": root.string], home: root,
          userName: "tester", userID: getuid(), groupID: getgid(), currentDirectory: root,
          executable: "/usr/bin/ags"),
        cache: root.appending("cache"))
      let result: Result
      do {
        result = try await body(&fixture)
      } catch {
        fixture.endAgents()
        throw error
      }
      fixture.endAgents()
      return result
    }
  }

  /// Makes a pair of keys without a question.
  @discardableResult
  func makeKey(_ name: String, passphrase: String = "", type: [String] = ["-t", "ed25519"])
    async throws -> FilePath
  {
    let path = root.appending(name)
    try await ProgramCall(
      program: "/usr/bin/ssh-keygen",
      arguments: ["-q", "-N", passphrase, "-C", name, "-f", path.string] + type,
      environment: [:], directory: root
    ).runOrThrow()
    return path
  }

  func key(
    _ role: SSHKey.Role, _ name: String, passphrase: String = ""
  ) async throws -> SSHKey {
    let path = try await makeKey(name, passphrase: passphrase)
    guard let key = try SSHKey.find(role, at: path) else { throw Errno.noSuchFileOrDirectory }
    return key
  }

  func bothKeys() async throws -> [SSHKey] {
    [try await key(.authentication, "auth"), try await key(.signing, "sign")]
  }

  func agent(
    _ runner: any CommandRunner = SubprocessRunner(),
    warning: @escaping @Sendable (String) -> Void = { _ in }
  ) -> SSHAgent {
    SSHAgent(
      directory: SSHAgent.directory(in: cache), host: host, runner: runner, warning: warning)
  }

  /// Makes it ready as a run does.
  func makeReady(_ keys: [SSHKey], _ agent: SSHAgent) async throws {
    try await agent.load(agent.prepare(keys))
  }

  /// Of the agent that runs now.
  func processID() throws -> pid_t? {
    try read(SSHAgent.directory(in: cache).appending("pid")).split(separator: " ").first
      .flatMap { pid_t($0) }
  }

  /// Processes started in this fixture's directory: its agents.
  func runningAgents() -> [HostProcess] {
    let home = Array("HOME=\(root)".utf8)
    return HostProcess.all().filter { process in
      process.environment.split(separator: 0).contains { $0.elementsEqual(home) }
        && String(decoding: process.commandLine, as: UTF8.self).contains("ssh-agent")
    }
  }

  private func endAgents() {
    _ = agent().endRunning()
    for process in runningAgents() { kill(process.processID, SIGKILL) }
  }
}
