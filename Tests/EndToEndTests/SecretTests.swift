import AGSTestSupport
import Glibc
import SystemPackage
import Testing

extension EndToEnd {
  /// A secret of the real keyring is in the agent's environment and nowhere else
  /// (6-security "Secrets" 15).
  @Suite struct SecretTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    @Test func secretIsInTheAgentsEnvironmentAndNowhereElse() async throws {
      try await withRepository(fixture) { path in
        let value = Self.freshValue()
        let secret = try await Keyring(fixture).keep(value)
        let flags = try await fixture.configuration(secret.declaration, beside: path)
        let outcome = try await fixture.sandbox(
          """
          echo "agent has $STORED"
          tr '\\0' '\\n' </proc/1/environ 2>/dev/null | grep -c STORED
          cat /proc/1/cmdline | tr '\\0' ' '; echo
          echo up >up; while ! test -e seen; do sleep 0.05; done
          """, in: path, flags: flags
        ) { program in
          try await fixture.waitForFile(path.appending("up"))
          try await expectNoTrace(of: value, session: program, in: path)
          try await fixture.shell("echo >seen", in: path)
        }
        #expect(
          outcome.lines == ["agent has \(value)", "0", "/opt/ags/bin/ags-shim init "],
          "\(outcome)")
        #expect(!outcome.standardError.contains(value))
        try await expectNoFile(with: value)
        try await secret.forget()
      }
    }

    @Test(arguments: ["text", "json", "podman"])
    func planNamesTheSecretWithoutItsValue(format: String) async throws {
      try await withRepository(fixture) { path in
        let value = Self.freshValue()
        let secret = try await Keyring(fixture).keep(value)
        let flags = try await fixture.configuration(
          secret.declaration + "[[secret]]\nenv = \"HOSTED\"\nfrom_env = \"HOSTED\"\n",
          beside: path)
        let outcome = try await fixture.call(
          fixture.programs.appending("ags").string,
          ["plan", "--agent", "shell", "--format", format] + flags, in: path,
          adding: ["HOSTED": "hosted-\(value)"]
        ).run()
        #expect(outcome.ending == .exited(0), "\(outcome)")
        #expect(!outcome.description.contains(value), "\(outcome)")
        // podman never hears of secrets, not even of their names.
        #expect(outcome.standardOutput.contains("STORED") == (format != "podman"), "\(outcome)")
        try await secret.forget()
      }
    }

    @Test func secretWithoutAServiceIsAWarningWithTheReason() async throws {
      try await withRepository(fixture) { path in
        let flags = try await fixture.configuration(
          "[[secret]]\nenv = \"STORED\"\nsecret_store = { no = \"such\" }\n", beside: path)
        let outcome = try await fixture.sandbox(
          "echo ${STORED-none}", in: path, flags: flags,
          adding: ["DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"])
        #expect(outcome.lines == ["none"], "\(outcome)")
        #expect(outcome.standardError.contains("STORED"))
      }
    }

    @Test func environmentAndCommandsAreSourcesTooAndTheFirstWins() async throws {
      try await withRepository(fixture) { path in
        let flags = try await fixture.configuration(
          """
          [[secret]]
          env = "FIRST"
          from_env = "ABSENT"
          [[secret]]
          env = "FIRST"
          command = ["/bin/echo", "from command"]
          [[secret]]
          env = "FIRST"
          from_env = "HOSTED"
          """, beside: path)
        let outcome = try await fixture.sandbox(
          "echo $FIRST", in: path, flags: flags, adding: ["HOSTED": "from environment"])
        #expect(outcome.lines == ["from command"], "\(outcome)")
      }
    }

    /// Letters that no other file, and no compressed one by chance, holds.
    static func freshValue() -> String {
      "v" + String((0..<24).map { _ in "abcdefghkmnpqrstuvwxyz".randomElement()! })
    }

    /// podman's own view, every process outside the agent's tree, and every file.
    private func expectNoTrace(
      of value: String, session: RunningProgram, in path: FilePath
    ) async throws {
      let names = try await fixture.podman(
        "ps", "--filter", "label=io.ags.workspace=\(path)", "--format", "{{.Names}}")
      let name = try #require(names.lines.first)
      let inspected = try await fixture.podman("inspect", name)
      #expect(inspected.ending == .exited(0) && !inspected.standardOutput.contains(value))

      let state = try await fixture.podman("inspect", "--format", "{{.State.Pid}}", name)
      let initID = try #require(state.lines.first.flatMap { pid_t($0) })
      let processes = HostProcess.all()
      let agent = processes.descendants(of: initID)
      #expect(!agent.isEmpty)
      let bytes = Array(value.utf8)
      for process in processes {
        #expect(!process.commandLine.contains(bytes: bytes), "\(process)")
        guard !agent.contains(process.processID) else { continue }
        #expect(!process.environment.contains(bytes: bytes), "\(process)")
      }
      #expect(processes.contains { $0.processID == session.processID })
      try await expectNoFile(with: value)
    }

    /// Runtime, cache, state, configuration and container storage; the keyring's own file
    /// is encrypted and is searched too.
    private func expectNoFile(with value: String) async throws {
      let found = try await fixture.call(
        "podman",
        [
          "unshare", "grep", "--recursive", "--files-with-matches", "--text", "--fixed-strings",
          "--devices=skip", "--no-messages", "-e", value, fixture.home.string,
          fixture.runtime.string, "/dev/shm",
        ]
      ).run()
      #expect(found.lines == [], "\(found)")
    }
  }
}

/// The Secret Service of the fixture.
struct Keyring {
  let fixture: SandboxFixture

  init(_ fixture: SandboxFixture) { self.fixture = fixture }

  struct Entry {
    fileprivate let fixture: SandboxFixture
    fileprivate let attribute: String

    /// It as `STORED` in the configuration.
    var declaration: String {
      "[[secret]]\nenv = \"STORED\"\nsecret_store = { ags-test = \"\(attribute)\" }\n"
    }

    func forget() async throws {
      try await fixture.call("secret-tool", ["clear", "ags-test", attribute]).runOrThrow()
    }
  }

  func keep(_ value: String) async throws -> Entry {
    let attribute = String(UInt64.random(in: 0...UInt64.max), radix: 36)
    try await fixture.call(
      "secret-tool", ["store", "--label=ags test", "ags-test", attribute], input: value
    ).runOrThrow()
    return Entry(fixture: fixture, attribute: attribute)
  }
}

extension SandboxFixture {
  /// Writes a configuration file next to a workspace, and the flags that name it.
  func configuration(_ text: String, beside workspace: FilePath) async throws -> [String] {
    let file = workspace.removingLastComponent().appending("config.toml")
    try await call("/usr/bin/tee", [file.string], input: text).runOrThrow()
    return ["--config", file.string]
  }
}
