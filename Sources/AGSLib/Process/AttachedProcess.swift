internal import CPosix
internal import Glibc
internal import SystemPackage

/// A program that could not be started.
struct SpawnError: DescribedError {
  var summary: String
  var cause: String?
  var hint: String?
  var exitStatus: ExitStatus { .podman }
}

/// A child that keeps this process's terminal, process group and standard descriptors:
/// podman, and ssh-add where it asks for a passphrase. A child in a group of its own could neither read the terminal nor see
/// ctrl-C or a resize (9-toolchain), which is why swift-subprocess is not used here.
struct AttachedProcess {
  let pid: pid_t
  /// Readable once the child has ended.
  let descriptor: CInt

  /// Standard descriptors of a child that has no part in this process's terminal: it gets a
  /// session of its own.
  struct Standard {
    var input: CInt
    var output: CInt
    var error: CInt
  }

  /// Starts `executable`; `passing` become descriptors 3, 4, … of the child, and it gets
  /// no other of ours. It starts in
  /// `directory`, by default where we are.
  static func spawn(
    _ executable: FilePath, arguments: [String], environment: [String: String],
    passing: [CInt], in directory: FilePath? = nil, standard: Standard? = nil
  ) throws(SpawnError) -> AttachedProcess {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let directory { _ = cposix_spawn_chdir(&actions, directory.string) }
    // The sources sit at 10 and above (cposix_dup_high), so no target overwrites one.
    let own = standard.map { [$0.input, $0.output, $0.error] } ?? []
    let first = standard == nil ? 3 : 0
    let sources = (own + passing).map { cposix_dup_high($0) }
    defer { for source in sources { close(source) } }
    for (index, source) in sources.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, source, CInt(first + index))
    }
    // Libraries open descriptors without the flag that closes them: a browser must not keep
    // a port of ours, nor a connection of the sandbox.
    _ = cposix_spawn_closefrom(&actions, CInt(3 + passing.count))
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var defaults = sigset_t()
    sigfillset(&defaults)
    var mask = sigset_t()
    sigemptyset(&mask)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setsigmask(&attributes, &mask)
    let session = standard == nil ? 0 : Int(CPOSIX_SPAWN_SETSID)
    posix_spawnattr_setflags(
      &attributes, Int16(Int(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) | session))

    var pid = pid_t()
    let status = withCStrings([executable.string] + arguments) { argv in
      withCStrings(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }) {
        posix_spawn(&pid, executable.string, &actions, &attributes, argv, $0)
      }
    }
    guard status == 0 else {
      throw SpawnError(
        summary: "cannot start \(executable)", cause: String(cString: strerror(status)),
        hint: "run ags doctor")
    }
    let descriptor = cposix_pidfd_open(pid)
    guard descriptor >= 0 else {
      let reason = errno
      kill(pid, SIGKILL)
      var ignored: CInt = 0
      waitpid(pid, &ignored, 0)
      throw SpawnError(
        summary: "cannot watch \(executable)", cause: String(cString: strerror(reason)),
        hint: "ags needs Linux 5.3 or later")
    }
    return AttachedProcess(pid: pid, descriptor: descriptor)
  }

  func send(_ signal: CInt) { kill(pid, signal) }

  /// Waits for the end and frees what the child held.
  func reap() -> TerminationStatus {
    var status: CInt = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    close(descriptor)
    // WIFSIGNALED and WEXITSTATUS are macros Swift does not import.
    return status & 0x7f == 0 ? .exited((status >> 8) & 0xff) : .signalled(status & 0x7f)
  }
}

private func withCStrings<R>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
) -> R {
  let pointers = strings.map { strdup($0) }
  defer { for pointer in pointers { free(pointer) } }
  return body(pointers + [nil])
}
