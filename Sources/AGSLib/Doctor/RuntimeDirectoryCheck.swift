internal import CPosix
internal import Glibc
internal import SystemPackage

/// Where a session keeps its sockets (3-run "Lifetime").
struct RuntimeDirectoryCheck {
  enum Place: Equatable {
    case missing
    case notDirectory
    /// `mode` is the permission bits.
    case directory(owner: UInt32, mode: UInt32)
  }

  var userID: UInt32
  /// `XDG_RUNTIME_DIR`, when it is an absolute path.
  var configured: FilePath?
  /// What is at `configured`, else at `/tmp/ags-UID`.
  var place: Place

  private static let id = "runtime-directory"

  var findings: [Finding] {
    let path = configured ?? FilePath("/tmp/ags-\(userID)")
    if let problem = problem(at: path) {
      let way =
        configured == nil
        ? "remove it, or set XDG_RUNTIME_DIR to a directory of your own"
        : "log in properly, or as root: install -d -m 700 -o \(userID) \(path)"
      return [.fail(Self.id, problem, hint: way)]
    }
    guard configured != nil else {
      return [
        .warn(
          Self.id, "XDG_RUNTIME_DIR is not set; \(path) is used",
          hint: "a login session sets it; over ssh or su: loginctl enable-linger")
      ]
    }
    return [.ok(Self.id, "XDG_RUNTIME_DIR is \(path)")]
  }

  private func problem(at path: FilePath) -> String? {
    switch place {
    // ags makes its own in /tmp.
    case .missing: configured == nil ? nil : "XDG_RUNTIME_DIR is \(path), which is not there"
    case .notDirectory: "\(path) is not a real directory"
    case .directory(let owner, _) where owner != userID:
      "\(path) belongs to uid \(owner), not to you (uid \(userID))"
    case .directory(_, let mode) where mode & 0o022 != 0:
      "other users can write to \(path) (mode \(String(mode, radix: 8)))"
    case .directory: nil
    }
  }
}

extension RuntimeDirectoryCheck {
  init(observing host: Host) {
    userID = host.userID
    configured = host.absolutePath("XDG_RUNTIME_DIR")
    var facts = stat()
    if lstat(host.runtimeDirectory.removingLastComponent().string, &facts) != 0 {
      place = .missing
    } else if facts.st_mode & S_IFMT != S_IFDIR {
      place = .notDirectory
    } else {
      place = .directory(owner: facts.st_uid, mode: facts.st_mode & 0o777)
    }
  }
}
