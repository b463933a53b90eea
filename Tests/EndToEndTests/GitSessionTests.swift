import AGSTestSupport
import Glibc
import SystemPackage
import Testing

extension EndToEnd {
  /// The life of private git directories: both sides at work, `ags sync`, crashes, direct mode
  /// (11-git).
  @Suite struct GitSessionTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    private static let commit =
      "git -c user.name=x -c user.email=x@example.org commit -q --allow-empty -m"

    private func quarantines(_ words: String..., in path: FilePath) async throws
      -> ProgramOutcome
    {
      try await fixture.call(
        fixture.programs.appending("ags").string, ["quarantine"] + words, in: path
      ).run()
    }

    @Test func workIsTakenOverAndHostsOwnWorkStays() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          """
          git branch mine; \(Self.commit) inside; echo x >up
          until test -e seen; do sleep 0.05; done
          git config core.fsmonitor /bin/false; git log --format=%s
          """, in: path
        ) { _ in
          try await fixture.waitForFile(path.appending("up"))
          try await fixture.shell(
            "\(Self.commit) outside; git gc -q; git config user.name host; echo >seen", in: path)
        }
        #expect(outcome.status == 0 && outcome.lines == ["inside", "first commit"], "\(outcome)")
        #expect(outcome.standardError.contains("git: created branch mine"), "\(outcome)")
        #expect(outcome.standardError.contains("git: kept refs/heads/main as refs/ags/"))
        let host = try await fixture.shell(
          """
          git fsck --no-dangling; git log --format=%s; git log -1 --format=%s --glob=refs/ags/*/heads/main
          git config user.name; git config core.fsmonitor || echo none; git rev-parse -q mine
          """, in: path)
        #expect(
          host.lines.prefix(5) == ["outside", "first commit", "inside", "host", "none"], "\(host)")
      }
    }

    @Test func syncTakesOverWhileTheAgentWorks() async throws {
      try await withRepository(fixture) { path in
        let nobody = try await fixture.ags("sync", in: path)
        #expect(nobody.status != 0 && nobody.standardError.contains("no session runs here"))
        let outcome = try await fixture.sandbox(
          """
          \(Self.commit) one; echo x >up; until test -e seen; do sleep 0.05; done
          \(Self.commit) two
          """, in: path
        ) { _ in
          try await fixture.waitForFile(path.appending("up"))
          let sync = try await fixture.ags("sync", "--json", in: path)
          #expect(
            sync.status == 0 && sync.standardOutput.contains("\"name\" : \"main\""), "\(sync)")
          let log = try await fixture.shell("git log --format=%s", in: path)
          #expect(log.lines == ["one", "first commit"])
          try await fixture.shell("echo >seen", in: path)
        }
        #expect(outcome.status == 0, "\(outcome)")
        let log = try await fixture.shell("git log --format=%s", in: path)
        #expect(log.lines == ["two", "one", "first commit"])
      }
    }

    @Test func reportIsWrittenForAProgram() async throws {
      try await withRepository(fixture) { path in
        let file = path.removingLastComponent().appending("report.json")
        let inside = try await fixture.sandbox("true", in: path, flags: ["--git-report", "r.json"])
        #expect(inside.status != 0 && inside.standardError.contains("where the agent can write"))
        for (work, expected) in [("git branch mine", ["created mine"]), ("true", [])] {
          let outcome = try await fixture.sandbox(
            work, in: path, flags: ["--git-report", file.string])
          #expect(outcome.status == 0 && outcome.standardOutput == "", "\(outcome)")
          let said = try await fixture.shell(
            "jq -r '.[].imported[] | \"\\(.change) \\(.name)\"' \(file)", in: path)
          #expect(said.lines == expected)
        }
      }
    }

    @Test func twoSessionsAtOnceLoseNothingOfEachOther() async throws {
      try await withRepository(fixture) { path in
        let first = try await fixture.sandbox(
          """
          git branch one; \(Self.commit) first; echo x >up
          until test -e seen; do sleep 0.05; done
          """, in: path
        ) { _ in
          try await fixture.waitForFile(path.appending("up"))
          let second = try await fixture.sandbox(
            "git branch two; \(Self.commit) second; git log --format=%s", in: path)
          #expect(second.status == 0 && second.lines == ["second", "first commit"], "\(second)")
          #expect(!second.standardError.contains("was cut off"), "\(second)")
          try await fixture.shell("echo >seen", in: path)
        }
        #expect(first.status == 0, "\(first)")
        #expect(first.standardError.contains("git: kept refs/heads/main as refs/ags/"))
        let host = try await fixture.shell(
          """
          git fsck --no-dangling; git log --format=%s; git log -1 --format=%s --glob=refs/ags/*/heads/main
          git branch --format='%(refname:short)'; git status --porcelain --untracked-files=no
          """, in: path)
        #expect(host.lines == ["second", "first commit", "first", "main", "one", "two"], "\(host)")
      }
    }

    @Test func workThatIsNowhereElseIsKeptUntilItIsDropped() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          "\(Self.commit) saved; git rev-parse HEAD >.git/refs/heads/HEAD", in: path)
        #expect(outcome.standardError.contains("the agent's copy is kept in"), "\(outcome)")
        let list = try await quarantines("list", in: path)
        #expect(list.standardOutput.contains("kept, not all could be taken over"), "\(list)")
        let next = try await fixture.sandbox("git log --format=%s", in: path)
        #expect(next.lines == ["saved", "first commit"], "\(next)")
        let session = String(list.standardOutput.prefix(8))
        #expect(next.standardError.contains("ags quarantine drop \(session)"), "\(next)")
        #expect(try await quarantines("drop", session, in: path).status == 0)
        #expect(try await quarantines("list", in: path).standardOutput == "")
      }
    }

    /// Commits inside, and kills `ags` before the agent ends.
    private func crash(in path: FilePath) async throws {
      let outcome = try await fixture.sandbox(
        "\(Self.commit) saved; echo x >up; sleep 60", in: path
      ) { program in
        try await fixture.waitForFile(path.appending("up"))
        program.send(SIGKILL)
      }
      #expect(outcome.ending == .signalled(9))
      try await fixture.shell("rm up", in: path)
    }

    @Test func nextSessionTakesOverWhatACrashLeft() async throws {
      try await withRepository(fixture) { path in
        try await crash(in: path)
        let before = try await fixture.shell("git log --format=%s", in: path)
        #expect(before.lines == ["first commit"])
        try await withRepository(fixture, named: "another") { other in
          let elsewhere = try await fixture.sandbox("true", in: other)
          #expect(elsewhere.standardError.contains("was not taken over: ags quarantine import"))
        }
        let next = try await fixture.sandbox("git log --format=%s", in: path)
        #expect(next.lines == ["saved", "first commit"], "\(next)")
        #expect(next.standardError.contains("was cut off"), "\(next)")
        let again = try await fixture.sandbox("true", in: path)
        #expect(!again.standardError.contains("cut off"), "\(again)")
        #expect(try await quarantines("list", in: path).standardOutput == "")
      }
    }

    @Test func leftQuarantineIsListedImportedOrDropped() async throws {
      try await withRepository(fixture) { path in
        for word in ["import", "drop"] {
          try await crash(in: path)
          // The session itself is swept by any start.
          try await withRepository(fixture, named: "another") { other in
            _ = try await fixture.sandbox("true", in: other)
          }
          let list = try await quarantines("list", in: path)
          #expect(list.standardOutput.contains("not taken over  \(path)"), "\(list)")
          let session = String(list.standardOutput.prefix(8))
          let done = try await quarantines(word, session, in: path)
          #expect(done.status == 0, "\(done)")
          #expect(try await quarantines("list", in: path).standardOutput == "")
          let unknown = try await quarantines(word, session, in: path)
          #expect(unknown.status != 0 && unknown.standardError.contains("hint: "), "\(unknown)")
        }
        let log = try await fixture.shell("git log --format=%s", in: path)
        #expect(log.lines == ["saved", "first commit"])
      }
    }

    @Test func damagedRecordHidesNoOther() async throws {
      try await withRepository(fixture) { path in
        let state = "$HOME/.local/state/ags/git"
        try await fixture.shell("mkdir -p \(state)/0badc0de; : >\(state)/0badc0de/record.json")
        try await crash(in: path)
        let list = try await quarantines("list", in: path)
        #expect(list.status == 0 && list.lines.contains("0badc0de  damaged  "), "\(list)")
        let refused = try await quarantines("import", "0badc0de", in: path)
        #expect(refused.status != 0 && refused.standardError.contains("hint: its git"))
        let next = try await fixture.sandbox("git log --format=%s", in: path)
        #expect(next.lines == ["saved", "first commit"], "\(next)")
        #expect(next.standardError.contains("ags quarantine drop 0badc0de"), "\(next)")
        #expect(try await quarantines("drop", "0badc0de", in: path).status == 0)
        #expect(try await quarantines("list", in: path).standardOutput == "")
      }
    }

    /// Somebody else holds the lock: an import that does not end.
    @Test func secondInterruptLeavesTheWorkToTheNextStart() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          "\(Self.commit) saved; echo x >up; until test -e seen; do sleep 0.05; done", in: path
        ) { program in
          try await fixture.waitForFile(path.appending("up"))
          let newest = try await fixture.shell(
            "ls -td $HOME/.local/state/ags/git/*/record.json | sed 's/record.json/lock/;q'")
          let lock = newest.lines[0]
          let holder = fixture.call("flock", ["--no-fork", lock, "sleep", "100"], in: path)
          _ = try await holder.run { holding in
            try await fixture.shell(
              "until ! flock -n \(lock) true; do :; done; echo >seen", in: path)
            try await eventually("the container is gone") {
              try await fixture.podman("ps", "--all", "--quiet").standardOutput == ""
            }
            try await Task.sleep(for: .milliseconds(500))
            program.send(SIGINT)
            try await Task.sleep(for: .milliseconds(500))
            program.send(SIGINT)
            try await eventually("ags has ended") { program.hasEnded }
            holding.send(SIGTERM)
          }
        }
        #expect(outcome.ending == .signalled(SIGINT), "\(outcome)")
        #expect(outcome.standardError.contains("interrupt once more"), "\(outcome)")
        try await fixture.shell("rm up seen", in: path)
        let next = try await fixture.sandbox("git log --format=%s", in: path)
        #expect(next.lines == ["saved", "first commit"], "\(next)")
      }
    }

    @Test func nestedRepositoryLosesItsTeethAndCanHaveThemBack() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          """
          git init -q nested; cd nested; git config core.fsmonitor "touch \(path)/fired"
          printf '#!/bin/sh\\n' >.git/hooks/pre-commit; chmod +x .git/hooks/pre-commit
          """, in: path)
        #expect(outcome.standardError.contains("nested/.git/hooks/pre-commit aside"), "\(outcome)")
        let host = try await fixture.shell(
          "git -C nested status >/dev/null; ls; ls nested/.git/hooks/pre-commit || echo gone",
          in: path)
        #expect(host.lines == ["README", "nested", "gone"], "\(host)")
        let list = try await quarantines("list", "--json", in: path)
        #expect(list.standardOutput.contains("\"state\" : \"aside\""), "\(list)")
        let plain = try await quarantines("list", in: path)
        let restored = try await quarantines(
          "restore", String(plain.standardOutput.prefix(8)), in: path)
        #expect(restored.status == 0, "\(restored)")
        let back = try await fixture.shell("ls nested/.git/hooks/pre-commit", in: path)
        #expect(back.lines == ["nested/.git/hooks/pre-commit"])
      }
    }

    @Test func directModeWorksOnTheRealOneAndPutsBackWhatRuns() async throws {
      try await withRepository(fixture) { path in
        let flags = try await fixture.configuration("[git]\nmode = \"direct\"\n", beside: path)
        let outcome = try await fixture.sandbox(
          """
          \(Self.commit) inside; git config core.fsmonitor "touch fired"
          printf '#!/bin/sh\\n' >.git/hooks/pre-commit
          """, in: path, flags: flags)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.standardError.contains("[git] mode is direct"))
        #expect(outcome.standardError.contains("config back to what it was"), "\(outcome)")
        let host = try await fixture.shell(
          "git status -s; git log --format=%s; ls .git/hooks/pre-commit || echo gone; ls", in: path)
        #expect(host.lines == ["inside", "first commit", "gone", "README"], "\(host)")
      }
    }
  }
}
