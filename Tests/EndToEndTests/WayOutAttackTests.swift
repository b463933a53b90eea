import AGSTestSupport
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

extension EndToEnd {
  /// 6-security 1 to 8 and 18, tried from inside and by other programs of the machine.
  @Suite struct WayOutAttackTests {
    @Test func nothingInsideCanAnswerOrTakeTheHostsPlace() async throws {
      try await WayOutFixture.with { fixture in
        let outcome = try await fixture.run("python hostile replace; python hostile approve")
        #expect(
          outcome.lines.first?.hasPrefix("sockets open.sock relay.sock") == true, "\(outcome)")
        #expect(outcome.lines.count == 11, "\(outcome)")
        for line in outcome.lines.dropFirst() {
          #expect(line.hasSuffix(" unknown_type"), "\(line)")
        }
      }
    }

    @Test func whatIsNoPlainPageIsRefusedWithoutAQuestion() async throws {
      try await WayOutFixture.with { fixture in
        let urls = [
          "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "HTTP:/x",
          "//example.org",
          "https://user:word@example.org/", "https://example.org\\@evil.example/",
          "https://example.org/%0d%0a\nx", "https://example.org/\t", "https://exa\u{202e}mple.org/",
          "https://example.org:0/", "https://example.org:99999/", "https:///x", "about:blank",
          "view-source:https://example.org",
          "https://example.org/" + String(repeating: "x", count: 9000),
        ]
        let script = urls.map { url in
          let quoted = url.replacing("\n", with: "'$'\\n''").replacing("\t", with: "'$'\\t''")
          return "timeout 10 ags-open '\(quoted)' </dev/null; echo $?"
        }
        let outcome = try await fixture.run(script.joined(separator: "\n"))
        #expect(outcome.lines == Array(repeating: "1", count: urls.count), "\(outcome)")
        #expect(fixture.opened() == [])
        #expect(!(try fixture.events().contains("open-asked")))
      }
    }

    @Test func whatIsOpenedIsWhatTheUserSaidYesTo() async throws {
      try await WayOutFixture.with { fixture in
        let outcome = try await fixture.run(
          """
          ags-open https://example.org/good & first=$!
          until test -e asked; do sleep 0.05; done
          ags-open 'https://ex%61mple.org/x' 2>/dev/null; echo $?
          ags-open 'https://пример.example/<b>&amp;' 2>/dev/null; echo $?
          wait $first; echo $?
          """
        ) { _ in
          try await fixture.expectRequest(1)
          try await fixture.sandbox.write("", to: fixture.project.appending("asked"))
          try await eventually("the other one waits") {
            try await fixture.approvals("list").standardOutput.contains("xn--e1afmkfd.example")
          }
          let list = try await fixture.approvals("list").standardOutput
          #expect(!list.contains("пример"), "\(list)")
          try await fixture.answer(2, .deny)
          try await fixture.answer(1, .allow)
        }
        #expect(outcome.lines == ["1", "1", "0"], "\(outcome)")
        #expect(fixture.opened() == ["https://example.org/good"])
      }
    }

    @Test func portsTheLoginDoesNotNameAreNotTaken() async throws {
      try await WayOutFixture.with { fixture in
        let before = Set(try await fixture.listeningPorts())
        let redirects = [
          "http://localhost:80/x", "http://localhost:1023/x", "http://192.0.2.1:5000/x",
          "http://example.org:5001/x", "http://localhost.example.org:5002/x",
          "http://localhost:5003@example.org/x", "ftp://localhost:5004/x",
        ]
        let script = redirects.map { "ags-open 'https://example.org/?redirect_uri=\($0)' &" }
        _ = try await fixture.run(script.joined(separator: "\n") + "\nwait") { _ in
          for number in 1...redirects.count { try await fixture.answer(number, .allow) }
          try await eventually("all pages were opened") {
            fixture.opened().count == redirects.count
          }
          #expect(Set(try await fixture.listeningPorts()).subtracting(before) == [])
        }
      }
    }

    /// One after the other; after each an honest client is served, and at the end the proxy
    /// never had more than 64 MB.
    @Test func noClientCostsMoreThanItsOwnConnection() async throws {
      try await WayOutFixture.with { fixture in
        let outcome = try await fixture.run(
          """
          honest() { timeout 20 ags-webview-url 3000 >/dev/null && echo served; }
          python hostile garbage; honest
          python hostile line open 1073741824; python hostile line relay 1073741824; honest
          python hostile half open 200; python hostile half relay 200; honest
          python hostile deaf open; honest
          (python hostile slow open & python hostile slow relay & wait); honest
          python hostile flood open 10000
          honest
          python hostile flood relay 10000
          honest
          ags-open https://example.org/; echo $?
          """, timeLimit: .seconds(240)
        ) { _ in
          try await fixture.expectRequest(1, within: .seconds(200))
          try await fixture.answer(1, .allow)
          #expect(try fixture.peakMemory(of: fixture.proxy()) < 64 << 10)
        }
        #expect(
          outcome.lines.filter { !$0.hasPrefix("held") } == [
            "told", "served", "line too_large given up", "line too_large given up", "served",
            "half 0 left", "half 0 left", "served", "deaf", "served", "slow slow", "slow slow",
            "served", "served", "served", "0",
          ], "\(outcome)")
        let held = outcome.lines.filter { $0.hasPrefix("held") }
          .compactMap { Int($0.dropFirst(5)) }
        #expect(held.count == 2 && held.allSatisfy { $0 <= 256 }, "\(outcome)")
      }
    }

    @Test func otherProgramsOfTheMachineCannotWearOutALogin() async throws {
      try await WayOutFixture.with(opener: .chromium) { fixture in
        try await fixture.withServer { server in
          let outcome = try await fixture.logIn(server, user: "nobody", patience: 150) { _ in
            try await fixture.answer(1, .allow)
            let (redirect, state) = try await fixture.loginUnderWay()
            async let slow = fixture.onHost("fetch", "slow", redirect)
            let large = try await fixture.onHost("fetch", "large", redirect)
            #expect(large.standardOutput.hasPrefix("large given up"), "\(large)")
            let many = try await fixture.onHost("fetch", "many", redirect, "500")
            #expect(many.lines == ["0"], "\(many)")
            #expect(try await slow.lines == ["slow given up"])
            #expect(try fixture.peakMemory(of: fixture.proxy()) < 64 << 10)
            let answer = try await fixture.onHost(
              "fetch", "get", "\(redirect)?code=x&state=\(state)")
            #expect(answer.lines.map { $0.prefix(3) } == ["302"], "\(answer)")
          }
          #expect(outcome.lines.contains("request /callback"), "\(outcome)")
        }
      }
    }
  }
}
