import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// The mounts themselves, made in a namespace of the test's own, with git as an agent has it:
/// without any variable that says where its directory is.
@Suite struct QuarantineMountTests {
  /// Makes the mounts and runs `script` in the workspace.
  private func run(
    _ script: String, _ quarantine: GitQuarantine, _ fixture: QuarantineFixture
  ) async throws -> ProgramOutcome {
    var lines = ["set -e", "mount -t tmpfs none /run", "mkdir /run/sources"]
    let mounts = try quarantine.mounts()
    // As for a container, whose sources are the host's, whatever is mounted in it before.
    for (number, mount) in mounts.enumerated() {
      let place = "/run/sources/\(number)"
      lines += [
        mount.kind == .directory ? "mkdir \(place)" : "touch \(place)",
        "mount --bind '\(mount.source)' \(place)",
      ]
    }
    for (number, mount) in mounts.enumerated() {
      let target = "'\(mount.target)'"
      let make = mount.kind == .directory ? "mkdir -p" : "test -e \(target) || touch"
      lines += ["\(make) \(target)", "mount --bind /run/sources/\(number) \(target)"]
      if mount.mode == .readOnly { lines.append("mount -o remount,bind,ro \(target)") }
    }
    lines += ["cd '\(fixture.work)'", "set +e", script]
    return try await ProgramCall(
      program: "/usr/bin/unshare",
      arguments: ["-rm", "/bin/sh", "-c", lines.joined(separator: "\n")],
      environment: [
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": fixture.git.root.string,
        "GIT_AUTHOR_NAME": "agent", "GIT_AUTHOR_EMAIL": "agent@example.org",
        "GIT_COMMITTER_NAME": "agent", "GIT_COMMITTER_EMAIL": "agent@example.org",
      ], directory: fixture.git.root
    ).run()
  }

  private func prepare(_ fixture: QuarantineFixture) throws -> GitQuarantine {
    var request = try fixture.request()
    request.guestObjects = "/run/ags-objects"
    return try GitQuarantine.prepare(request, in: fixture.state)
  }

  @Test func agentWorksInRepositoryAndSubmoduleAsEver() async throws {
    try await QuarantineFixture.with { fixture in
      let library = try await fixture.git.repository("library")
      try await fixture.host("submodule", "--quiet", "add", library.string, "lib/x")
      try await fixture.host("commit", "-q", "-m", "with library")
      let quarantine = try prepare(fixture)
      let outcome = try await run(
        """
        set -e
        test -z "$(git status --porcelain)"
        cd lib/x
        echo f >f; git add f; git commit -q -m 'in library'
        cd ../..
        git checkout -q -b topic
        git commit -q -a -m 'newer library'
        git stash list; git gc -q; git fsck --strict --no-dangling
        git submodule status
        git log --format=%s
        """, quarantine, fixture)
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.lines.suffix(4) == ["newer library", "with library", "two", "one"])
      let report = try await fixture.take(quarantine)
      #expect(report.failures == [] && report.notTaken == [] && report.nested == [])
      #expect(try await fixture.host("log", "-1", "--format=%s", "topic") == ["newer library"])
      #expect(try await fixture.host("status", "--porcelain", "-b") == ["## topic"])
      #expect(
        try await fixture.host("log", "-1", "--format=%s", in: fixture.work.appending("lib/x"))
          == ["in library"])
    }
  }

  @Test func whatIsHeldCannotBeMovedRemovedOrWritten() async throws {
    try await QuarantineFixture.with { fixture in
      let library = try await fixture.git.repository("library")
      try await fixture.host("submodule", "--quiet", "add", library.string, "lib/x")
      try await fixture.host("config", "core.hooksPath", "tools/hooks")
      try await fixture.host("config", "alias.y", "!./missing/y.sh")
      try write("#!/bin/sh\n", to: fixture.work.appending("tools/hooks/pre-commit"))
      try await fixture.host("add", ".")
      try await fixture.host("commit", "-q", "-m", "held")
      let before = try contents(of: fixture.work)
      let quarantine = try prepare(fixture)
      let attempts = [
        "mv .git other", "rmdir .git", "mv lib other", "mv lib/x lib/y", "rm lib/x/.git",
        "echo x >lib/x/.git", "ln -sfn / lib/x/.git", "mv tools other", "mv tools/hooks other",
        "echo x >tools/hooks/pre-commit", "touch tools/hooks/post-commit", "touch missing/y.sh",
        "rmdir missing", "ln -sfn / missing", "rm /run/ags-objects/main/pack -r",
        "touch /run/ags-objects/main/x", "touch /run/ags-objects/1/x",
      ]
      let script = attempts.map { "(\($0)) 2>/dev/null && echo \"done: \($0)\"" }
      let outcome = try await run(script.joined(separator: "\n"), quarantine, fixture)
      #expect(outcome.lines == [])
      // Emptied, which a mount allows, and the host's own is untouched.
      _ = try await run("rm -rf .git/* .git lib tools; true", quarantine, fixture)
      _ = try await fixture.take(quarantine)
      let after = try contents(of: fixture.work)
      for (path, data) in before where path.hasPrefix(".git/") && path != ".git/index" {
        #expect(after[path] == data, "\(path)")
      }
      try await fixture.host("fsck", "--strict")
    }
  }

  @Test func gitInitInsideAPlainDirectoryStaysInside() async throws {
    try await QuarantineFixture.with { fixture in
      fixture.work = fixture.git.root.appending("plain")
      try makeDirectory(fixture.work)
      let quarantine = try prepare(fixture)
      let outcome = try await run(
        """
        set -e
        git init -q -b main .
        echo x >x; git add .; git commit -q -m inside
        """, quarantine, fixture)
      #expect(outcome.status == 0, "\(outcome)")
      #expect(try GitPlaceholder.isOne(at: fixture.work.appending(".git")))
      #expect(try await fixture.take(quarantine).failures == [])
      #expect(try await fixture.host("log", "--format=%s") == ["inside"])
    }
  }

  @Test func linkedWorktreeWorksAtItsPlace() async throws {
    try await QuarantineFixture.with { fixture in
      let tree = fixture.git.root.appending("tree")
      try await fixture.host("worktree", "add", "-q", "-b", "topic", tree.string)
      fixture.work = tree
      let quarantine = try prepare(fixture)
      let outcome = try await run(
        "echo t >t; git add t && git commit -q -m 'in tree' && git worktree list",
        quarantine, fixture)
      #expect(outcome.status == 0 && outcome.lines.count == 2, "\(outcome)")
      let report = try await fixture.take(quarantine)
      #expect(report.failures == [] && report.notTaken == [] && report.kept == [])
      #expect(try await fixture.host("log", "-1", "--format=%s") == ["in tree"])
      #expect(try await fixture.host("status", "--porcelain") == [])
    }
  }
}
