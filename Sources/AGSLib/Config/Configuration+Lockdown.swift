internal import SystemPackage

extension Configuration {
  /// What of it holds in `--lockdown` (3-run): what the sandbox is made of, and nothing that
  /// hands something in. A section that is not named here is left out.
  var forLockdown: Configuration {
    var kept = Configuration(home: "/")
    kept.baseFile = baseFile
    kept.sandbox = sandbox
    kept.sandbox.passthroughEnvironment = []
    kept.sandbox.caches = .none
    kept.sandbox.homes = .none
    // The copies of the agent's home are made in it.
    kept.sandbox.home = .session
    kept.agents = agents
    kept.update = update
    kept.clipboard.enabled = false
    return kept
  }
}
