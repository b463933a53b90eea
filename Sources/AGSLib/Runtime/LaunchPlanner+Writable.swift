internal import SystemPackage

/// What an agent could have prepared in an earlier session, in a place it can write.
extension LaunchPlanner {
  /// Everything of the host that this launch lets the agent write.
  func writableRoots(_ request: LaunchRequest, _ workspace: Workspace) -> WritableRoots {
    var roots = [workspace.root] + (wholeConfiguration ?? configuration).writableHostPaths
    if let common = workspace.repository?.commonDirectory { roots.append(common) }
    roots += request.addedDirectories.map {
      host.currentDirectory.pushing($0).lexicallyNormalized()
    }
    return WritableRoots(roots)
  }

  /// Where something is written for the user after the agent has ended: not where an agent
  /// could have put a link.
  func outsidePlace(
    _ place: FilePath?, _ flag: String, _ request: LaunchRequest, workspace: Workspace
  ) throws(LaunchError) -> FilePath? {
    guard let place else { return nil }
    let path = host.currentDirectory.pushing(place).lexicallyNormalized()
    if let root = writableRoots(request, workspace).decides(path) {
      throw LaunchError(
        "\(flag): \(path) is inside \(root), where the agent can write",
        hint: "name a place outside of the workspace")
    }
    return path
  }

  /// Throws when a program that runs on the host, or a file it is given, lies where the
  /// agent can write: it would be the agent's program the next time.
  func refuseAgentsPrograms(_ request: LaunchRequest, workspace: Workspace) throws(LaunchError) {
    let writable = writableRoots(request, workspace)
    for secret in configuration.allSecrets {
      for case .command(let words) in secret.sources {
        for word in words where word.hasPrefix("/") {
          guard let root = writable.decides(FilePath(word)) else { continue }
          throw LaunchError(
            "the command of secret \(secret.env) uses \(word), inside \(root), "
              + "where the agent can write",
            hint: "keep programs that run on the host outside of what agents work in")
        }
      }
    }
    // Of PATH only --add-dir can still reach anything: the launcher took the rest out.
    for place in [runtimeProgram] + host.searchPath {
      guard let root = writable.decides(place) else { continue }
      throw LaunchError(
        "programs of the host are looked for in \(place), inside \(root), "
          + "where the agent can write",
        hint: "take that directory out of PATH")
    }
  }
}
