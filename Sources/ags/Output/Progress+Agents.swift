import AGSLib

extension Progress {
  /// Shows one event of an agent's installation.
  func show(_ event: AgentInstallEvent) {
    switch event {
    case .waiting: begin("waiting for another ags update-agents")
    case .began(let agent, let source): begin("installing \(agent) (\(source))")
    case .progress(let fraction): update(fraction: fraction, detail: "downloading", isStep: false)
    case .line(let line): update(fraction: nil, detail: line, isStep: false)
    case .checking(let agent): begin("checking \(agent)")
    case .sourceFailed(let agent, let reason): note(style.warning("\(agent): \(reason)"))
    case .finished: break
    }
  }
}
