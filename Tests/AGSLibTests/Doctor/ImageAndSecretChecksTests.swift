import AGSTestSupport
import SystemPackage
import Testing

@testable import AGSLib

@Suite struct ImageAndSecretChecksTests {
  private func image(_ observation: ImageCheck.Observation) -> [Finding] {
    ImageCheck(name: "localhost/x:latest", observation: observation, currentVersion: "new")
      .findings
  }

  private func labels(version: String, tools: Set<String>) -> ImageCheck.Observation {
    let contents = ImageContents(tools: tools, version: version, stage: "core")
    return .present(
      labels: Dictionary(uniqueKeysWithValues: contents.labels.map { ($0.name, $0.value) }))
  }

  @Test func completeImageIsFine() {
    let findings = image(labels(version: "new", tools: ["tmux", "dcg"]))
    #expect(findings.map(\.id) == ["image", "image.tmux", "image.dcg"])
    #expect(findings.allSatisfy { $0.status == .ok })
  }

  @Test func missingImageWarns() throws {
    try expect(image(.missing), "image", .warn, "not built yet", hint: "ags update-image")
  }

  @Test func imageOfAnotherContainerfileWarns() throws {
    let findings = image(labels(version: "old", tools: ["tmux", "dcg"]))
    try expect(findings, "image", .warn, "out of date", hint: "ags update-image")
  }

  @Test func programsThatTheImageLacksWarn() throws {
    let findings = image(labels(version: "new", tools: []))
    try expect(findings, "image.tmux", .warn, "--tmux does not work", hint: "update-image")
    try expect(findings, "image.dcg", .warn, "--lockdown", hint: "update-image")
  }

  @Test func foreignImageIsFine() throws {
    try expect(image(.present(labels: [:])), "image", .ok, "ags did not build it")
  }

  private func service(_ error: SecretStoreError?, needed: Bool) -> [Finding] {
    SecretCheck(serviceError: error, needsService: needed, origins: []).findings
  }

  @Test func absentSecretServiceWarnsOnlyWhenNeeded() throws {
    try expect(
      service(.noBus, needed: true), "secret-service", .warn, "no D-Bus session bus",
      hint: "desktop session")
    try expect(service(.noService, needed: false), "secret-service", .ok, "no secret is")
    try expect(
      service(.failed("odd"), needed: true), "secret-service", .warn, "refused: odd",
      hint: "keyring")
    try expect(service(nil, needed: true), "secret-service", .ok, "answers")
  }

  /// Has one item, and never another.
  private struct OneItem: SecretStore {
    func lookUp(_ attributes: [String: String]) async throws(SecretStoreError) -> Secret? {
      attributes == ["service": "a"] ? Secret("hunter2") : nil
    }
    func store(
      label: String, attributes: [String: String], secret: Secret
    ) async throws(SecretStoreError) { throw .failed("read-only") }
  }

  @Test func secretsNameTheirSourceAndNeverTheirValue() async throws {
    let host = Host(
      environment: ["SET": "hunter2"], home: "/tmp", userName: "anna", userID: 1000,
      groupID: 1000, currentDirectory: "/", executable: "/usr/bin/ags")
    func declare(_ name: String, _ sources: SecretSource...) throws -> SecretDeclaration {
      SecretDeclaration(env: try EnvironmentName(name), sources: sources)
    }
    let store = OneItem()
    let check = await SecretCheck(
      asking: store,
      SecretResolver(host: host, store: store, runner: SubprocessRunner()),
      [
        try declare("A", .environment(try EnvironmentName("SET"))),
        try declare(
          "B", .secretStore(["service": "none"]), .command(["/bin/echo", "hunter2"])),
        try declare("C", .secretStore(["service": "a"])),
        try declare(
          "D", .environment(try EnvironmentName("UNSET")), .command(["/bin/false", "hunter2"])),
      ])
    let findings = check.findings
    try expect(findings, "secret:A", .ok, "comes from from_env SET")
    try expect(findings, "secret:B", .ok, "comes from command /bin/echo")
    try expect(findings, "secret:C", .ok, "comes from secret_store {service=a}")
    try expect(
      findings, "secret:D", .warn, "from_env UNSET: not set; command /bin/false: ended",
      hint: "docs/secrets.md")
    #expect(!(try Finding.json(findings)).contains("hunter2"))
  }

  @Test func sessionsLeftBehindWarn() throws {
    try expect(SessionCheck(dead: []).findings, "sessions", .ok, "no session")
    try expect(
      SessionCheck(dead: ["0000000a"]).findings, "sessions", .warn, "1 session was",
      hint: "the next run sweeps")
    let many = (0..<9).map { "0000000\($0)" }
    try expect(SessionCheck(dead: many).findings, "sessions", .warn, "9 sessions were")
  }
}
