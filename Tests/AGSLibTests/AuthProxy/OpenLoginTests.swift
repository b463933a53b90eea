import AGSTestSupport
import AGSWire
import Testing

@testable import AGSLib

/// Pages whose URL names a port for the answer.
@Suite struct OpenLoginTests {
  private func login(_ port: UInt16) -> ChannelRequest {
    .open(url: "https://a.example/?redirect_uri=http://localhost:\(port)/cb&state=s")
  }

  @Test func portListensBeforeTheBrowserStartsAndTheQuestionSaysSo() async throws {
    let port = freePort()
    // Bash would do the same with /dev/tcp; the listener's row is in the kernel's table.
    let row =
      ":" + String(repeating: "0", count: 4 - String(port, radix: 16).count)
      + String(port, radix: 16, uppercase: true) + " 00000000:0000 0A"
    let opener = "/bin/grep -c '\(row)' /proc/net/tcp >>$PAGES"
    try await OpenFixture.with(.allow, opener: opener) { fixture in
      let answers = try await fixture.answers(to: login(port))
      #expect(answers.last == .done)
      #expect(fixture.pages == ["1"])
      #expect(
        fixture.approvals.questions.first?.notes == [
          "Open waits on port \(port) of this computer for the login's answer, 5 minutes at most"
        ])
      #expect(fixture.audit.events.map(\.name) == ["open-asked", "open-allowed", "callback-bound"])
    }
  }

  /// 6-security 5 and 7: what is not approved, or not opened, holds no port.
  @Test func deniedOrFailedPageHoldsNoPort() async throws {
    for (decision, opener) in [
      (ApprovalDecision.deny(.user), "exit 0"), (.allow, "exit 3"), (.allow, "kill -9 $$"),
    ] {
      let port = freePort()
      try await OpenFixture.with(decision, opener: opener) { fixture in
        guard case .failure? = try await fixture.answers(to: login(port)).last else {
          Issue.record("opened")
          return
        }
        try await eventually {
          let holder = PortHolder(port, host: "127.0.0.1", shares: true)
          holder?.close()
          return holder != nil
        }
      }
    }
  }

  @Test func takenPortIsSaidOnBothSidesAndNothingOpens() async throws {
    try await OpenFixture.with(.allow) { fixture in
      let port = freePort()
      let holder = try #require(PortHolder(port, host: "127.0.0.1"))
      defer { holder.close() }
      guard case .failure(let fault)? = try await fixture.answers(to: login(port)).last else {
        Issue.record("opened")
        return
      }
      #expect(fault.code == .portInUse && fault.message.contains("\(port)"))
      #expect(fixture.notices.all == ["a.example was not opened: \(fault.message)"])
      #expect(fixture.pages.isEmpty)
    }
  }

  /// The ssh case.
  @Test func withoutADisplayNothingStartsAndTheAnswerIsPasted() async throws {
    try await OpenFixture.with(.allow, allowing: ["a.example"], environment: ["DISPLAY": ""]) {
      fixture in
      let port = freePort()
      let agent = try await AgentServer { $0.finish("HTTP/1.1 200 Fine\r\n\r\n") }
      fixture.sandbox.serve(port, by: agent)
      #expect(try await fixture.answers(to: login(port)).last == .done)
      #expect(fixture.pages.isEmpty)
      // Listed or not: without a question nobody would see the URL.
      #expect(fixture.approvals.questions.first?.notes.last?.contains("elsewhere") == true)
      let pasted = "http://localhost:\(port)/cb?state=s&code=1"
      #expect(try await fixture.service.callback(pasted: pasted) == "HTTP/1.1 200 Fine")
      try await agent.close()
    }
  }
}
