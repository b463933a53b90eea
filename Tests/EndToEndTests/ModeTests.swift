import AGSTestSupport
import SystemPackage
import Testing

extension EndToEnd {
  /// What the flags of 3-run change, seen from inside.
  @Suite struct ModeTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    private static let guarded =
      #"echo '{"tool_name":"Read","tool_input":{"file_path":"/home/dev/.ssh/id_x"}}' "#
      + "| ags-shim guard; echo $?"

    @Test func rootMayChangeTheImageAndItsFilesAreTheUsers() async throws {
      try await withRepository(fixture) { path in
        let outcome = try await fixture.sandbox(
          """
          id -u; : >/usr/bin/planted && echo installed; echo x >made
          echo x >/opt/ags/bin/ags-shim || umount /opt/ags/bin || mv /opt/ags /opt/x
          """, in: path, flags: ["--root"])
        #expect(outcome.lines == ["0", "installed"], "\(outcome)")
        #expect(outcome.standardError.contains("ags: warning: --root: "))
        let host = try await fixture.shell("stat -c %u made", in: path)
        #expect(host.lines == ["\(fixture.userID)"])
        let next = try await fixture.sandbox("id -u; ls /usr/bin/planted", in: path)
        #expect(next.lines == ["1000"], "\(next)")
      }
    }

    @Test func onlyYoloSwitchesTheGuardOff() async throws {
      try await withRepository(fixture) { path in
        let usual = try await fixture.sandbox(
          "AGS_GUARD_YOLO=1; export AGS_GUARD_YOLO; \(Self.guarded)", in: path)
        #expect(usual.lines == ["2"], "\(usual)")
        let yolo = try await fixture.sandbox(Self.guarded, in: path, flags: ["--yolo"])
        #expect(yolo.lines == ["0"], "\(yolo)")
        #expect(yolo.standardError.contains("ags: warning: --yolo: "))
      }
    }

    @Test func waylandSocketCanBeConnectedTo() async throws {
      try await withRepository(fixture) { path in
        let script = """
          import os, socket, threading
          server = socket.socket(socket.AF_UNIX)
          server.bind("wayland-9"); server.listen()
          print("listening", flush=True)
          client, _ = server.accept()
          client.sendall(b"compositor\\n")
          """
        let server = fixture.call("python3", ["-c", script], in: fixture.runtime)
        let served = try await server.run { program in
          try await fixture.waitForFile(fixture.runtime.appending("wayland-9"))
          let outcome = try await fixture.sandbox(
            #"ls -l "$XDG_RUNTIME_DIR"; exec 3<>/dev/null; "#
              + #"perl -MIO::Socket::UNIX -e 'print IO::Socket::UNIX->new("#
              + #""$ENV{XDG_RUNTIME_DIR}/$ENV{WAYLAND_DISPLAY}")->getline'"#,
            in: path, flags: ["--wayland-compositor-passthrough"],
            adding: ["WAYLAND_DISPLAY": "wayland-9"])
          #expect(outcome.lines.last == "compositor", "\(outcome)")
          #expect(outcome.standardError.contains("Wayland session"))
          program.send(15)
        }
        #expect(served.standardOutput == "listening\n")
        try await fixture.shell("rm -f \(fixture.runtime)/wayland-9")
        let without = try await fixture.sandbox(
          "true", in: path, flags: ["--wayland-compositor-passthrough"],
          adding: ["WAYLAND_DISPLAY": nil])
        #expect(without.status == 2 && without.standardError.contains("no Wayland session"))
      }
    }

    @Test func toolBringsItsDirectoriesAndSecrets() async throws {
      try await withRepository(fixture) { path in
        try await fixture.shell(
          """
          mkdir -p ~/tool/data; echo value >~/tool/data/file
          printf '#!/bin/sh\\necho tool $TOOL_KEY; cat /opt/tool-data/file\\n' >~/tool/program
          chmod 755 ~/tool/program
          """)
        let flags = try await fixture.configuration(
          """
          [[tool]]
          name = "made"
          path = "~/tool/program"
          container_path = "/usr/local/bin/made"
          [[tool.directory]]
          host = "~/tool/data"
          container = "/opt/tool-data"
          mode = "ro"
          [[tool.secret]]
          env = "TOOL_KEY"
          from_env = "HOST_KEY"
          """, beside: path)
        let outcome = try await fixture.sandbox(
          "made; echo x >/opt/tool-data/file", in: path, flags: flags,
          adding: ["HOST_KEY": "k1"])
        #expect(outcome.lines == ["tool k1", "value"], "\(outcome)")
        #expect(outcome.standardError.contains("Read-only file system"))
        try await fixture.shell("rm ~/tool/program")
        let missing = try await fixture.sandbox("true", in: path, flags: flags)
        #expect(missing.status == 2, "\(missing)")
        #expect(missing.standardError.contains("tool \"made\""))
        #expect(missing.standardError.contains("hint: install it, or set optional = true"))
        try await fixture.shell("rm -rf ~/tool")
      }
    }

    @Test func cachesOutliveTheSessionOfTheirWorkspaceOnly() async throws {
      try await withRepository(fixture) { path in
        let fill = try await fixture.sandbox(
          #"echo x >"$CARGO_HOME/kept" && echo x >"$npm_config_cache/kept""#, in: path)
        #expect(fill.status == 0, "\(fill)")
        let look = "ls ~/.cargo ~/.npm"
        #expect(try await fixture.sandbox(look, in: path).lines.count { $0 == "kept" } == 2)
        // Nor does what is left there take the place of an agent, or of what one is started by.
        let planted = try await fixture.sandbox(
          """
          mkdir -p ~/.cargo/bin; for name in claude env only; do
            ln -s /bin/true ~/.cargo/bin/$name
          done
          """, in: path)
        #expect(planted.status == 0, "\(planted)")
        let found = try await fixture.sandbox("command -v claude env only", in: path)
        #expect(
          found.lines == [
            "/opt/ags/agents/bin/claude", "/usr/bin/env", "/home/dev/.cargo/bin/only",
          ])
        try await withRepository(fixture, named: "another") { other in
          let there = try await fixture.sandbox(look, in: other)
          #expect(!there.lines.contains("kept"), "\(there)")
        }
        let none = try await fixture.configuration(
          "[sandbox]\ncaches = \"none\"\n", beside: path)
        let without = try await fixture.sandbox("ls -A ~; compgen -e", in: path, flags: none)
        #expect(!without.standardOutput.contains("cargo"), "\(without)")
        #expect(!without.lines.contains("CARGO_HOME"), "\(without)")
      }
    }
  }
}
