import AGSLib

/// `ags plan` for people.
enum PlanRendering {
  static func render(_ plan: LaunchPlan) -> String {
    var lines = [
      "agent       \(plan.agent): "
        + plan.commands.map(ShellQuoting.line).joined(separator: ", else "),
      "workspace   \(plan.workspace.root)\(kind(plan))",
    ]
    if plan.workspace.workingDirectory != plan.workspace.root {
      lines.append("directory   \(plan.workspace.workingDirectory)")
    }
    lines += [
      "git         \(git(plan.git))",
      "container   \(plan.containerName)",
      "image       \(plan.image)",
      "terminal    \(plan.hasTerminal ? "yes" : "no")\(tmux(plan))",
      "",
      "mounts",
    ]
    let width = plan.mounts.map { $0.target.description.count }.max() ?? 0
    for mount in plan.mounts {
      let target = mount.target.description
      let padding = String(repeating: " ", count: width - target.count)
      lines.append(
        "  \(mount.mode.rawValue)  \(target)\(padding)  \(mount.source)  (\(mount.origin))")
    }
    lines += plan.temporaryFileSystems.map { "  in memory  \($0.target), at most \($0.size)" }
    lines += plan.skippedMounts.map { "  --  left out: \($0)" }
    if !plan.lockdownCopies.isEmpty {
      lines += ["", "copied into the home, as far as it is there, and gone with the session"]
      lines += plan.lockdownCopies.map { "  \($0)" }
    }
    if !plan.sidecars.isEmpty {
      lines += ["", "sidecars"] + plan.sidecars.map { "  \($0)" }
    }
    if !plan.forwards.isEmpty {
      lines += ["", "forwards"]
      lines += plan.forwards.map { "  127.0.0.1:\($0.port) to port \($0.hostPort) of the host" }
    }
    lines += ["", "environment"]
    for variable in plan.publicEnvironment + plan.launchEnvironment {
      lines.append("  \(variable.name)=\(variable.value)")
    }
    lines += plan.passthroughNames.map { "  \($0) (from the host's environment)" }
    for secret in plan.secrets {
      lines.append(
        "  \(secret.env) (secret: \(secret.sources.map(source).joined(separator: ", then ")))")
    }
    // Names of directories and images are others' words, and here they reach a terminal.
    return lines.map { TerminalText.escaped($0) }.joined(separator: "\n")
  }

  private static func tmux(_ plan: LaunchPlan) -> String {
    let session = ", of the tmux session \(TmuxUse.session) inside"
    return switch plan.tmux {
    case .absent: ""
    case .outlivesAgent: session + ", where a shell stays after the agent"
    case .endsWithAgent: session + ", which ends with the agent"
    }
  }

  private static func git(_ use: GitUse) -> String {
    switch use {
    case .quarantined: "private copies, taken over afterwards"
    case .discarded: "private copies, which go with the session"
    case .direct: "the real git directory, compared afterwards"
    }
  }

  private static func kind(_ plan: LaunchPlan) -> String {
    switch plan.workspace.repository?.kind {
    case .plain: " (git repository)"
    case .linkedWorktree: " (linked git worktree)"
    case .submodule: " (git submodule)"
    case .bare: " (bare git repository)"
    case nil: ""
    }
  }

  private static func source(_ source: SecretSource) -> String {
    switch source {
    case .environment(let name): "variable \(name)"
    case .secretStore: "secret store"
    case .command(let words): "command \(words.first ?? "")"
    }
  }
}
