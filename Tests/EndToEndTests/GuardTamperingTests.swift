import AGSTestSupport
import SystemPackage
import Testing

extension EndToEnd {
  /// An agent cannot change what makes it ask the guard, for itself or for later sessions
  /// (6-security 13).
  @Suite struct GuardTamperingTests {
    /// Prints what worked, and nothing else but `done`.
    private static let attack = """
      for tool in mount umount; do ln -s /usr/local/bin/busybox /tmp/$tool || echo "no $tool"; done
      PATH=/tmp:$PATH
      mount | grep -q ' /etc/codex ' && unshare true || echo "the tools do not work"
      try() { "$@" >/dev/null 2>&1 && echo "worked: $*"; }
      cp -r /etc/claude-code /etc/codex /tmp/
      for place in /etc/claude-code /etc/codex; do
        file=$(ls $place/*)
        try sh -c "echo {} >$file"
        try chmod 666 $file
        try rm -f $file
        try mv $file /tmp/moved
        try ln -sf /dev/null $file
        try touch $place/config.toml
        try mkdir $place/managed-settings.d
        try rm -rf $place
        try mv $place $place.old
        try mv /etc /etc.old
        try umount $place
        try umount -l $place
        try mount -o remount,rw $place
        try mount -o remount,bind,rw $place
        try mount -o bind /tmp $place
        try mount -t tmpfs none $place
        try unshare -m mount -t tmpfs none $place
        try unshare -m umount $place
        # Works, and is seen by what is started in there alone.
        unshare -Urm mount -t tmpfs none $place
        diff -r $place /tmp/${place#/etc/} || echo "$place changed"
      done
      for file in ~/.codex/.env /run/ags/session.json /opt/ags/bin/ags-shim \\
        /opt/ags/share/guard.ts /opt/ags/share/claude-plugin/.claude-plugin/plugin.json; do
        try sh -c "echo x >$file"
        try chmod 666 $file
        try rm -f $file
        try mv $file /tmp/moved
        try ln -sf /dev/null $file
        try umount $file
        try mount -o bind /dev/null $file
      done
      for place in ~/.codex /run/ags; do try mv $place $place.old; done
      # Root may rename what is not a mount itself: docs/security-model.md.
      [ "$(id -u)" = 0 ] || for place in /opt/ags /opt; do try mv $place $place.old; done
      echo done

      """

    /// The image has few of the tools that an attacker would bring along.
    private static let tools = """
      [[mount]]
      host = "/bin/busybox"
      container = "/usr/local/bin/busybox"
      kind = "file"
      mode = "ro"
      """

    @Test(arguments: [[], ["--root"]])
    func managedSettingsCannotBeReachedAround(flags: [String]) async throws {
      let script: ModelFixture.Script = [
        "CLAUDE": [.uses("Read", ["file_path": ModelFixture.guarded]), .says("done")],
        "CODEX": [.uses("exec_command", ["cmd": "cat \(ModelFixture.guarded)"]), .says("done")],
      ]
      try await ModelFixture.with(script, configuration: Self.tools) { model in
        let before = try await installed(model)
        let outcome = try await model.run(
          "shell",
          [
            "-c",
            Self.attack + """
              export IS_SANDBOX=1
              timeout 60 claude -p CLAUDE --dangerously-skip-permissions </dev/null
              timeout 60 codex exec --skip-git-repo-check \
                --dangerously-bypass-approvals-and-sandbox CODEX </dev/null 2>/dev/null
              """,
          ], flags: flags)
        #expect(outcome.lines == ["done", "done", "done"], "\(outcome)")
        let refused = try model.requests().filter { request in
          request.results.contains { $0.contains("ags guard: ") }
        }
        #expect(Set(refused.map(\.path)) == ["/v1/messages", "/v1/responses"], "\(outcome)")
        #expect(try await installed(model) == before)
      }
    }

    /// Everything that is mounted for the guard, as the host has it.
    private func installed(_ model: ModelFixture) async throws -> [String] {
      // A first run puts it there.
      let first = try await model.run("shell", ["-c", "true"])
      #expect(first.status == 0, "\(first)")
      return try await model.sandbox.shell(
        "cd state/shim; find . -type f -exec sha256sum {} + | sort; find . -printf '%p %m %y\\n' | sort",
        in: model.folder
      ).lines
    }
  }
}
