import AGSTestSupport
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

extension EndToEnd {
  /// 4-channels "Approvals": zenity on a real X server, and no display at all.
  @Suite struct WayOutDialogTests {
    /// Runs an X server while `body` does.
    private func withDisplay(
      _ fixture: WayOutFixture, _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws {
      let script = "exec Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp 3>display"
      _ = try await fixture.sandbox.call(
        "/bin/sh", ["-c", script], in: fixture.folder, timeLimit: .seconds(300)
      ).run { server in
        try await eventually("the X server is up") { fixture.lines(of: "display").count == 1 }
        try await body(":" + fixture.lines(of: "display")[0])
        // Asked, it removes its lock and socket.
        server.send(SIGTERM)
      }
    }

    private func click(
      _ button: String, after seconds: String = "2", on display: String, _ fixture: WayOutFixture
    ) async throws {
      try await fixture.sandbox.call(
        "way-out/click.sh", [button, seconds], in: fixture.folder, adding: ["DISPLAY": display]
      ).runOrThrow()
    }

    @Test func buttonsOfTheDialogDoWhatTheySay() async throws {
      try await WayOutFixture.with { fixture in
        try await withDisplay(fixture) { display in
          let outcome = try await fixture.run(
            """
            ags-open https://example.org/first; echo $?
            ags-open https://example.org/second; echo $?
            /opt/python/bin/python3 -m http.server -b 127.0.0.1 3000 >/dev/null 2>&1 &
            ags-open http://127.0.0.1:3000/third; echo $?
            """, display: display
          ) { _ in
            // Too soon is no answer: the dialog comes again.
            try await click("open", after: "0", on: display, fixture)
            #expect(fixture.opened() == [])
            try await click("open", on: display, fixture)
            try await eventually("the first page was opened") { fixture.opened().count == 1 }
            try await click("cancel", on: display, fixture)
            try await eventually("the second page was refused") {
              try fixture.events().contains("open-denied")
            }
            try await click("proxy", on: display, fixture)
          }
          #expect(outcome.lines == ["0", "1", "0"], "\(outcome)")
          let opened = fixture.opened()
          #expect(opened.first == "https://example.org/first" && opened.count == 2, "\(opened)")
          #expect(
            opened.last?.wholeMatch(of: /http:\/\/[a-z0-9]+\.localhost:\d+\/third/) != nil,
            "\(opened)")
        }
      }
    }

    @Test func answerFromAnyTerminalTakesTheDialogAway() async throws {
      try await WayOutFixture.with { fixture in
        try await withDisplay(fixture) { display in
          let outcome = try await fixture.run(
            "ags-open https://example.org/; echo $?", display: display
          ) { _ in
            try await fixture.sandbox.call(
              "timeout",
              ["30", "xdotool", "search", "--sync", "--onlyvisible", "--name", "^ags: "],
              adding: ["DISPLAY": display]
            ).runOrThrow()
            try await fixture.answer(1, .allow)
          }
          #expect(outcome.lines == ["0"], "\(outcome)")
          #expect(fixture.opened() == ["https://example.org/"])
          let left = try await fixture.sandbox.call(
            "xdotool", ["search", "--name", "^ags: "], adding: ["DISPLAY": display]
          ).run()
          #expect(left.lines == [], "\(left)")
        }
      }
    }

    @Test func hostWithoutADisplayAsksInTheTerminalAndShowsWhatToOpen() async throws {
      try await WayOutFixture.with { fixture in
        let outcome = try await fixture.run(
          "ags-open 'https://example.org/a?b=c'; echo $?", display: nil
        ) { _ in
          let allowed = try await fixture.answer(1, .allow)
          #expect(allowed.standardOutput.contains("https://example.org/a?b=c"), "\(allowed)")
        }
        #expect(outcome.lines == ["0"], "\(outcome)")
        #expect(outcome.standardError.contains("waiting for approval: run ags approvals"))
        #expect(fixture.opened() == [])
      }
    }

    @Test func httpsPagesOfDomainsTheUserNamedOpenAtOnce() async throws {
      try await WayOutFixture.with(
        configuration: "[auth_proxy]\nauto_allow_domains = [\"example.org\"]"
      ) { fixture in
        let outcome = try await fixture.run("ags-open https://example.org/x; echo $?")
        #expect(outcome.lines == ["0"], "\(outcome)")
        #expect(fixture.opened() == ["https://example.org/x"])
        #expect(try fixture.events().contains("open-allowed"))
      }
    }
  }
}
