import AGSTestSupport
import SystemPackage
import Testing

extension EndToEnd {
  /// 3-run "--lockdown": a script inside lists all it can see, and that is compared with what
  /// it may.
  @Suite struct LockdownTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    /// A home with a login, settings and a history; a configuration that hands in all there
    /// is; and as the program of claude the script that lists what it sees.
    private func prepare(beside path: FilePath) async throws -> [String] {
      try await fixture.shell(
        """
        home=~/.local/state/ags/homes/claude
        mkdir -p $home/.claude/projects/p ~/lockdown/data ~/lockdown/cache/agents/{bin,claude/00000001}
        echo '{"claudeAiOauth":{"accessToken":"t"}}' >$home/.claude/.credentials.json
        echo '{"model":"m","hooks":{"PreToolUse":[]},"env":{"K":"hidden"}}' \
          >$home/.claude/settings.json
        echo hidden >$home/.claude/projects/p/s.jsonl
        echo hidden >~/lockdown/data/file
        cp \(Self.script) ~/lockdown/cache/agents/claude/00000001/claude
        ln -sf ../claude/00000001/claude ~/lockdown/cache/agents/bin/claude
        """)
      return try await fixture.configuration(
        """
        [sandbox]
        cache_dir = "~/lockdown/cache"
        passthrough_env = ["PASSED"]
        [[mount]]
        host = "~/lockdown/data"
        container = "/data"
        mode = "ro"
        [[tool]]
        name = "t"
        path = "~/lockdown/data/file"
        container_path = "/usr/local/bin/t"
        [[secret]]
        env = "TOKEN"
        from_env = "TOKEN"
        """, beside: path)
    }

    private func clean() async throws {
      try await fixture.shell("rm -rf ~/.local/state/ags/homes/claude ~/lockdown")
    }

    private static let script = FilePath(#filePath).removingLastComponent()
      .removingLastComponent().appending("Fixtures/inventory").string

    private func inventory(_ flags: [String], in path: FilePath) async throws -> Inventory {
      let outcome = try await fixture.call(
        fixture.programs.appending("ags").string,
        ["--agent", "claude", "--lockdown"] + flags, in: path,
        adding: ["PASSED": "hidden", "TOKEN": "hidden", "http_proxy": "http://u:hidden@h:1"]
      ).runOrThrow()
      #expect(!outcome.standardOutput.contains("hidden"), "\(outcome)")
      return Inventory(outcome.lines)
    }

    @Test func scriptInsideSeesWhatIsAllowedAndNothingElse() async throws {
      try await withRepository(fixture) { path in
        let seen = try await inventory(prepare(beside: path), in: path)
        #expect(
          seen["variable"] == [
            "AGS_GUARD_READ_ROOTS_JSON", "AGS_GUARD_WRITE_ROOTS_JSON", "AGS_HOST_SERVICES_HINT",
            "AGS_HOST_SERVICES_HOST", "AGS_LOCKDOWN", "AGS_SANDBOX", "AGS_SESSION_ID", "HOME",
            "HOSTNAME", "LANG", "PATH", "PWD", "SHLVL", "TERM", "container",
          ])
        #expect(
          seen["mount"] == [
            "ro /etc/claude-code", "ro /etc/codex", "ro /home/dev/.codex/.env",
            "ro /opt/ags/agents", "ro /opt/ags/bin", "ro /opt/ags/share", "ro /run/ags",
            "ro /run/ags-objects/main", "rw /", "rw /home/dev", "rw \(path)",
            "rw \(path)/.git",
          ])
        #expect(
          seen["tmpfs"] == [
            "/run noexec 65536", "/tmp exec 1048576", "/var/tmp noexec 262144",
          ])
        #expect(seen["loose"] == [] && seen["socket"] == [])
        #expect(
          seen["run"].filter { !$0.hasPrefix("/run/ags-objects/main/") } == [
            "/run", "/run/ags", "/run/ags-objects", "/run/ags-objects/main",
            "/run/ags/session.json",
          ])
        #expect(
          seen["home"] == [
            "/home/dev", "/home/dev/.claude", "/home/dev/.claude/.credentials.json",
            "/home/dev/.claude/settings.json", "/home/dev/.codex", "/home/dev/.codex/.env",
          ])
        #expect(seen["settings"] == [#"{"model":"m"}"#])
        // The workspace lies below /var/tmp.
        #expect(seen["temporary"].allSatisfy { path.string.hasPrefix($0) })
        #expect(seen["descriptor"] == ["0", "1", "2"])
        // PID 1, whose program is nobody's to see.
        #expect(seen["process"] == ["1"])
        // All else is the image's, but for the places of mounts.
        let image = try await imagesFiles()
        let more = seen["file"].filter { !image.contains($0) }
        #expect(
          more == ["/etc/claude-code", "/etc/codex", "/etc/localtime", "/opt/ags"]
            + ["agents", "bin", "share"].map { "/opt/ags/\($0)" })
        try await clean()
      }
    }

    private func imagesFiles() async throws -> Set<String> {
      let outcome = try await fixture.podman(
        "run", "--rm", "--network=none", fixture.image, "find", "/", "-xdev", "(", "-path", "/proc",
        "-o", "-path", "/sys", "-o", "-path", "/dev", ")", "-prune", "-o", "-print")
      return Set(outcome.lines)
    }

    @Test func nothingOfTheHomeOutlivesTheRun() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          "echo x >~/kept; echo x >kept; mkdir -p ~/.claude; echo x >~/.claude/history",
          in: path, flags: ["--lockdown"])
        #expect(outcome.status == 0, "\(outcome)")
        let left = try await fixture.shell(
          "cat kept; find ~/.local/state/ags/sessions -mindepth 1 ! -name .lock", in: path)
        #expect(left.lines == ["x"])
      }
    }

    @Test func commitsGoWithTheSessionOrAreKeptAsPatches() async throws {
      try await withRepository(fixture) { path in
        let folder = path.removingLastComponent()
        let commit = """
          git log --format=%s
          echo more >>README
          git -c user.name=x -c user.email=x@example.org commit -qam second
          git config core.fsmonitor /bin/false; mv .git elsewhere
          """
        let kept = try await fixture.sandbox(
          commit, in: path, flags: ["--lockdown", "--keep-patches", "\(folder)/patches"])
        #expect(kept.lines == ["first commit"], "\(kept)")
        #expect(kept.standardError.contains("kept as a patch: \(folder)/patches/1-main/0001-"))
        let host = try await fixture.shell(
          """
          git config user.name host; git config user.email host@example.org
          git fsck && git log --all --format=%s; git config core.fsmonitor || true
          git stash -q; git am -q ../patches/1-main/*.patch; git log -1 --format=%s
          """, in: path)
        #expect(host.lines == ["first commit", "second"], "\(host)")
      }
    }

    @Test func withoutLoginTheLoginIsNotThere() async throws {
      try await withRepository(fixture) { path in
        let seen = try await inventory(["--no-login"] + prepare(beside: path), in: path)
        #expect(
          seen["home"] == [
            "/home/dev", "/home/dev/.claude", "/home/dev/.claude/settings.json",
            "/home/dev/.codex", "/home/dev/.codex/.env",
          ])
        try await clean()
      }
    }

    @Test func realAgentsStartFromTheReadOnlyInstallation() async throws {
      try await withRepository(fixture) { path in
        for (agent, says) in [("claude", "(Claude Code)"), ("codex", "codex-cli ")] {
          let outcome = try await fixture.ags(
            "--agent", agent, "--lockdown", "--", "--version", in: path)
          #expect(outcome.status == 0 && outcome.standardOutput.contains(says), "\(outcome)")
          #expect(
            outcome.standardError.contains(
              "dcg is not in the image: in lockdown the guard refuses every command"),
            "\(outcome)")
        }
      }
    }
  }
}

/// What Tests/Fixtures/inventory printed, by kind, sorted.
private struct Inventory {
  private var found: [String: [String]] = [:]

  init(_ lines: [String]) {
    for line in lines {
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2 else { continue }
      found[String(parts[0]), default: []].append(String(parts[1]))
    }
  }

  subscript(kind: String) -> [String] { (found[kind] ?? []).sorted() }
}
