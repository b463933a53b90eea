internal import SystemPackage

/// What agents' commits say of whom they are by, and where their git settings come from.
struct GitCheck {
  var user: GitUser
  var file: FilePath
  /// It is the user's own and used as it is; nil when there is none yet.
  var isOwn: Bool?

  var findings: [Finding] { [name, configuration] }

  private var name: Finding {
    var missing: [String] = []
    if user.name == nil { missing.append("git config --global user.name 'Your Name'") }
    if user.mail == nil { missing.append("git config --global user.email you@example.org") }
    guard missing.isEmpty, let name = user.name, let mail = user.mail else {
      return .warn(
        "git.user", "git's user.name or user.email is not set, so agents cannot commit",
        hint: missing.joined(separator: "; "))
    }
    return .ok("git.user", "agents commit as \(name) <\(mail)>")
  }

  private var configuration: Finding {
    switch isOwn {
    case nil: .ok("git.configuration", "the first run writes \(file)")
    case true?: .ok("git.configuration", "agents get your own \(file), which ags does not change")
    case false?: .ok("git.configuration", "agents get the generated \(file)")
    }
  }
}

extension GitCheck {
  init(observing host: Host, sandbox: SandboxSection) throws {
    user = GitUser.find(on: host)
    file = ResolvedPath.ofMissing(sandbox.gitConfigPath)
    isOwn = try RegularFile.read(file, limit: 1 << 20, links: .refused)
      .map { !GitConfiguration.isOurs($0) }
  }
}
