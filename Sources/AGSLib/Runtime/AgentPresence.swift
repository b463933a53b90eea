internal import AGSWire
internal import FoundationEssentials
internal import SystemPackage

/// Which agents' programs a container will find: the installed ones, and, asked only where
/// that does not answer it, those the image's label names.
struct AgentPresence {
  var configuration: Configuration
  var runtime: any ContainerRuntime

  /// - Returns: nil where nobody can say: for an agent without a source, and for an image
  ///   that is still to be built from the user's own Containerfile.
  func programs(for name: String) async throws -> Set<String>? {
    guard let agent = InstallableAgent.all(configuration).first(where: { $0.name == name })
    else { return nil }
    let sandbox = configuration.sandbox
    let installed = AgentInstallations(cacheDirectory: sandbox.cacheDirectory).programs
    if installed.contains(agent.program) { return installed }
    guard let labels = try await runtime.imageLabels(sandbox.image) else {
      let isCustom = FileManager.default.fileExists(atPath: sandbox.containerfile.string)
      return isCustom ? nil : installed
    }
    return installed.union(ImageContents.tools(inLabel: labels[ImageContents.toolsLabel]))
  }
}

extension LaunchPlanner {
  /// Throws for an agent that would not be found inside, before anything is started.
  func requirePresence(of agent: Agent, mounts: [Mount]) throws(LaunchError) {
    let installable = InstallableAgent.all(configuration).first { $0.name == agent.name }
    guard let agentPrograms, let program = installable?.program,
      !agentPrograms.contains(program),
      !mounts.contains(where: { brings(program, $0) })
    else { return }
    throw LaunchError(
      "agent \(agent.name) is not installed", hint: "ags update-agents \(agent.name)")
  }

  /// A configured mount or tool puts the program on PATH itself.
  private func brings(_ program: String, _ mount: Mount) -> Bool {
    let path = publicEnvironment(sessionID: "").first { $0.name == GuestVariable.path }
    return (path?.value ?? "").split(separator: ":").contains { entry in
      var place = FilePath(String(entry)).appending(program)
      if place == mount.target.path { return true }
      guard mount.origin != .agentInstallations, place.removePrefix(mount.target.path) else {
        return false
      }
      return ResolvedPath(mount.source.pushing(place)) != nil
    }
  }
}
