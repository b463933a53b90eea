import AGSTestSupport
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

@Suite struct AuditLogTests {
  private struct Line: Decodable {
    var time: String
    var session: String
    var event: String
    var fields: [String: String]
    var lost: Int?
  }

  private func lines(_ file: FilePath) throws -> [Line] {
    let bytes = try #require(try RegularFile.read(file, limit: 8 << 20, links: .refused))
    return try bytes.split(separator: 0x0A).map {
      try JSONDecoder().decode(Line.self, from: Data($0))
    }
  }

  @Test func eventsAreLinesInOrderAndPrivate() async throws {
    try await withTemporaryDirectory { root in
      let directory = root.appending("state/audit")
      let log = AuditLog(directory: directory, session: "0123abcd")
      log.record(AuditEvent("first"))
      log.record(AuditEvent("second", ["url": "https://example.org/\u{202E}\n{\"a\":1}"]))
      log.flush()
      let file = directory.appending("events.jsonl")
      let found = try lines(file)
      #expect(found.map(\.event) == ["first", "second"])
      #expect(found.allSatisfy { $0.session == "0123abcd" && $0.time.hasSuffix("Z") })
      #expect(found[1].fields["url"] == "https://example.org/\\u{202E}\\u{A}{\"a\":1}")
      var facts = stat()
      #expect(lstat(file.string, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
      #expect(lstat(directory.string, &facts) == 0 && facts.st_mode & 0o777 == 0o700)
    }
  }

  @Test func twoSessionsWriteWholeLinesToOneFile() async throws {
    try await withTemporaryDirectory { root in
      await withTaskGroup(of: Void.self) { group in
        for session in 0..<4 {
          group.addTask {
            let log = AuditLog(directory: root, session: "0000000\(session)")
            for number in 0..<100 { log.record(AuditEvent("e", ["n": "\(number)"])) }
            log.flush()
          }
        }
      }
      let found = try lines(root.appending("events.jsonl"))
      #expect(found.count == 400)
      #expect(
        found.filter { $0.session == "00000002" }.map { $0.fields["n"] }
          == (0..<100).map { "\($0)" })
    }
  }

  @Test func filesAreLimitedInSizeAndNumber() async throws {
    try await withTemporaryDirectory { root in
      let log = AuditLog(directory: root, session: "0123abcd")
      let long = String(repeating: "x", count: AuditLog.valueLength * 2)
      let fields = Dictionary(uniqueKeysWithValues: (0..<64).map { ("\($0)", long) })
      // 130 KB a line: more than five files hold.
      for _ in 0..<200 { log.record(AuditEvent("large", fields)) }
      log.flush()
      var total = 0
      let names = ["events.jsonl"] + (1...5).map { "events.\($0).jsonl" }
      for name in names {
        var facts = stat()
        guard lstat(root.appending(name).string, &facts) == 0 else { continue }
        #expect(Int(facts.st_size) <= AuditLog.fileSize)
        total += 1
      }
      #expect(total == AuditLog.oldFiles + 1)
    }
  }

  @Test func linkInPlaceOfTheFileIsNotFollowedAndTheLossIsSaid() async throws {
    try await withTemporaryDirectory { root in
      let (file, victim) = (root.appending("events.jsonl"), root.appending("victim"))
      #expect(symlink(victim.string, file.string) == 0)
      let log = AuditLog(directory: root, session: "0123abcd")
      log.record(AuditEvent("lost"))
      log.flush()
      #expect(try RegularFile.read(victim, limit: 10, links: .refused) == nil)
      #expect(unlink(file.string) == 0)
      log.record(AuditEvent("kept"))
      log.flush()
      let found = try lines(file)
      #expect(found.map(\.event) == ["kept"] && found[0].lost == 1)
    }
  }

  @Test func sessionIsRememberedWithNamesOfSecretsOnly() async throws {
    try await PlanFixture.withOwner { fixture in
      fixture.host.environment["TOKEN_ON_HOST"] = "the value"
      fixture.configuration.secrets = [
        SecretDeclaration(
          env: try EnvironmentName("TOKEN"),
          sources: [.environment(try EnvironmentName("TOKEN_ON_HOST"))])
      ]
      _ = try await fixture.run("cat <&3 >/dev/null; exit 7")
      let file = fixture.home.appending(".local/state/ags/audit/events.jsonl")
      let found = try lines(file)
      #expect(found.map(\.event) == ["session-started", "session-ended"])
      #expect(found[0].fields["secrets"] == "TOKEN" && found[0].fields["agent"] == "shell")
      #expect(found[1].fields["status"] == "7")
      let text = try RegularFile.read(file, limit: 1 << 20, links: .refused) ?? []
      #expect(!String(decoding: text, as: UTF8.self).contains("the value"))
    }
  }
}
