import AGSTestSupport
import AGSWire
import Testing

@testable import AGSLib

@Suite struct OpenServiceTests {
  private static let waiting = ChannelAnswer.waiting("waiting for approval: run ags approvals")

  /// 6-security 3: asked for, shown and opened are one value.
  @Test func exactlyWhatWasApprovedIsOpened() async throws {
    try await OpenFixture.with(.allow) { fixture in
      let answers = try await fixture.answers(
        to: .open(url: "HTTPS://Bücher.example/a/../b?x=$(id)&y='\"`"))
      #expect(answers == [Self.waiting, .done])
      let opened = "https://xn--bcher-kva.example/b?x=%24(id)&y=%27%22%60"
      #expect(fixture.pages == [opened])
      #expect(
        fixture.approvals.questions == [
          ApprovalQuestion(kind: .open, subject: opened, host: "xn--bcher-kva.example")
        ])
      let url = ["url": "https://xn--bcher-kva.example/b"]
      #expect(
        fixture.audit.events == [
          AuditEvent("open-asked", url),
          AuditEvent("open-allowed", url.merging(["by": "user"]) { $1 }),
        ])
    }
  }

  @Test func onlyHttpsPagesOfListedHostsNeedNoQuestion() async throws {
    let rules = ["login.example", "*.sub.example"]
    try await OpenFixture.with(.deny(.user), allowing: rules) { fixture in
      let free = [
        "https://login.example/x?token=1", "https://LOGIN.example", "https://a.sub.example",
      ]
      for url in free {
        #expect(try await fixture.answers(to: .open(url: url)) == [.done], "\(url)")
      }
      #expect(fixture.pages.count == 3 && fixture.approvals.questions.isEmpty)
      #expect(fixture.notices.all.first == "opened without a question: https://login.example/x")
      let asked = [
        "http://login.example/", "https://login.example.evil.example/", "https://sub.example/",
        "https://xlogin.example/", "https://evil.example/?https://login.example/",
        "https://evilsub.example/", "https://evil.example/#@login.example",
        "https://l\u{43e}gin.example/",
      ]
      for url in asked {
        let answers = try await fixture.answers(to: .open(url: url))
        let fault = ChannelFault(.denied, "not opened: the user said no")
        #expect(answers == [Self.waiting, .failure(fault)], "\(url)")
      }
      #expect(fixture.pages.count == 3 && fixture.approvals.questions.count == asked.count)
    }
  }

  @Test func toolInALoopIsAskedAboutBeforeItFillsTheBrowser() async throws {
    try await OpenFixture.with(.deny(.user), allowing: ["login.example"]) { fixture in
      for number in 1...10 {
        let answers = try await fixture.answers(to: .open(url: "https://login.example/\(number)"))
        #expect(answers == [.done])
      }
      let answers = try await fixture.answers(to: .open(url: "https://login.example/11"))
      #expect(answers.first == Self.waiting && answers.count == 2)
      #expect(fixture.pages.count == 10 && fixture.approvals.questions.count == 1)
    }
  }

  /// 6-security 4: the user is not even asked.
  @Test(arguments: [
    "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "https://a:b@login.example/",
    "https://login.example/\u{1b}[2J", "https://evil.example\\@login.example/", "",
  ])
  func whatIsNoPlainPageIsRefused(url: String) async throws {
    try await OpenFixture.with(.allow, allowing: ["login.example"]) { fixture in
      let answers = try await fixture.answers(to: .open(url: url))
      guard case .failure(let fault) = answers.first else {
        Issue.record("\(answers)")
        return
      }
      #expect(answers.count == 1 && fault.code == .invalidURL)
      #expect(fixture.approvals.questions.isEmpty && fixture.pages.isEmpty)
    }
  }

  @Test func toolThatGoesAwayWithdrawsItsQuestion() async throws {
    try await OpenFixture.with(nil) { fixture in
      let connection = try await fixture.connect()
      try await connection.send(ChannelRequest.open(url: "https://a.example").encoded())
      try await connection.waitFor("waiting")
      connection.close()
      try await eventually { fixture.approvals.withdrawn == 1 }
      try await eventually { fixture.audit.events.map(\.name) == ["open-asked", "open-denied"] }
      #expect(fixture.pages.isEmpty)
    }
  }

  @Test func requestsAreLimitedAndTheLimitComesBack() async throws {
    try await OpenFixture.with(nil) { fixture in
      var asking: [TestConnection] = []
      for number in 0..<OpenService.maximumOpening {
        let connection = try await fixture.connect()
        try await connection.send(ChannelRequest.open(url: "https://a.example/\(number)").encoded())
        asking.append(connection)
      }
      try await eventually { fixture.approvals.questions.count == OpenService.maximumOpening }
      let more = ChannelRequest.open(url: "https://a.example/more")
      guard case .failure(let fault)? = try await fixture.answers(to: more).first else {
        Issue.record("one more was taken")
        return
      }
      #expect(fault.code == .limit)
      // Others are served meanwhile.
      let report = ChannelRequest.audit(event: "guard-refusal", text: "x")
      #expect(try await fixture.answers(to: report) == [.done])
      fixture.approvals.answer(.deny(.timeout))
      for connection in asking {
        #expect(try await connection.whole().contains("nobody answered"))
      }
      let last = try await fixture.connect()
      try await last.send(more.encoded())
      try await last.waitFor("waiting")
      last.close()
    }
  }

  @Test func appOfTheSandboxMayBeRelayed() async throws {
    try await OpenFixture.with(.proxy) { fixture in
      let url = "http://localhost:3000/a?b=c#d"
      let relayed = try await fixture.answers(to: .open(url: url))
      #expect(relayed == [Self.waiting, .done])
      #expect(fixture.sandbox.registered == ["3000/a?b=c#d"])
      #expect(fixture.pages == ["http://0123abcd.localhost:40000/a?b=c#d"])
      let question = try #require(fixture.approvals.questions.first)
      #expect(question.choices == [.allow, .proxy] && question.subject == url)
      #expect(question.notes == ["Open shows port 3000 of this computer, Proxy the sandbox's"])
      // Not of other hosts, even if somebody said so.
      let answers = try await fixture.answers(to: .open(url: "https://a.example"))
      #expect(answers.last == .failure(ChannelFault(.failed, "this page cannot be relayed")))
    }
  }

  @Test func otherRequestsAndGarbageEndTheirConnectionOnly() async throws {
    try await OpenFixture.with(.allow) { fixture in
      for (bytes, code) in [
        (ChannelRequest.control.encoded(), ChannelFault.Code.unknownType),
        (Array("x\n".utf8), .badFrame), (Array("{\"v\":2}\n".utf8), .unsupportedVersion),
        (Array("{\"v\":1,\"type\":\"open\",\"url\":\"https://a.b\",\"more\":1}\n".utf8), .badFrame),
      ] {
        let connection = try await fixture.connect()
        try await connection.send(bytes)
        guard case .failure(let fault)? = try await OpenFixture.answers(of: connection).first
        else {
          Issue.record("taken")
          continue
        }
        #expect(fault.code == code)
      }
      #expect(try await fixture.answers(to: .open(url: "https://a.b/")).last == .done)
    }
  }

  @Test func reportsAreRememberedUpToALimitAndThenCounted() async throws {
    try await OpenFixture.with(.allow) { fixture in
      let text = "refused \u{1b}[31m\u{202e}"
      let report = ChannelRequest.audit(event: "guard-refusal", text: text)
      let answers = try await fixture.answers(to: report)
      #expect(answers == [.done])
      #expect(
        fixture.audit.events == [
          AuditEvent("guard-refusal", ["text": "refused \\u{1B}[31m\\u{202E}"])
        ])
      // The host's own events cannot be written from inside.
      let forged = ChannelRequest.audit(event: "open-allowed", text: "x")
      #expect(
        try await fixture.answers(to: forged)
          == [.failure(ChannelFault(.unknownType, "no such event"))])
      #expect(fixture.audit.events.count == 1)
    }
    var reports = AuditReports()
    let large = String(repeating: "x", count: 1 << 20)
    var kept = 0
    for _ in 0..<8 { kept += try reports.admit("guard-refusal", large).count }
    #expect(kept == 8)
    var said: [String?] = []
    for _ in 0..<250 { said += try reports.admit("guard-refusal", "x").map { $0.fields["count"] } }
    #expect(said == ["1", "10", "100"])
    let summaries = [reports.summary, reports.summary]
    #expect(summaries == [AuditEvent("reports-dropped", ["count": "250"]), nil])
  }
}
