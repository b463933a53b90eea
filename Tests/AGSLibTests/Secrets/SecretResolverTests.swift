import AGSLib
import AGSTestSupport
import Synchronization
import SystemPackage
import Testing

/// Holds values under the attribute `service`; everything else is not there.
private final class FixedStore: SecretStore {
  let values: [String: Secret]
  let failure: SecretStoreError?
  let asked = Mutex<[String]>([])

  init(_ values: [String: Secret] = [:], failure: SecretStoreError? = nil) {
    self.values = values
    self.failure = failure
  }

  func lookUp(_ attributes: [String: String]) async throws(SecretStoreError) -> Secret? {
    if let failure { throw failure }
    let service = attributes["service"] ?? ""
    asked.withLock { $0.append(service) }
    return values[service]
  }

  func store(
    label: String, attributes: [String: String], secret: Secret
  ) async throws(SecretStoreError) { throw .failed("read-only") }
}

private func host(_ environment: [String: String] = [:]) -> Host {
  Host(
    environment: environment, home: "/tmp", userName: "anna", userID: 1000, groupID: 1000,
    currentDirectory: "/", executable: "/usr/bin/ags")
}

private func declare(_ name: String, _ sources: SecretSource...) throws -> SecretDeclaration {
  SecretDeclaration(env: try EnvironmentName(name), sources: sources)
}

private func shell(_ script: String) -> SecretSource { .command(["/bin/sh", "-c", script]) }

private func resolve(
  _ declarations: [SecretDeclaration], environment: [String: String] = [:],
  store: FixedStore = FixedStore(), runner: any CommandRunner = SubprocessRunner()
) async -> SecretResolution {
  await SecretResolver(host: host(environment), store: store, runner: runner)
    .resolve(declarations)
}

@Suite struct SecretResolverTests {
  @Test func firstSourceWithAValueWinsAndTheRestIsNotAsked() async throws {
    let store = FixedStore(["one": Secret("from store"), "two": Secret("late")])
    let resolution = await resolve(
      [
        try declare("B", .environment(EnvironmentName("UNSET")), .secretStore(["service": "one"])),
        try declare("A", .environment(EnvironmentName("EMPTY"))),
        try declare("B", .secretStore(["service": "two"]), .command(["/bin/false"])),
        try declare("A", .environment(EnvironmentName("SET"))),
      ], environment: ["EMPTY": "", "SET": "from environment"], store: store,
      runner: UntouchableRunner())
    #expect(resolution.warnings == [])
    #expect(resolution.values.map(\.name.text) == ["B", "A"])
    #expect(resolution.values.map { $0.value.revealed() } == ["from store", "from environment"])
    #expect(store.asked.withLock { $0 } == ["one"])
  }

  @Test func aWarningNamesTheVariableAndEachSourceWithItsReason() async throws {
    let resolution = await resolve(
      [
        try declare(
          "TOKEN", .environment(EnvironmentName("UNSET")),
          .environment(EnvironmentName("EMPTY")),
          .secretStore(["service": "x", "account": "me"]), shell("exit 3"))
      ], environment: ["EMPTY": ""])
    #expect(resolution.values == [])
    #expect(
      resolution.warnings == [
        "secret TOKEN is not set: from_env UNSET: not set; from_env EMPTY: empty; "
          + "secret_store {account=me, service=x}: no such item; "
          + "command /bin/sh: ended with status 3"
      ])
  }

  @Test func aWarningCannotDriveTheTerminal() async throws {
    let resolution = await resolve([
      try declare("TOKEN", .secretStore(["service": "\u{1B}]0;x\u{7}\u{202E}\n"]))
    ])
    let warning = try #require(resolution.warnings.first)
    #expect(warning.contains("\\u{1b}]0;x\\u{7}\\u{202e}\\u{a}"))
    #expect(!warning.contains("\u{1B}"))
  }

  @Test func storeFailuresSayWhatToDo() async throws {
    let resolution = await resolve(
      [try declare("TOKEN", .secretStore(["service": "x"]))], store: FixedStore(failure: .noBus))
    #expect(
      resolution.warnings == [
        "secret TOKEN is not set: secret_store {service=x}: no D-Bus session bus, "
          + "start ags in a desktop session, or use from_env or command"
      ])
  }

  @Test func onePasswordVariablesAreNeverResolved() async throws {
    let resolution = await resolve(
      [try declare("OP_SERVICE_ACCOUNT_TOKEN", .environment(EnvironmentName("SET")))],
      environment: ["SET": "value"])
    #expect(resolution.values == [])
    #expect(
      resolution.warnings == [
        "secret OP_SERVICE_ACCOUNT_TOKEN is not set: variables named OP_* are never passed in"
      ])
  }

  @Test func aValueTooLongForAnyProgramIsLeftOut() async throws {
    let store = FixedStore(["x": Secret(String(repeating: "x", count: 130_000))])
    let resolution = await resolve(
      [try declare("A", .secretStore(["service": "x"]))], store: store)
    #expect(
      resolution.warnings == [
        "secret A is not set: secret_store {service=x}: longer than 120 KiB"
      ])
  }

  @Test func commandsRunSideBySideAndKeepTheirOrder() async throws {
    // Each waits for the other's note, so one after the other they would never end.
    try await withTemporaryDirectory { directory in
      func note(_ own: Int, _ other: Int) -> SecretSource {
        shell(
          "echo > \(directory)/\(own); until [ -e \(directory)/\(other) ]; do sleep 0.05; done; "
            + "echo v\(own)")
      }
      let resolution = await resolve([
        try declare("S0", note(0, 1)), try declare("S1", note(1, 0)),
      ])
      #expect(resolution.values.map { $0.value.revealed() } == ["v0", "v1"])
    }
  }
}

@Suite struct SecretCommandTests {
  @Test(arguments: [
    ("printf hunter2", "hunter2"), ("echo hunter2", "hunter2"), ("printf 'a b\\n'", "a b"),
    ("printf ' x '", " x "), ("echo noise >&2; echo grüße", "grüße"),
    ("head -c 65536 /dev/zero | tr '\\0' x; echo", String(repeating: "x", count: 65536)),
    ("head -c 900000 /dev/zero >&2; echo hunter2", "hunter2"), ("pwd", "/tmp"),
    ("cat; echo end", "end"),
  ])
  func takesOneLine(script: String, value: String) async throws {
    let resolution = await resolve([try declare("A", shell(script))])
    #expect(resolution.values.map { $0.value.revealed() } == [value])
    #expect(resolution.warnings == [])
  }

  @Test(arguments: [
    ("true", "printed nothing"), ("echo", "printed nothing"),
    ("echo hunter2; echo hunter2", "printed more than one line"),
    ("echo hunter2; echo", "printed more than one line"),
    ("printf 'hunter2\\0'", "printed a NUL byte"),
    ("printf 'hunter2\\377'", "printed something that is not UTF-8"),
    ("echo hunter2; echo hunter2 >&2; exit 1", "ended with status 1"),
    ("echo hunter2; kill -9 $$", "ended by signal 9"),
    ("head -c 65537 /dev/zero | tr '\\0' x; echo", "printed more than 64 KiB"),
    ("exec yes hunter2", "printed far too much"),
  ])
  func refusesEverythingElseWithoutShowingIt(script: String, reason: String) async throws {
    let resolution = await resolve([try declare("A", shell(script))])
    #expect(resolution.values == [])
    #expect(resolution.warnings == ["secret A is not set: command /bin/sh: \(reason)"])
  }

  @Test func getsExactlyTheAllowedVariables() async throws {
    let allowed = [
      "PATH": "/usr/bin:/bin", "HOME": "/tmp", "USER": "anna", "LOGNAME": "anna",
      "DBUS_SESSION_BUS_ADDRESS": "unix:path=/x", "XDG_RUNTIME_DIR": "/run/user/1000",
    ]
    let more = ["OP_SESSION_me": "hunter2", "SSH_AUTH_SOCK": "/s", "LANG": "C", "LD_PRELOAD": ""]
    let resolution = await resolve(
      [try declare("A", .command(["/bin/sh", "-c", "/usr/bin/env | sort | tr '\\n' '|'"]))],
      environment: allowed.merging(more) { $1 })
    let value = try #require(resolution.values.first?.value.revealed())
    // The shell itself adds PWD.
    let seen = Set(value.split(separator: "|").map(String.init).filter { !$0.hasPrefix("PWD=") })
    #expect(seen == Set(allowed.map { "\($0)=\($1)" }))
  }

  @Test(.timeLimit(.minutes(1))) func isStoppedAfterFiveSeconds() async throws {
    let resolution = await resolve([
      try declare("A", shell("trap '' TERM; echo hunter2; while :; do sleep 1; done"))
    ])
    #expect(
      resolution.warnings == [
        "secret A is not set: command /bin/sh: did not finish within 5 s"
      ])
  }

  @Test func aMissingProgramSaysSo() async throws {
    let resolution = await resolve([try declare("A", .command(["/nonexistent/op", "read"]))])
    #expect(
      resolution.warnings == [
        "secret A is not set: command /nonexistent/op: there is no such program"
      ])
  }
}
