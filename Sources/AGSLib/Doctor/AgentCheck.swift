/// The installed agents, by what was recorded when they were: nothing is started.
struct AgentCheck {
  var installed: [InstalledAgent]

  var findings: [Finding] {
    guard !installed.isEmpty else {
      return [
        .warn(
          "agents", "no agent is installed; the image may have some of its own",
          hint: "ags update-agents")
      ]
    }
    return installed.map { agent in
      guard let record = agent.record else {
        return .warn(
          "agent.\(agent.agent)",
          "agent \(agent.agent) is installed, and its record cannot be read",
          hint: "ags update-agents \(agent.agent)")
      }
      return .ok(
        "agent.\(agent.agent)",
        "agent \(agent.agent) is installed: \(record.version), from \(record.source), "
          + "\(record.installed.prefix(10))")
    }
  }
}
