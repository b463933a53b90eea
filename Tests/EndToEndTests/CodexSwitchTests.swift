import AGSTestSupport
import Testing

extension EndToEnd {
  /// What switches Codex's hooks off elsewhere does not switch the guard off
  /// (6-security 13, docs/guard.md "How agents ask").
  @Suite struct CodexSwitchTests {
    /// A start-up file of bash that ends the guard's shell and no other.
    private static let trap =
      #"echo 'case $BASH_EXECUTION_STRING in *ags-shim*) exit 0;; esac' >/tmp/env"#

    private static let flags: [GuardSwitch] = [
      GuardSwitch("nothing", "ask"),
      GuardSwitch("--disable", "ask --disable hooks"),
      GuardSwitch("features.hooks", "ask -c features.hooks=false"),
      GuardSwitch("features.codex_hooks", "ask -c features.codex_hooks=false"),
      GuardSwitch("hooks.PreToolUse", "ask -c 'hooks.PreToolUse=[]'"),
      GuardSwitch("hooks.managed_dir", #"ask -c 'hooks.managed_dir="/nowhere"'"#),
      GuardSwitch(
        "hooks.state",
        #"ask -c 'hooks.state={"/etc/codex/requirements.toml:pre_tool_use:0:0"={enabled=false}}'"#),
      GuardSwitch("--ignore-rules", "ask --ignore-rules"),
      GuardSwitch("--dangerously-bypass-hook-trust", "ask --dangerously-bypass-hook-trust"),
      GuardSwitch(
        "--ignore-user-config",
        """
        url=$(sed -n 's/^base_url = //p' ~/.codex/config.toml)
        ask --ignore-user-config -c model='"gpt-5.5"' -c model_provider='"made"' \
          -c "model_providers.made={name='made',base_url=$url,wire_api='responses',\
        env_key='CODEX_KEY'}" -c 'features={plugins=false,daemon_auto_start=false}'
        """),
      GuardSwitch("other tools", "ask --disable unified_exec"),
      GuardSwitch("SHELL", "export SHELL=/bin/true; ask"),
      GuardSwitch(
        "PATH", "mkdir -p /tmp/bin; ln -sf /bin/true /tmp/bin/sh; PATH=/tmp/bin:$PATH; ask"),
      GuardSwitch("profile", "echo exit 0 | tee ~/.bash_profile ~/.bashrc >~/.profile; ask"),
    ]

    private static let files: [GuardSwitch] = [
      GuardSwitch(
        "feature of the user",
        #"sed -i 's/^\[features\]/&\nhooks = false/' ~/.codex/config.toml; ask"#),
      GuardSwitch(
        "requirements of the user",
        """
        printf '[features]\\nhooks = false\\n' | tee ~/.codex/managed_config.toml \
          >~/.codex/requirements.toml; ask
        """),
      GuardSwitch("hooks of the user", "echo '{\"hooks\":{}}' >~/.codex/hooks.json; ask"),
      GuardSwitch(
        "variables for commands",
        "\(trap); printf '[shell_environment_policy.set]\\nBASH_ENV = \"/tmp/env\"\\n' "
          + ">>~/.codex/config.toml; ask"),
      GuardSwitch(
        "trusted project",
        """
        \(trap); printf '[features]\\nhooks = false\\n[shell_environment_policy.set]\\n\
        BASH_ENV = "/tmp/env"\\n' >.codex/config.toml
        echo BASH_ENV=/tmp/env | tee .env >.codex/.env
        ask -c "projects={\\"$PWD\\"={trust_level=\\"trusted\\"}}"
        """),
      // Codex reads variables from it, and bash a file that such a variable names.
      GuardSwitch(
        "variables for Codex",
        """
        \(trap)
        echo BASH_ENV=/tmp/env >/tmp/dotenv
        cp /tmp/dotenv ~/.codex/.env; mv -f /tmp/dotenv ~/.codex/.env
        rm -f ~/.codex/.env; ln -sf /tmp/dotenv ~/.codex/.env; mv ~/.codex ~/.codex.old; ask
        """),
    ]

    @Test func noFlagSwitchesTheGuardOff() async throws {
      try await ModelFixture.with(GuardSwitch.codexScript) { model in
        try await GuardSwitch.expectNoneWorks(
          Self.flags, asking: GuardSwitch.askCodex, model: model)
      }
    }

    @Test func noFileSwitchesTheGuardOff() async throws {
      try await ModelFixture.with(GuardSwitch.codexScript) { model in
        try await GuardSwitch.expectNoneWorks(
          Self.files, asking: GuardSwitch.askCodex, model: model)
        // What the session left in the agent's home holds for the next one.
        let later = try await model.run(
          "codex",
          [
            "exec", "--skip-git-repo-check", "--json",
            "--dangerously-bypass-approvals-and-sandbox", "SCRIPTED",
          ])
        #expect(later.status == 0 && !later.description.contains(ModelFixture.secret))
        #expect(later.standardError.contains("ags guard: "), "\(later)")
      }
    }
  }
}
