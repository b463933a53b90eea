import AGSTestSupport
import SystemPackage
import Testing

extension EndToEnd {
  /// 3-run "ssh" and "git": keys, signatures and the agent that holds them.
  @Suite struct SSHTests {
    @Test func commitInsideIsSignedAndVerifiesOnBothSides() async throws {
      try await SSHFixture.with { fixture in
        let inside = try await fixture.run(
          "echo x >made; git add made; git commit -qm inside; git log --show-signature -1 2>&1")
        #expect(inside.status == 0, "\(inside)")
        #expect(
          inside.standardOutput.contains("Good \"git\" signature for ada@example.org"),
          "\(inside)")
        let outside = try await fixture.sandbox.shell(
          """
          printf 'ada@example.org %s\\n' "$(cut -d' ' -f1,2 ../sign.pub)" >../allowed
          git log -1 --format='%s|%an|%ae'
          git -c gpg.ssh.allowedSignersFile=../allowed verify-commit HEAD 2>&1
          """, in: fixture.repository)
        #expect(
          outside.lines.first == "inside|Ada \"A\" Lovelace # 1|ada@example.org", "\(outside)")
        #expect(outside.standardOutput.contains("Good \"git\" signature"), "\(outside)")
        // Not by the other key.
        let wrong = try await fixture.sandbox.call(
          "/bin/bash",
          [
            "-c",
            "printf 'ada@example.org %s\\n' \"$(cat ../auth.pub)\" >../allowed;"
              + " git -c gpg.ssh.allowedSignersFile=../allowed verify-commit HEAD",
          ], in: fixture.repository
        ).run()
        #expect(wrong.status != 0)
      }
    }

    @Test func agentOutlivesItsRunAndIsUsedAgain() async throws {
      try await SSHFixture.with { fixture in
        let first = try await fixture.run("ssh-add -l")
        #expect(first.lines.count == 2, "\(first)")
        let id = try await fixture.agentID()
        #expect(try await fixture.runningAgents() == [id])
        let second = try await fixture.run("ssh-add -l")
        #expect(second.lines == first.lines, "\(second)")
        #expect(try await fixture.runningAgents() == [id])
      }
    }

    @Test func socketCannotBeReplacedInsideAndNoPrivateKeyIsThere() async throws {
      try await SSHFixture.with { fixture in
        let outcome = try await fixture.run(
          """
          cd /run/ags
          for attempt in 'rm -f ssh.sock' 'mv ssh.sock /tmp/x' 'mv /tmp ssh.sock' \\
            'ln -sf /tmp/x ssh.sock' 'chmod 666 ssh.sock' 'touch new' 'rm -f allowed-signers'; do
            $attempt 2>/dev/null && echo "done: $attempt"
          done
          test -S ssh.sock && ssh-add -l | wc -l
          ls ~/.ssh
          (echo x >>~/.config/ags/gitconfig) 2>/dev/null && echo written
          (echo x >>~/.ssh/sign.pub) 2>/dev/null && echo written
          grep -rl 'PRIVATE KEY' ~ /run/ags 2>/dev/null
          echo end
          """)
        #expect(outcome.lines == ["2", "auth.pub", "sign.pub", "end"], "\(outcome)")
      }
    }

    @Test func passphraseWithoutATerminalIsAnErrorWithWhatToType() async throws {
      try await SSHFixture.with(passphrase: "secret") { fixture in
        let refused = try await fixture.run("echo started")
        #expect(refused.ending == .exited(1) && refused.standardOutput == "", "\(refused)")
        #expect(refused.standardError.contains("\(fixture.directory)/auth has a passphrase"))
        let hint = try #require(
          refused.standardError.split(separator: "\n").first { $0.contains("hint: ") })
        let command = try #require(hint.split(separator: "SSH_AUTH_SOCK=").last)
        // What the hint says works, with a program that answers.
        try await fixture.sandbox.shell(
          """
          printf '#!/bin/sh\\necho secret\\n' >ask
          chmod 755 ask
          export SSH_ASKPASS=$PWD/ask SSH_ASKPASS_REQUIRE=force
          SSH_AUTH_SOCK=\(command)
          SSH_AUTH_SOCK=\(command.replacing("/auth", with: "/sign"))
          """, in: fixture.directory)
        let run = try await fixture.run("ssh-add -l | wc -l")
        #expect(run.lines == ["2"], "\(run)")
      }
    }

    @Test func passphraseIsAskedOnceOnATerminal() async throws {
      try await SSHFixture.with(passphrase: "secret") { fixture in
        let call = fixture.call("ssh-add -l | wc -l | sed 's/^/keys: /'; test -t 0 && echo tty")
        let first = try await TerminalSession.run(call, of: fixture.sandbox) { terminal, _ in
          for key in ["auth", "sign"] {
            try await terminal.expect("Enter passphrase for \(fixture.directory)/\(key)")
            terminal.type("secret\r")
          }
          try await terminal.expect("keys: 2")
        }
        #expect(first.status == 0 && first.standardOutput.contains("tty"), "\(first)")
        #expect(!first.standardOutput.contains("secret"))
        let second = try await TerminalSession.run(call, of: fixture.sandbox) { terminal, _ in
          try await terminal.expect("keys: 2")
        }
        #expect(second.status == 0, "\(second)")
        #expect(!second.standardOutput.contains("passphrase"), "\(second)")
      }
    }

    @Test func interruptedQuestionStartsNothingAndLeavesTheTerminal() async throws {
      try await SSHFixture.with(passphrase: "secret") { fixture in
        let outcome = try await TerminalSession.run(
          fixture.call("echo started"), of: fixture.sandbox
        ) { terminal, _ in
          try await terminal.expect("Enter passphrase for")
          terminal.type("\u{3}")
        }
        #expect(outcome.ending == .exited(130), "\(outcome)")
        #expect(!outcome.standardOutput.contains("started"))
        let containers = try await fixture.sandbox.podman("ps", "--all", "--quiet")
        #expect(containers.lines == [])
      }
    }

    @Test func twoFirstRunsAtOnceStartOneAgentAndBothCommit() async throws {
      try await SSHFixture.with { fixture in
        async let first = fixture.run(Self.commits("a", waitingFor: "b"))
        async let second = fixture.run(Self.commits("b", waitingFor: "a"))
        for outcome in try await [first, second] { #expect(outcome.status == 0, "\(outcome)") }
        #expect(try await fixture.runningAgents() == [fixture.agentID()])
        // Of one branch, the second one's commits are beside it, under a name of ags'.
        let log = try await fixture.sandbox.shell(
          "git log --all --format=%s | sort; git fsck --strict --no-dangling 2>&1; git status --short -uno",
          in: fixture.repository)
        #expect(
          log.lines == ["a1", "a2", "a3", "b1", "b2", "b3", "first commit"], "\(log)")
      }
    }

    @Test func twoWorktreesWorkAtOnceAndKnowEachOther() async throws {
      try await SSHFixture.with { fixture in
        let tree = fixture.directory.appending("tree")
        try await fixture.sandbox.shell("git worktree add -q ../tree", in: fixture.repository)
        // One that is not visible inside, and unused for so long that gc would forget it.
        let third = fixture.directory.appending("third")
        try await fixture.sandbox.shell(
          """
          git worktree add -q ../third
          touch -d '1 year ago' .git/worktrees/third/*
          """, in: fixture.repository)
        let meeting = fixture.directory.appending("meeting")
        try await fixture.sandbox.shell("mkdir \(meeting)")
        let flags = ["-d", meeting.string]
        async let first = fixture.run(
          Self.commits("a", waitingFor: "b", in: meeting.string), flags: flags)
        async let second = fixture.run(
          Self.commits("b", waitingFor: "a", in: meeting.string) + "; git gc -q", in: tree,
          flags: flags)
        for outcome in try await [first, second] { #expect(outcome.status == 0, "\(outcome)") }
        let log = try await fixture.sandbox.shell(
          """
          git log --format=%s; git -C ../tree log --format=%s
          git worktree list --porcelain | grep ^worktree
          """, in: fixture.repository)
        #expect(
          log.lines == [
            "a3", "a2", "a1", "first commit", "b3", "b2", "b1", "first commit",
            "worktree \(fixture.repository)", "worktree \(third)", "worktree \(tree)",
          ], "\(log)")
      }
    }

    /// Three commits while another session is at work in the same repository.
    private static func commits(
      _ name: String, waitingFor other: String, in place: String = "."
    ) -> String {
      """
      touch \(place)/here-\(name)
      until test -e \(place)/here-\(other); do sleep 0.05; done
      for n in 1 2 3; do
        echo $n >\(name)$n
        until git add \(name)$n 2>/dev/null && git commit -qm \(name)$n -- \(name)$n 2>/dev/null
        do sleep 0.1; done
      done
      test $(git log --format=%G? -3 | grep -c G) = 3
      """
    }
  }
}
