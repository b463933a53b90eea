/// The agent's command line (3-run "Agents").
extension LaunchPlanner {
  /// The candidates with everything `ags` adds, then the user's own arguments, unchanged.
  func commandLines(of agent: Agent, for request: LaunchRequest) -> [[String]] {
    var hints = [Agent.hostHint]
    if request.modes.contains(.root) { hints.append(Agent.rootHint) }
    var arguments = agent.hook.arguments(
      isLockdown: request.modes.contains(.lockdown))
    arguments += agent.prompt?.arguments(saying: hints.joined(separator: " ")) ?? []
    if request.modes.contains(.browser), let flag = agent.skillFlag,
      let skill = configuration.browser.piSkillPath
    {
      arguments += [flag, skill.description]
    }
    if request.modes.contains(.defaults) { arguments += agent.defaults }
    return agent.commands.map { $0 + arguments + request.agentArguments }
  }
}
