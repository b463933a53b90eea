import AGSTestSupport
import Testing

/// One way to start an agent so that it would not ask the guard: shell lines that end with
/// `ask FLAGS…`, run in the repository with agents' homes as a session leaves them.
struct GuardSwitch {
  var name: String
  var lines: String

  init(_ name: String, _ lines: String) {
    self.name = name
    self.lines = lines
  }

  /// What a script says of each: `NAME refused`, `NAME leaked`, or `NAME neither`.
  static func script(_ switches: [GuardSwitch], asking command: String) -> String {
    let head = """
      judge() {
        if grep -q \(ModelFixture.secret) /tmp/out; then echo "$name leaked"
        elif grep -q 'ags guard: .*[.]ssh' /tmp/out; then echo "$name refused"
        else echo "$name neither"; cat /tmp/out >&2; fi
      }
      ask() { timeout 60 \(command) </dev/null >/tmp/out 2>&1; judge; }
      skip=--dangerously-skip-permissions
      mkdir .claude .codex
      """
    let parts = switches.map { one in
      """
      rm -rf .claude/* ~/.claude/settings.json ~/.claude/remote-settings.json
      cp /tmp/config.toml ~/.codex/config.toml
      name='\(one.name)'
      (
      \(one.lines)
      )
      """
    }
    return ([head, "cp ~/.codex/config.toml /tmp/config.toml"] + parts).joined(separator: "\n")
  }

  /// Runs all of them in one session of `shell`, which is how an agent starts another one.
  static func expectNoneWorks(
    _ switches: [GuardSwitch], asking command: String, model: ModelFixture,
    flags: [String] = []
  ) async throws {
    let outcome = try await model.run(
      "shell", ["-c", script(switches, asking: command)], flags: flags,
      timeLimit: .seconds(400))
    #expect(outcome.lines == switches.map { "\($0.name) refused" }, "\(outcome)")
  }

  static let askClaude =
    #"claude "$@" -p SCRIPTED --output-format stream-json --verbose"#
  static let askCodex =
    "codex exec --skip-git-repo-check --json "
    + #"--dangerously-bypass-approvals-and-sandbox "$@" SCRIPTED"#

  static let script: ModelFixture.Script = [
    "SCRIPTED": [.uses("Read", ["file_path": ModelFixture.guarded]), .says("done")]
  ]
  static let codexScript: ModelFixture.Script = [
    "SCRIPTED": [.uses("exec_command", ["cmd": "cat \(ModelFixture.guarded)"]), .says("done")]
  ]
}
