internal import SystemPackage

/// The two keys and the agent that holds them. Nothing is started and no key is loaded.
struct SSHCheck {
  struct Key {
    var role: SSHKey.Role
    var path: FilePath
    /// Nil where a file is missing, or is no key.
    var key: SSHKey?
    var problem: SSHError?
  }

  var keys: [Key]
  /// What the agent holds; a problem where it does not answer.
  var held: Result<[SSHIdentity], SSHAgentProblem>
  /// Of `ssh-agent` and `ssh-add`.
  var missingPrograms: [String]

  var findings: [Finding] { keys.map(finding) + [agent] }

  private func finding(_ entry: Key) -> Finding {
    let id = "ssh.\(entry.role.rawValue)"
    if let problem = entry.problem { return .fail(id, problem) }
    guard let key = entry.key else {
      let purpose = entry.role == .signing ? "sign commits" : "fetch and push over ssh"
      return .warn(
        id, "\(entry.role.rawValue) \(entry.path) is missing: agents cannot \(purpose)",
        hint: SSHKey.remedy(entry.role, at: entry.path))
    }
    return .ok(
      id,
      "\(entry.role.rawValue) is \(entry.path), \(key.hasPassphrase ? "with" : "without") a passphrase"
    )
  }

  private var agent: Finding {
    let id = "ssh.agent"
    let present = keys.compactMap(\.key)
    guard !present.isEmpty else { return .ok(id, "no ssh agent is needed without keys") }
    guard missingPrograms.isEmpty else {
      return .fail(
        id, "missing on this machine: \(missingPrograms.joined(separator: ", "))",
        hint: "install OpenSSH's client; in Debian the package is openssh-client")
    }
    switch held {
    case .failure(.absent): return .ok(id, "the first run starts ags' ssh agent")
    case .failure(let problem): return .fail(id, problem)
    case .success(let identities):
      let wanted = Set(present.map(\.identity.blob))
      let blobs = Set(identities.map(\.blob))
      guard blobs.isSubset(of: wanted) else {
        return .warn(
          id, "ags' ssh agent holds keys that are not the configured ones",
          hint: "the next run removes them")
      }
      return .ok(
        id, "ags' ssh agent runs and holds \(blobs.count) of \(wanted.count) keys")
    }
  }
}

extension SSHCheck {
  init(
    observing host: Host, sandbox: SandboxSection, runner: any CommandRunner
  ) async throws {
    keys = try [(SSHKey.Role.authentication, sandbox.authKey), (.signing, sandbox.signKey)].map {
      role, path in
      do {
        return Key(role: role, path: path, key: try SSHKey.find(role, at: path))
      } catch let problem as SSHError {
        return Key(role: role, path: path, problem: problem)
      }
    }
    let agent = SSHAgent(
      directory: SSHAgent.directory(in: ResolvedPath.ofMissing(sandbox.cacheDirectory)),
      host: host, runner: runner)
    held = await agent.held()
    missingPrograms = ["ssh-agent", "ssh-add"].filter { ProgramLookup.find($0, on: host) == nil }
  }
}
