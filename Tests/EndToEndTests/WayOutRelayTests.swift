import AGSTestSupport
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

extension EndToEnd {
  /// 4-channels "relay.sock": apps of the sandbox in the user's browser, and ports of the host
  /// inside.
  @Suite struct WayOutRelayTests {
    /// Starts an app inside and prints its URL; `read` waits for the user.
    private static func serving(_ port: Int, _ name: String, base: String = "/") -> String {
      """
      python relayed-app \(port) \(name) >/dev/null 2>&1 & app=$!
      until (: </dev/tcp/127.0.0.1/\(port)) 2>/dev/null; do sleep 0.05; done
      ags-webview-url \(port) \(base) >\(name).url
      """
    }

    private static let waiting = "until test -e end; do sleep 0.05; done"

    private func url(of name: String, _ fixture: WayOutFixture) async throws -> String {
      try await eventually("the URL of \(name) is there") {
        fixture.lines(of: "project/\(name).url").count == 1
      }
      return fixture.lines(of: "project/\(name).url")[0]
    }

    private func show(
      _ urls: [String], _ fixture: WayOutFixture
    ) async throws -> [WayOutFixture.Page] {
      _ = try await fixture.sandbox.call(
        "python3",
        ["-I", "way-out/browser.py", fixture.folder.appending("pages").string, "60"] + urls,
        in: fixture.folder
      ).runOrThrow()
      return try await fixture.pages()
    }

    @Test func appOfTheSandboxWorksInTheBrowserAndKnowsNoOther() async throws {
      try await WayOutFixture.with { fixture in
        let outcome = try await fixture.run(
          Self.serving(3000, "one", base: "/deep/page") + "\n" + Self.serving(3001, "two") + "\n"
            + Self.waiting
        ) { _ in
          let first = try await url(of: "one", fixture)
          let second = try await url(of: "two", fixture)
          for url in [first, second] {
            #expect(url.wholeMatch(of: /http:\/\/[a-z0-9]{8,}\.localhost:\d+\/.*/) != nil, "\(url)")
          }
          #expect(first.hasSuffix("/deep/page"))
          #expect(first.split(separator: "/")[1] != second.split(separator: "/")[1])
          let pages = try await show([first, second + "#short", first + "#short"], fixture)
          #expect(pages.map(\.title) == ["done", "done", "done"], "\(pages)")
          #expect(pages.map(\.images) == [[1], [1], [1]], "\(pages)")
          let report = try #require(pages[0].report)
          #expect(report.style == "rgb(1, 2, 3)" && report.echo == "hello", "\(report)")
          #expect(report.events == "0,1,2,3,4", "\(report)")
          #expect(report.download == 200 << 20 && report.upload == "\(200 << 20)", "\(report)")
          #expect(report.parallel == 100, "\(report)")
          // Requests one after the other share a connection.
          #expect(try #require(report.reused) <= 2, "\(report)")
          // The second app sees nothing of the first, which sees itself again.
          #expect(pages[1].text == "two")
          #expect(pages[1].report?.seen == .init(cookies: "", item: nil), "\(pages[1])")
          #expect(pages[2].report?.seen == .init(cookies: "app=one", item: "one"), "\(pages[2])")
          #expect(try fixture.peakMemory(of: fixture.proxy()) < 64 << 10)
          try await fixture.sandbox.write("", to: fixture.project.appending("end"))
        }
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try fixture.events().filter { $0 == "relay-registered" }.count == 2)
      }
    }

    @Test func userMaySeeTheSandboxsOwnAppInsteadOfTheHosts() async throws {
      try await WayOutFixture.with(opener: .chromium) { fixture in
        let outcome = try await fixture.run(
          Self.serving(3000, "one") + "\nxdg-open 'http://localhost:3000/a?b=c#short'\n"
            + Self.waiting
        ) { _ in
          try await fixture.answer(1, .proxy)
          let pages = try await fixture.pages()
          #expect(pages[0].text == "one" && pages[0].report?.echo == "hello", "\(pages)")
          let opened = try #require(fixture.opened().first)
          #expect(
            opened.wholeMatch(of: /http:\/\/[a-z0-9]+\.localhost:\d+\/a\?b=c#short/) != nil,
            "\(opened)")
          try await fixture.sandbox.write("", to: fixture.project.appending("end"))
        }
        #expect(outcome.status == 0, "\(outcome)")
      }
    }

    @Test func forwardedPortOfTheHostIsReachedInsideAndNoOther() async throws {
      // Chosen by the server itself: it runs before the sandbox does.
      try await WayOutFixture.with { fixture in
        try await fixture.withServer { server in
          let port = try #require(server.page.split(separator: ":").last)
          let file = fixture.folder.appending("config.toml")
          let configuration = try String(contentsOfFile: file.string, encoding: .utf8)
          try await fixture.sandbox.write(
            configuration + "\n[[forward]]\nport = 7000\nhost_port = \(port)\n", to: file)
          let outcome = try await fixture.run(
            """
            python fetch get http://127.0.0.1:7000/ 'http://[::1]:7000/' http://127.0.0.1:\(port)/ \\
              http://host.containers.internal:\(port)/ http://10.0.2.2:\(port)/
            python hostile forward \(port) 22 7001 1
            """)
          #expect(
            outcome.lines == [
              "404 no such page", "404 no such page", "failed", "failed", "failed",
              "forward \(port) not_listed", "forward 22 not_listed", "forward 7001 not_listed",
              "forward 1 not_listed",
            ], "\(outcome)")
        }
      }
    }
  }
}
