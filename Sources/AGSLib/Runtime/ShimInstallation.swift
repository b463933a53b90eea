internal import CPosix
internal import Glibc
public import SystemPackage

/// The container side's programs, kept by their content's hash below `state_dir/shim`
/// and mounted read-only (3-run "Mounts" 8).
public struct ShimInstallation: Sendable, Equatable {
  /// `ags-shim` as it lies beside this program.
  public var source: FilePath
  /// `state_dir/shim/<hash>`; made by `install()`.
  public var directory: FilePath

  /// By path below `directory`, with what each holds.
  private let files: [SharedFile]

  var binDirectory: FilePath { directory.appending("bin") }
  var shareDirectory: FilePath { directory.appending("share") }
  /// Holds what goes to `/etc`, a directory for each agent.
  /// In lockdown no hook but the guard's runs: a repository's would run past `dcg`.
  func settingsDirectory(isLockdown: Bool) -> FilePath {
    directory.appending(isLockdown ? "etc-lockdown" : "etc")
  }
  /// A file without content.
  var emptyFile: FilePath { directory.appending("empty") }

  /// Finds the shim next to the program, links resolved, else in `../libexec/ags`, and
  /// reads it once for its hash.
  public init(host: Host, stateDirectory: FilePath) throws {
    try self.init(
      candidates: SiblingProgram.candidates("ags-shim", of: host), stateDirectory: stateDirectory)
  }

  /// The first of `candidates` that is there, for programs that embed the library and
  /// keep the shim elsewhere.
  public init(candidates: [FilePath], stateDirectory: FilePath) throws {
    for candidate in candidates {
      guard let bytes = try Self.bytes(of: candidate), !bytes.isEmpty else { continue }
      source = candidate
      files =
        [SharedFile("bin/ags-shim", size: bytes.count)] + SharedFile.applets + SharedFile.shared
      // A length before each part, so that moving bytes between two of them shows.
      let identity = files.flatMap { file in
        let content = file.target.map { Array($0.utf8) } ?? file.bytes ?? bytes
        return Array("\(file.path) \(content.count):".utf8) + content
      }
      directory = stateDirectory.appending("shim").appending(
        String(Digest.sha256(identity).prefix(32)))
      return
    }
    throw LaunchError(
      "ags-shim is missing: looked for " + candidates.map(\.string).joined(separator: ", "),
      hint: "build it with swift build, or install ags again")
  }

  /// Puts the shim in its place if it is not there: written aside and renamed, so that
  /// two first runs at once, or a kill half-way, leave a whole one.
  func install() throws {
    if isInPlace { return }
    guard let bytes = try Self.bytes(of: source) else {
      throw LaunchError("\(source) cannot be read any more", hint: "install ags again")
    }
    let parent = directory.removingLastComponent()
    try PrivateDirectory.makeAll(parent)
    var template = Array(parent.appending(".new-XXXXXX").string.utf8CString)
    guard mkdtemp(&template) != nil else {
      throw LaunchError("cannot write to \(parent)", cause: String(cString: strerror(errno)))
    }
    let fresh = FilePath(platformString: template)
    defer { _ = TreeRemoval.remove(fresh.lastComponent!.string, in: parent) }
    // The container's user enters: through keep-id that is the user, as root another.
    chmod(fresh.string, 0o755)
    for file in files {
      var parent = fresh
      for component in file.path.removingLastComponent().components {
        parent.append(component)
        mkdir(parent.string, 0o755)
      }
      if let target = file.target {
        guard symlink(target, fresh.pushing(file.path).string) == 0 else {
          throw LaunchError(
            "cannot make the link \(file.path) in \(parent)",
            cause: String(cString: strerror(errno)))
        }
        continue
      }
      try RegularFile.write(
        file.bytes ?? bytes, to: fresh.pushing(file.path), mode: file.mode, existing: .kept)
    }
    if rename(fresh.string, directory.string) == 0 { return }
    // Another first run was faster; or something there is no whole shim, and goes.
    if isInPlace { return }
    _ = TreeRemoval.remove(directory.lastComponent!.string, in: parent)
    guard rename(fresh.string, directory.string) == 0 || isInPlace else {
      throw LaunchError(
        "cannot install \(directory)", cause: String(cString: strerror(errno)))
    }
  }

  private var isInPlace: Bool {
    files.allSatisfy { file in
      let path = directory.pushing(file.path).string
      if let target = file.target { return Self.isLink(path, to: target) }
      var facts = stat()
      return lstat(path, &facts) == 0
        && facts.st_mode & S_IFMT == S_IFREG && facts.st_mode & 0o777 == file.mode
        && Int(facts.st_size) == file.size
    }
  }

  private static func isLink(_ path: String, to target: String) -> Bool {
    var found = [CChar](repeating: 0, count: target.utf8.count + 1)
    let length = readlink(path, &found, found.count)
    return length >= 0
      && found.prefix(length).elementsEqual(target.utf8.lazy.map { CChar(bitPattern: $0) })
  }

  private static func bytes(of path: FilePath) throws -> [UInt8]? {
    try RegularFile.read(path, limit: 16 << 20, links: .followed)
  }
}
