internal import CPosix
internal import Glibc
internal import SystemPackage

/// The host's programs besides podman.
struct ProgramCheck {
  /// A program that was found.
  struct Program: Equatable {
    var path: FilePath
    /// It may do more than its caller: by its owner or by a capability of the file.
    var isPrivileged: Bool
  }

  var isRoot: Bool
  var programs: [String: Program]

  static let names = ["newuidmap", "newgidmap", "git", "mmdebstrap"]

  var findings: [Finding] {
    var findings: [Finding] = []
    // Root needs nobody's leave to map ids.
    if !isRoot { findings += ["newuidmap", "newgidmap"].map(mapper) }
    findings.append(optional("git", "git is not installed; runs work without it"))
    findings.append(
      optional(
        "mmdebstrap",
        "mmdebstrap is not installed; it is only needed to build the image without a registry"))
    return findings
  }

  private func optional(_ name: String, _ missing: String) -> Finding {
    guard let program = programs[name] else {
      return .warn("program.\(name)", missing, hint: "apt-get install \(name)")
    }
    return .ok("program.\(name)", "\(name) is \(program.path)")
  }

  private func mapper(_ name: String) -> Finding {
    let id = "program.\(name)"
    guard let program = programs[name] else {
      return .fail(
        id, "\(name) is not installed; rootless podman cannot start a container without it",
        hint: "apt-get install uidmap")
    }
    guard program.isPrivileged else {
      return .fail(
        id, "\(program.path) is neither setuid root nor has it a file capability",
        hint: "as root: apt-get install --reinstall uidmap, or chmod u+s \(program.path)")
    }
    return .ok(id, "\(name) is \(program.path)")
  }
}

extension ProgramCheck {
  init(observing host: Host) {
    isRoot = host.isRoot
    programs = [:]
    for name in Self.names {
      guard let path = ProgramLookup.find(name, on: host) else { continue }
      programs[name] = Program(path: path, isPrivileged: Self.isPrivileged(path))
    }
  }

  private static func isPrivileged(_ path: FilePath) -> Bool {
    var facts = stat()
    guard stat(path.string, &facts) == 0 else { return false }
    let isSetuidRoot = facts.st_mode & S_ISUID != 0 && facts.st_uid == 0
    return isSetuidRoot || cposix_has_file_capabilities(path.string) != 0
  }
}
