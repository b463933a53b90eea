import AGSTestSupport
import SystemPackage
import Testing

extension EndToEnd {
  /// What the agent finds, and what the host finds afterwards.
  @Suite struct WorkspaceTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    @Test func agentIsUser1000AndItsFilesAreOurs() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox("id -u; id -g; id -un; echo x >made", in: path)
        #expect(outcome.lines == ["1000", "1000", "dev"], "\(outcome)")
        let owner = try await fixture.shell("stat -c %u made; cat made", in: path)
        #expect(owner.lines == ["\(fixture.userID)", "x"])
      }
    }

    @Test func repositoryIsAtItsOwnPathWithItsHistory() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          "pwd; cat README; git log --format=%s", in: path)
        #expect(outcome.lines == [path.string, "hello", "first commit"], "\(outcome)")
      }
    }

    /// A virtual environment on the user's PATH lies where the agent writes.
    @Test func programsTheAgentPlantsInThePathDoNotRunOnTheHost() async throws {
      try await withRepository(fixture) { path in
        let names = "podman newuidmap newgidmap slirp4netns conmon runc catatonit"
        let planted = try await fixture.sandbox(
          """
          mkdir -p .venv/bin
          for name in \(names); do
            printf '#!/bin/sh\\ntouch \(path)/fired\\nexit 1\\n' >.venv/bin/$name
            chmod 755 .venv/bin/$name
          done
          """, in: path)
        #expect(planted.status == 0, "\(planted)")
        let search = "\(path)/.venv/bin:.venv/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        let outcome = try await fixture.sandbox("exit 7", in: path, adding: ["PATH": search])
        #expect(outcome.status == 7, "\(outcome)")
        #expect(try await fixture.shell("ls", in: path).lines == ["README"])
        // The trap does work for who is not careful.
        let careless = try await fixture.shell(
          "PATH=\(search) slirp4netns || ls", in: path)
        #expect(careless.lines == ["README", "fired"], "\(careless)")
      }
    }

    @Test func subdirectoryStaysTheWorkingDirectoryOfTheWholeRepository() async throws {
      try await withRepository(fixture) { path in
        try await fixture.shell("mkdir -p a/b", in: path)
        let outcome = try await fixture.sandbox(
          "pwd; cat ../../README; git rev-parse --show-toplevel", in: path.appending("a/b"))
        #expect(outcome.lines == ["\(path)/a/b", "hello", path.string], "\(outcome)")
      }
    }

    @Test(arguments: [
      "with space", "comma,comma", "quote\"quote", "single'quote", "back\\slash", "a=b:c",
      "dollar$HOME", "ünï", "-dash", "*",
    ])
    func noCharacterOfAPathIsSpecial(name: String) async throws {
      try await withRepository(fixture, named: name) { path in
        let outcome = try await fixture.sandbox("pwd; echo x >made", in: path)
        #expect(outcome.standardOutput == "\(path)\n", "\(outcome)")
        let made = try await fixture.call("/bin/cat", ["--", "made"], in: path).run()
        #expect(made.standardOutput == "x\n")
      }
    }

    @Test func pathWithAControlCharacterIsRefused() async throws {
      try await withRepository(fixture, named: "new\nline") { path in
        let outcome = try await fixture.sandbox("echo started", in: path)
        #expect(outcome.ending == .exited(2), "\(outcome)")
        #expect(outcome.standardOutput == "")
        #expect(outcome.standardError.contains("control character"))
      }
    }

    @Test func hereMountsThatDirectoryOnly() async throws {
      try await withRepository(fixture) { path in
        try await fixture.shell("mkdir -p sub && echo y >sub/file", in: path)
        let outcome = try await fixture.sandbox(
          "cat file; ls ../README 2>/dev/null; echo $?", in: path.appending("sub"),
          flags: ["--here"])
        #expect(outcome.lines.first == "y", "\(outcome)")
        #expect(outcome.lines.last != "0")
      }
    }

    @Test func addedDirectoryIsThereAtItsPathToo() async throws {
      try await withRepository(fixture) { path in
        let other = path.removingLastComponent().appending("other")
        try await fixture.shell(
          "mkdir other && echo z >other/file", in: other.removingLastComponent())
        let outcome = try await fixture.sandbox(
          "cat \(other)/file; echo w >\(other)/made", in: path, flags: ["-d", other.string])
        #expect(outcome.lines == ["z"], "\(outcome)")
        #expect(try await fixture.shell("cat made", in: other).lines == ["w"])
      }
    }

    @Test func homeIsWritableFreshAndNotOurs() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          "cd; pwd; echo x >.profile && mkdir .cache/mine && echo ok", in: path)
        #expect(outcome.lines == ["/home/dev", "ok"], "\(outcome)")
        let again = try await fixture.sandbox("ls ~/.profile ~/.cache/mine 2>&1 | wc -l", in: path)
        #expect(again.lines == ["2"], "\(again)")
        #expect(try await fixture.shell("ls -A ~/.profile | grep -c made || true").status == 0)
      }
    }

    @Test func containerHasNoCapabilitiesAndGainsNone() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          "grep -E '^(Cap(Prm|Eff|Bnd|Amb)|NoNewPrivs)' /proc/self/status | tr -d '\\t'", in: path)
        #expect(
          outcome.lines == [
            "CapPrm:0000000000000000", "CapEff:0000000000000000", "CapBnd:0000000000000000",
            "CapAmb:0000000000000000", "NoNewPrivs:1",
          ], "\(outcome)")
      }
    }

    @Test func agsOwnDirectoriesAreReadOnlyInside() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          """
          for path in /opt/ags/bin /run/ags; do
            (echo x >$path/planted) 2>/dev/null && echo $path can be written
          done
          rm -f /opt/ags/bin/ags-shim 2>/dev/null && echo shim can be removed
          echo done
          """, in: path)
        #expect(outcome.lines == ["done"], "\(outcome)")
      }
    }
  }
}
