import AGSTestSupport
import SystemPackage

/// A repository and, beside it, keys, a configuration that names them, and an ssh agent that
/// is ended with the test.
struct SSHFixture: Sendable {
  let sandbox: SandboxFixture
  let repository: FilePath
  var directory: FilePath { repository.removingLastComponent() }

  static func with(
    passphrase: String = "", in environment: SandboxFixture? = nil,
    _ body: (SSHFixture) async throws -> Void
  ) async throws {
    let sandbox = try environment ?? SandboxFixture()
    try await withRepository(sandbox) { path in
      let fixture = SSHFixture(sandbox: sandbox, repository: path)
      try await sandbox.shell(
        """
        for key in auth sign; do ssh-keygen -q -t ed25519 -N '\(passphrase)' -C $key -f $key; done
        git config --file gitconfig user.name 'Ada "A" Lovelace # 1'
        git config --file gitconfig user.email ada@example.org
        cat >config.toml <<END
        [sandbox]
        cache_dir = "$PWD/cache"
        state_dir = "$PWD/state"
        gitconfig_path = "$PWD/made/gitconfig"
        auth_key = "$PWD/auth"
        sign_key = "$PWD/sign"
        END
        """, in: fixture.directory)
      do {
        try await body(fixture)
      } catch {
        try await fixture.endAgent()
        throw error
      }
      try await fixture.endAgent()
    }
  }

  func call(
    _ script: String, in directory: FilePath? = nil, flags: [String] = []
  ) -> ProgramCall {
    sandbox.sandboxCall(
      script, in: directory ?? repository,
      flags: ["--config", self.directory.appending("config.toml").string] + flags,
      adding: ["GIT_CONFIG_GLOBAL": self.directory.appending("gitconfig").string])
  }

  func run(
    _ script: String, in directory: FilePath? = nil, flags: [String] = []
  ) async throws -> ProgramOutcome {
    try await call(script, in: directory, flags: flags).run()
  }

  /// Of ags' agent; nil when there is none.
  func agentID() async throws -> String? {
    try await sandbox.shell(
      "if [[ -e cache/ssh-agent/pid ]]; then cut -d' ' -f1 cache/ssh-agent/pid; fi",
      in: directory
    ).lines.first
  }

  /// Ids of all agents that were ever started for this fixture and still run.
  func runningAgents() async throws -> [String] {
    sandbox.processes().filter {
      String(decoding: $0.commandLine, as: UTF8.self).contains("ssh-agent\0-s\0-P")
    }.map { "\($0.processID)" }
  }

  private func endAgent() async throws {
    guard let id = try await agentID() else { return }
    try await sandbox.shell(
      "kill \(id) 2>/dev/null || true; while kill -0 \(id) 2>/dev/null && "
        + "! grep -q '^State:.Z' /proc/\(id)/status; do sleep 0.05; done")
  }
}
