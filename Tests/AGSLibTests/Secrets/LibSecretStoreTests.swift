import AGSLib
import AGSTestSupport
import SystemPackage
import Testing

/// The real Secret Service, asked by a process of its own whose bus is the fixture's.
@Suite struct LibSecretStoreTests {
  @Test func findsWhatSecretToolStored() async throws {
    try await Keyring.with { keyring in
      try await keyring.store(Array("höm🔑".utf8), service: "a")
      let answers = try await probe("lookup", keyring, ["a", "b"])
      #expect(answers == ["value höm🔑", "nothing"])
    }
  }

  @Test func secretToolFindsWhatItStored() async throws {
    try await Keyring.with { keyring in
      _ = try await probe("store", keyring, ["a"], input: "first\n")
      _ = try await probe("store", keyring, ["a"], input: "second\n")
      let answers = try await keyring.lookUp(service: "a")
      #expect(answers == "second")
    }
  }

  @Test func findsTenAtOnce() async throws {
    try await Keyring.with { keyring in
      let services = (0..<10).map { "s\($0)" }
      for service in services {
        try await keyring.store(Array("v\(service)".utf8), service: service)
      }
      let answers = try await probe("lookup", keyring, services)
      #expect(answers == services.map { "value v\($0)" })
    }
  }

  /// `secret-tool` itself cuts what it stores at 8 KiB.
  @Test func storesAndFindsSixtyKilobytes() async throws {
    try await Keyring.with { keyring in
      let value = String(repeating: "äb", count: 20_000)
      _ = try await probe("store", keyring, ["a"], input: value)
      let answers = try await probe("lookup", keyring, ["a"])
      // Compared outside: a failure would print all of it.
      let isSame = answers == ["value \(value)"]
      #expect(isSame)
      let stored = try await keyring.lookUp(service: "a")
      #expect(stored.utf8.count == 60_000)
    }
  }

  @Test func refusesWhatIsNotText() async throws {
    try await Keyring.with { keyring in
      try await keyring.store([0xFF, 0xFE, 0x41], service: "a")
      let answers = try await probe("lookup", keyring, ["a"])
      #expect(answers == ["error its value is not text"])
    }
  }

  @Test func saysThatALockedKeyringCouldNotBeUnlocked() async throws {
    try await Keyring.with { keyring in
      try await keyring.store(Array("value".utf8), service: "a")
      try await keyring.store(Array("value".utf8), service: "b")
      try await keyring.lock()
      let answer = "error locked; the prompt was dismissed or could not be shown"
      let answers = try await probe("lookup", keyring, ["a", "b", "c"])
      #expect(answers == [answer, answer, "nothing"])
    }
  }

  @Test(.timeLimit(.minutes(1))) func givesUpOnAPromptThatNobodyAnswers() async throws {
    try await Keyring.with(prompter: .unanswered) { keyring in
      try await keyring.store(Array("value".utf8), service: "a")
      try await keyring.store(Array("value".utf8), service: "b")
      try await keyring.lock()
      let answer = "error locked, and not unlocked within 1 s"
      let answers = try await probe("lookup", keyring, ["a", "b"], limit: 1000)
      #expect(answers == [answer, answer])
    }
  }

  /// The prompt would never be answered, so an answer means that there was none.
  @Test func leavesTheKeyringLockedWhenTold() async throws {
    try await Keyring.with(prompter: .unanswered) { keyring in
      try await keyring.store(Array("value".utf8), service: "a")
      try await keyring.lock()
      let answers = try await probe("peek", keyring, ["a", "b"])
      #expect(answers == ["error locked; a run asks you to unlock it", "nothing"])
    }
  }

  @Test func givesUpOnAServiceThatDoesNotAnswer() async throws {
    try await Keyring.with(service: .silent) { keyring in
      let answers = try await probe("lookup", keyring, ["a"], limit: 1000)
      #expect(answers == ["error the Secret Service did not answer within 1 s"])
    }
  }

  @Test func saysThatThereIsNoService() async throws {
    try await Keyring.with(service: .missing) { keyring in
      let answers = try await probe("lookup", keyring, ["a"])
      #expect(answers == ["error no Secret Service on the session bus"])
    }
  }

  @Test func saysThatThereIsNoBus() async throws {
    let noBus = ["error no D-Bus session bus"]
    #expect(try await probe("lookup", ["HOME": "/nonexistent"], ["a"]) == noBus)
    let dead = ["HOME": "/", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"]
    #expect(try await probe("lookup", dead, ["a"]) == noBus)
    let autolaunch = ["HOME": "/", "DBUS_SESSION_BUS_ADDRESS": "autolaunch:", "DISPLAY": ":9"]
    #expect(try await probe("lookup", autolaunch, ["a"]) == noBus)
  }

  private func probe(
    _ verb: String, _ keyring: Keyring, _ services: [String], limit: Int = 10_000,
    input: String = ""
  ) async throws -> [String] {
    try await probe(verb, keyring.environment, services, limit: limit, input: input)
  }

  private func probe(
    _ verb: String, _ environment: [String: String], _ services: [String],
    limit: Int = 10_000, input: String = ""
  ) async throws -> [String] {
    let program = try Host.current().executable.removingLastComponent().appending("secret-probe")
    let result = try await SubprocessRunner().run(
      Command(
        executable: program, arguments: [verb, "\(limit)"] + services,
        environment: environment, input: Array(input.utf8), timeout: .seconds(30)))
    #expect(result.status.isSuccess, "\(String(decoding: result.standardError, as: UTF8.self))")
    return String(decoding: result.standardOutput, as: UTF8.self).split(separator: "\n").map(
      String.init)
  }
}
