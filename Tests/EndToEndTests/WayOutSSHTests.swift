import AGSTestSupport
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

extension EndToEnd {
  /// 3-run "ssh" and 6-security 16b: what the agent's keys can be used for from inside.
  @Suite struct WayOutSSHTests {
    /// Runs a real sshd that lets the fixture's first key in, while `body` does.
    private func withServer(
      _ fixture: SSHFixture, _ body: @escaping @Sendable (_ port: String) async throws -> Void
    ) async throws {
      let sandbox = fixture.sandbox
      let made = try await sandbox.shell(
        """
        port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])')
        ssh-keygen -q -t ed25519 -N '' -f host
        cp auth.pub allowed
        git init -q --bare pushed.git
        cat >sshd_config <<END
        ListenAddress \(sandbox.serviceAddress):$port
        HostKey $PWD/host
        AuthorizedKeysFile $PWD/allowed
        PidFile $PWD/sshd.pid
        PasswordAuthentication no
        StrictModes no
        UsePAM no
        END
        echo $port
        """, in: fixture.directory)
      let port = try #require(made.lines.last)
      let outcome = try await sandbox.call(
        "/usr/sbin/sshd", ["-D", "-e", "-f", "sshd_config"], in: fixture.directory,
        timeLimit: .seconds(200)
      ).run { server in
        try await eventually("sshd is up, or has given up") {
          server.hasEnded || access(fixture.directory.appending("sshd.pid").string, F_OK) == 0
        }
        try await body(port)
        server.send(SIGTERM)
      }
      #expect(!outcome.timedOut, "\(outcome)")
    }

    @Test func pushOverSSHAndSignedCommitsWorkInside() async throws {
      try await SSHFixture.with(in: SandboxFixture().onServiceNetwork) { fixture in
        try await withServer(fixture) { port in
          let user = try #require(fixture.sandbox.environment["USER"])
          let outcome = try await fixture.run(
            """
            export GIT_SSH_COMMAND='ssh -o StrictHostKeyChecking=accept-new'
            echo x >made; git add made; git commit -qm inside
            git push -q ssh://\(user)@host.containers.internal:\(port)\(fixture.directory)/pushed.git \\
              HEAD:refs/heads/pushed 2>&1
            """)
          #expect(outcome.status == 0, "\(outcome)")
          let pushed = try await fixture.sandbox.shell(
            """
            printf 'ada@example.org %s\\n' "$(cut -d' ' -f1,2 sign.pub)" >signers
            git -C pushed.git log -1 --format=%s pushed
            git -C pushed.git -c gpg.ssh.allowedSignersFile=$PWD/signers verify-commit pushed 2>&1
            grep -c '"event":"signature"' state/audit/events.jsonl
            """, in: fixture.directory)
          #expect(pushed.lines.first == "inside", "\(pushed)")
          #expect(pushed.standardOutput.contains("Good \"git\" signature"), "\(pushed)")
          // One for the commit, one for the login.
          #expect(pushed.lines.last == "2", "\(pushed)")
        }
      }
    }

    @Test func agentTakesNothingButListsAndSignatures() async throws {
      try await SSHFixture.with { fixture in
        let fixtures = FilePath(#filePath).removingLastComponent().pushing("../Fixtures/way-out")
        let hostile = fixtures.lexicallyNormalized().appending("hostile.py").string
        try await fixture.sandbox.write(
          String(contentsOfFile: hostile, encoding: .utf8),
          to: fixture.directory.appending("hostile.py"))
        try await fixture.sandbox.shell(
          """
          cat >>config.toml <<END
          [[mount]]
          host = "\(fixture.sandbox.python)"
          container = "/opt/python"
          mode = "ro"
          [[mount]]
          host = "$PWD/hostile.py"
          container = "/opt/hostile.py"
          kind = "file"
          mode = "ro"
          END
          """, in: fixture.directory)
        let outcome = try await fixture.run(
          """
          ssh-keygen -q -t ed25519 -N '' -f /tmp/own
          printf '#!/bin/sh\\necho word\\n' >/tmp/ask; chmod 755 /tmp/ask
          export SSH_ASKPASS=/tmp/ask SSH_ASKPASS_REQUIRE=force
          for arguments in '/tmp/own' '-t 10 /tmp/own' '-c /tmp/own' "-d $HOME/.ssh/auth.pub" '-D' \\
            '-x' '-X' '-s /usr/lib/x86_64-linux-gnu/libc.so.6' '-e /usr/lib/x86_64-linux-gnu/libc.so.6'
          do
            timeout 20 ssh-add $arguments </dev/null >/dev/null 2>&1; test $? = 0 && echo "done: $arguments"
          done
          PYTHONDONTWRITEBYTECODE=1 /opt/python/bin/python3 /opt/hostile.py agent
          ssh-add -l | wc -l
          echo x >made; git add made; git commit -qm after; git log --format=%G? -1
          """)
        #expect(
          outcome.lines == ["answered 11 by 12", "agent told", "2", "G"], "\(outcome)")
        // The agent itself is as it was.
        let keys = try await fixture.sandbox.shell(
          "SSH_AUTH_SOCK=$PWD/cache/ssh-agent/agent.sock ssh-add -l | wc -l", in: fixture.directory)
        #expect(keys.lines == ["2"], "\(keys)")
      }
    }
  }
}
