import AGSWire
import Glibc
import Testing

/// What the guard tells the host (4-channels "audit").
@Suite struct GuardReportTests {
  func host(_ guardProcess: GuardProcess) throws -> ScriptedHost {
    try ScriptedHost(at: "\(guardProcess.root.path)/run/ags/open.sock")
  }

  /// What was reported; the guard waits for no more than the line to be read.
  func report(_ host: ScriptedHost) throws -> String {
    guard case .audit("guard-refusal", let text) = try host.request().0 else {
      Issue.record("another request")
      return ""
    }
    return text
  }

  @Test func refusalIsReportedAsItWasSaid() throws {
    let process = try GuardProcess()
    process.writeSession(GuardAppletTests.ordinary)
    let host = try host(process)
    let answer = try process.ask(GuardProcess.document("Read", "file_path", "~/.ssh/id"))
    #expect(answer.status == 2)
    #expect("ags guard: " + (try report(host)).dropFirst("Read: ".count) + "\n" == answer.text)
    #expect(!host.hasVisitor(within: 0))
    #expect(try process.ask(GuardProcess.document("Read", "file_path", "/tmp/x")).status == 0)
    #expect(!host.hasVisitor(within: 0))
  }

  @Test func commandIsNotInTheReport() throws {
    let process = try GuardProcess()
    process.writeSession(GuardAppletTests.ordinary)
    process.writeDCG("echo 'blocked: curl -u hunter2' >&2; exit 2")
    let host = try host(process)
    let answer = try process.ask(GuardProcess.command("curl -u hunter2 http://x/"))
    #expect(answer.status == 2 && answer.text.contains("hunter2"))
    #expect(try report(host) == "Bash: dcg refused the command")
  }

  @Test func longOrWildNamesAreCut() throws {
    let process = try GuardProcess()
    process.writeSession(GuardAppletTests.ordinary)
    let host = try host(process)
    let long = String(repeating: "é", count: 500)
    let answer = try process.ask(
      #"{"tool_name":"mine\u001b[2J\#(long)","tool_input":{"file_path":"~/.ssh/\#(long)"}}"#)
    #expect(answer.status == 2)
    let text = try report(host)
    #expect(text.utf8.count <= 1024 && text.hasPrefix("mine?[2Jé") && text.contains("~/.ssh/é"))
  }

  @Test func hostThatDoesNotAnswerChangesNothing() throws {
    let process = try GuardProcess()
    process.writeSession(GuardAppletTests.ordinary)
    let document = GuardProcess.document("Read", "file_path", "~/.ssh/id")
    let expected = try process.ask(document)
    #expect(expected.status == 2)
    let host = try host(process)
    // Neither of these is read or answered; then there is no room for another.
    for _ in 0..<3 { #expect(try process.ask(document) == expected) }
    host.stop()
    #expect(try process.ask(document) == expected)
  }

  @Test func lockdownReportsNothing() throws {
    let process = try GuardProcess()
    process.writeSession(GuardAppletTests.lockdown)
    let host = try host(process)
    #expect(
      try process.ask(GuardProcess.document("Read", "file_path", "~/.ssh/id")).status == 2)
    #expect(!host.hasVisitor(within: 0))
  }
}
