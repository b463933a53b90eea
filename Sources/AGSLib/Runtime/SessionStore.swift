internal import CPosix
internal import FoundationEssentials
internal import Glibc
internal import SystemPackage

/// The sessions of one user: each has a directory below `state_dir/sessions` with a
/// marker, locked while the session lives, and one below the runtime directory. What a
/// crash leaves is found by its unlocked marker and swept at the next start (3-run
/// "Lifetime").
struct SessionStore: Sendable {
  var host: Host
  var sessions: FilePath

  init(host: Host, sandbox: SandboxSection) {
    self.host = host
    sessions = sandbox.stateDirectory.appending("sessions")
  }

  struct Marker: Codable, Equatable {
    var container: String
    /// Where that session kept its sockets: the environment may have changed since.
    var runtime: String

    /// The marker is ours, and still: only a session directory of its own name counts.
    func directory(of session: String) -> FilePath? {
      let directory = FilePath(runtime)
      guard directory.isAbsolute, directory.isLexicallyNormal,
        directory.lastComponent?.string == session,
        directory.removingLastComponent().lastComponent?.string == "ags"
      else { return nil }
      return directory
    }
  }

  /// A session's hold on its directories: as long as it lives, nobody sweeps them.
  struct Hold {
    fileprivate let lock: CInt
    fileprivate let name: String
  }

  /// Makes the directories of `plan` and locks its marker.
  func open(_ plan: LaunchPlan) throws -> Hold {
    try PrivateDirectory.makeAll(sessions)
    let guardLock = try lockFile(sessions.appending(".lock"), flags: LOCK_EX)
    defer { Glibc.close(guardLock) }
    let paths = plan.paths
    for path in [paths.state, paths.runtime] {
      var facts = stat()
      guard lstat(path.string, &facts) != 0 else {
        throw DirectoryError(
          summary: "\(path) is there already, and is another session's", hint: "start again")
      }
    }
    try PrivateDirectory.ensure(paths.state, userID: host.userID)
    let marker = Marker(container: plan.containerName, runtime: paths.runtime.string)
    do {
      let file = paths.state.appending("marker")
      try RegularFile.write(
        Array(JSONEncoder().encode(marker)), to: file, existing: .replaced, isDurable: false)
      let lock = try lockFile(file, flags: LOCK_EX | LOCK_NB)
      do {
        try PrivateDirectory.ensure(paths.home, userID: host.userID)
        try makeRuntimeDirectories(paths)
      } catch {
        Glibc.close(lock)
        throw error
      }
      return Hold(lock: lock, name: plan.sessionID)
    } catch {
      // What is left now is no session: what could be made of it goes again.
      _ = remove(marker, session: plan.sessionID)
      throw error
    }
  }

  private func makeRuntimeDirectories(_ paths: SessionPaths) throws(DirectoryError) {
    let base = paths.runtime.removingLastComponent()
    // podman opens XDG_RUNTIME_DIR for entering (0711); what is ours below it stays shut.
    try PrivateDirectory.ensure(
      base.removingLastComponent(), userID: host.userID,
      isShared: host.absolutePath("XDG_RUNTIME_DIR") != nil)
    for level in [base, paths.runtime, paths.sandbox, paths.host] {
      try PrivateDirectory.ensure(level, userID: host.userID)
    }
    // A socket's address holds 107 bytes; the longest name below is the reserve.
    guard paths.host.appending("approvals.sock").string.utf8.count <= 107 else {
      throw DirectoryError(
        summary: "\(paths.runtime) is too long for sockets (107 bytes in all)",
        hint: "set XDG_RUNTIME_DIR to a shorter path")
    }
  }

  /// Removes the session's directories.
  /// - Returns: what could not be removed.
  func close(_ hold: Hold, paths: SessionPaths) -> [FilePath] {
    let left = remove(
      Marker(container: "", runtime: paths.runtime.string), session: hold.name)
    Glibc.close(hold.lock)
    return left
  }

  /// Leaves the session as a crash would, for the next start to sweep.
  func abandon(_ hold: Hold) { Glibc.close(hold.lock) }

  /// Whether a session lives, or was not swept yet.
  func isThere(_ session: String) -> Bool {
    var facts = stat()
    return lstat(sessions.appending(session).string, &facts) == 0
  }

  /// The sessions whose `ags` is gone. One whose marker is locked, or may not be looked
  /// at, is left alone whatever the marker says: it may be of another version.
  func dead() -> [(name: String, marker: Marker)] {
    names(in: sessions).compactMap { name in
      let file = sessions.appending(name).appending("marker")
      if isHeld(file) { return nil }
      guard let text = SmallFile.text(file) else {
        // Killed between making the directory and its marker.
        return (name, Marker(container: "", runtime: ""))
      }
      do {
        return (name, try JSONDecoder().decode(Marker.self, from: Data(text.utf8)))
      } catch {
        return (name, Marker(container: "", runtime: ""))
      }
    }
  }

  /// The same for whoever only looks: makes nothing, and waits for a session that is
  /// being made, which a look at its marker would disturb.
  func deadAtRest() throws(DirectoryError) -> [String] {
    try atRest { dead().map(\.name) }
  }

  /// The sessions that live, and the directories of their sockets on the host's side; for
  /// whoever only looks, as `deadAtRest`.
  func livingAtRest() throws(DirectoryError) -> [(name: String, sockets: FilePath)] {
    try atRest { names(in: sessions).sorted().compactMap { living($0) } }
  }

  /// Nil also for one of another version, whose marker says something else.
  private func living(_ name: String) -> (name: String, sockets: FilePath)? {
    let file = sessions.appending(name).appending("marker")
    guard isHeld(file), let text = SmallFile.text(file),
      let marker = try? JSONDecoder().decode(Marker.self, from: Data(text.utf8)),
      let runtime = marker.directory(of: name)
    else { return nil }
    return (name, SessionPaths.host(in: runtime))
  }

  private func atRest<Value>(
    _ look: () -> [Value]
  ) throws(DirectoryError) -> [Value] {
    let file = sessions.appending(".lock")
    let descriptor = cposix_open(file.string, O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0)
    if descriptor < 0, errno == ENOENT { return [] }
    let guardLock = try locked(descriptor, file, flags: LOCK_EX)
    defer { Glibc.close(guardLock) }
    return look()
  }

  /// Removes what crashed sessions left, their containers first. One that resists keeps
  /// its directory for the next start and keeps nobody from working.
  /// - Returns: one line for each container that could not be removed.
  func sweep(with runtime: any ContainerRuntime) async throws -> [String] {
    guard !names(in: sessions).isEmpty else { return [] }
    // Under the lock, so that a session that is being made is not taken for a dead one.
    let guardLock = try lockFile(sessions.appending(".lock"), flags: LOCK_EX)
    let dead = dead()
    Glibc.close(guardLock)
    var problems: [String] = []
    for (name, marker) in dead {
      do {
        // Only a container that such a session can have made.
        if marker.container.hasPrefix("ags-"), marker.container.hasSuffix("-\(name)") {
          try await runtime.removeContainer(marker.container)
          ContainerMonitor(
            container: marker.container,
            idFile: SessionPaths.monitorID(in: FilePath(marker.runtime))
          ).end()
        }
        _ = remove(marker, session: name)
      } catch {
        let reason = (error as? any DescribedError)?.summary ?? "\(error)"
        problems.append("a session that crashed is still there: \(reason)")
      }
    }
    return problems
  }

  private func remove(_ marker: Marker, session: String) -> [FilePath] {
    var left: [FilePath] = []
    if let directory = marker.directory(of: session),
      !TreeRemoval.remove(session, in: directory.removingLastComponent())
    {
      left.append(directory)
    }
    if !TreeRemoval.remove(session, in: sessions) { left.append(sessions.appending(session)) }
    return left
  }

  private func names(in directory: FilePath) -> [String] {
    guard let stream = opendir(directory.string) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if SessionID.isValid(name) { names.append(name) }
    }
    return names
  }

  /// Whether somebody may be living behind this marker: only one that is gone, or that
  /// could be locked, is nobody's.
  private func isHeld(_ path: FilePath) -> Bool {
    let descriptor = cposix_open(
      path.string, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)
    guard descriptor >= 0 else {
      return ![ENOENT, ENOTDIR, ELOOP, EISDIR].contains(errno)
    }
    defer { Glibc.close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) != 0
  }

  private func lockFile(_ path: FilePath, flags: CInt) throws(DirectoryError) -> CInt {
    let descriptor = cposix_open(
      path.string, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    return try locked(descriptor, path, flags: flags)
  }

  private func locked(
    _ descriptor: CInt, _ path: FilePath, flags: CInt
  ) throws(DirectoryError) -> CInt {
    guard descriptor >= 0 else {
      throw DirectoryError(
        summary: "cannot open \(path)", cause: String(cString: strerror(errno)))
    }
    while flock(descriptor, flags) != 0 {
      if errno == EINTR { continue }
      let reason = errno
      Glibc.close(descriptor)
      throw DirectoryError(
        summary: "cannot lock \(path)", cause: String(cString: strerror(reason)))
    }
    return descriptor
  }
}
