internal import SystemPackage

/// The programs that serve a session on the host, and how they are started.
struct SidecarPrograms: Sendable {
  var host: Host
  /// Where they are, if not beside this program.
  var directory: FilePath?
  /// How long one may take to serve. A browser is waited for in it.
  var patience = Duration.seconds(30)

  /// Starts what `plan` has. What it returns ends with its lifeline, at the latest with us.
  func start(_ plan: LaunchPlan) throws -> [SidecarProcess] {
    guard let configuration = plan.authProxy else { return [] }
    let name = AuthProxyConfiguration.program
    return [
      try SidecarProcess(
        try find(name), environment: ChildEnvironment.desktop(host),
        document: try configuration.encoded(), log: plan.paths.host.appending("\(name).log"))
    ]
  }

  private func find(_ name: String) throws -> FilePath {
    let candidates =
      directory.map { [$0.appending(name)] } ?? SiblingProgram.candidates(name, of: host)
    guard let found = candidates.first(where: ProgramLookup.isExecutableFile) else {
      throw LaunchError(
        "\(name) is missing: looked for " + candidates.map(\.string).joined(separator: ", "),
        hint: "build it with swift build, or install ags again")
    }
    return found
  }
}
