import AGSTestSupport
import Glibc
import SystemPackage
import Testing

extension EndToEnd {
  /// 4-channels "OAuth callback", with a real browser on the host.
  @Suite struct WayOutLoginTests {
    @Test(arguments: [("127.0.0.1", "127.0.0.1"), ("::1", "localhost")])
    func loginThroughTheUsersBrowserReachesTheProgramInside(
      address: String, name: String
    ) async throws {
      try await WayOutFixture.with(opener: .chromium) { fixture in
        try await fixture.withServer { server in
          let outcome = try await fixture.logIn(server, address: address, name: name) { _ in
            try await fixture.answer(1, .allow)
          }
          #expect(outcome.status == 0, "\(outcome)")
          #expect(outcome.lines.suffix(1) == ["token made-token"])
          #expect(
            Array(outcome.lines.dropFirst(2).prefix(3)).sorted()
              == ["request /callback", "request /logo.png", "request /success"], "\(outcome)")
          let page = try #require(try await fixture.pages().first)
          #expect(page.url?.hasSuffix("/success") == true && page.text == "logged in", "\(page)")
          #expect(page.images == [1], "\(page)")
          let events = try fixture.events()
          for event in ["open-asked", "open-allowed", "callback-bound", "callback-answered"] {
            #expect(events.contains(event), "\(events)")
          }
          // Nothing of the login is kept.
          let log = fixture.lines(of: "state/audit/events.jsonl").joined()
          let state = try await fixture.loginUnderWay().state
          #expect(!log.contains(state) && !log.contains("code_challenge"), "\(log)")
        }
      }
    }

    @Test func onlyTheRightPathAndStateReachTheProgramInside() async throws {
      try await WayOutFixture.with(opener: .chromium) { fixture in
        try await fixture.withServer { server in
          let outcome = try await fixture.logIn(server, user: "nobody") { _ in
            try await fixture.answer(1, .allow)
            let (redirect, state) = try await fixture.loginUnderWay()
            let base = redirect.replacing("/callback", with: "")
            let others = try await fixture.onHost(
              "fetch", "get", redirect, "\(redirect)?code=x", "\(redirect)?code=x&state=guessed",
              "\(base)/elsewhere?code=x&state=\(state)", "\(base)/", "\(base)/success",
              "\(redirect)/?code=x&state=\(state)")
            #expect(
              others.lines.map { $0.prefix(4) } == Array(repeating: "404 ", count: 7), "\(others)")
            // The user's browser, at last.
            let answer = try await fixture.onHost(
              "fetch", "get", "\(redirect)?error=access_denied&state=\(state)", "\(base)/success",
              "\(base)/logo.png")
            #expect(answer.lines.map { $0.prefix(3) } == ["302", "200", "200"], "\(answer)")
          }
          #expect(
            Array(outcome.lines.dropFirst(2))
              == [
                "request /callback", "request /success", "request /logo.png",
                "error access_denied",
              ], "\(outcome)")
        }
      }
    }

    @Test(arguments: ["wrong-state", "wrong-path"])
    func browserSentAstrayIsToldSoAndTheProgramHearsNothing(user: String) async throws {
      try await WayOutFixture.with(opener: .chromium) { fixture in
        try await fixture.withServer { server in
          let outcome = try await fixture.logIn(server, user: user, patience: 8) { program in
            try await fixture.answer(1, .allow)
            try await eventually("the browser came back") {
              fixture.lines(of: "server.log").contains { $0.hasPrefix("consent") }
            }
          }
          #expect(outcome.lines.last == "nothing came", "\(outcome)")
          #expect(!outcome.standardOutput.contains("request"), "\(outcome)")
        }
      }
    }

    @Test func takenPortIsSaidAndNothingIsOpened() async throws {
      try await WayOutFixture.with { fixture in
        try await fixture.withServer { server in
          let port = try #require(server.page.split(separator: ":").last.flatMap { Int($0) })
          let outcome = try await fixture.logIn(server, port: port) { _ in
            try await fixture.answer(1, .allow)
          }
          #expect(outcome.status == 3, "\(outcome)")
          let said = try #require(outcome.lines.first { $0.hasPrefix("opened 1 ") })
          #expect(said.contains("port \(port) of the host is taken"), "\(outcome)")
          #expect(fixture.opened() == [])
        }
      }
    }

    @Test func refusedLoginOpensNothingAndTakesNoPort() async throws {
      try await WayOutFixture.with { fixture in
        try await fixture.withServer { server in
          let before = try await fixture.listeningPorts()
          let outcome = try await fixture.logIn(server) { _ in
            try await fixture.answer(1, .deny)
            #expect(try await fixture.listeningPorts() == before)
          }
          #expect(outcome.lines.last?.hasPrefix("opened 1 ") == true, "\(outcome)")
          #expect(outcome.standardOutput.contains("not opened"), "\(outcome)")
          #expect(fixture.opened() == [])
          #expect(try fixture.events().contains("open-denied"))
        }
      }
    }

    /// Over ssh: no display, and the browser is on another machine.
    @Test func answerThatTheUserPastesFinishesTheLogin() async throws {
      try await WayOutFixture.with { fixture in
        try await fixture.withServer { server in
          let outcome = try await fixture.logIn(server, name: "localhost", display: nil) { _ in
            let allowed = try await fixture.answer(1, .allow)
            let url = try #require(
              allowed.standardOutput.split(whereSeparator: \.isWhitespace).first {
                $0.hasPrefix(server.page)
              }, "\(allowed)")
            let there = try await fixture.onHost("fetch", "consent", String(url))
            let pasted = try #require(there.lines.first)
            let wrong = try await fixture.approvals(
              "callback", pasted.replacing("state=", with: "state=x"))
            #expect(wrong.status != 0, "\(wrong)")
            let right = try await fixture.approvals("callback", pasted)
            #expect(right.status == 0 && right.standardOutput.contains("302"), "\(right)")
          }
          #expect(outcome.lines.last == "token made-token", "\(outcome)")
          #expect(fixture.opened() == [])
        }
      }
    }
  }
}
