import AGSWire
import CPosix
import Glibc
import Testing

/// `ags-shim init` as `ags` starts it: the launch pipe on 3, the lifeline on 4, and the
/// output in a pipe or on a terminal of the test's own.
final class ShimProcess {
  /// How the shim comes to run.
  enum Place {
    /// As any process: it must keep to its own child.
    case ordinary
    /// As PID 1 of a new PID namespace, and as root of a user namespace unless root tests.
    case first
  }

  /// What its standard descriptors are.
  enum Streams {
    case pipes
    /// A new session with this as its controlling terminal.
    case terminal(Terminal)
  }

  struct StartError: Error, CustomStringConvertible {
    var what: String
    var code: Int32
    var description: String {
      "\(what): \(String(cString: strerror(code))); `scripts/setup test` installs what tests need"
    }
  }

  /// The binary beside the running tests.
  static let binary: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = max(0, readlink("/proc/self/exe", &buffer, buffer.count))
    let path = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "/" + path.split(separator: "/").dropLast().joined(separator: "/") + "/ags-shim"
  }()

  /// What was started: the shim, or whatever runs it.
  let process: pid_t
  private var launch: Int32
  private var lifeline: Int32
  private var output: Int32
  private(set) var isReaped = false

  /// - Parameters:
  ///   - runner: words before the shim's own, `setpriv …` for one.
  ///   - arguments: words instead of `ags-shim init`.
  init(
    _ place: Place = .ordinary, streams: Streams = .pipes, runner: [String] = [],
    arguments: [String]? = nil, environment: [String] = ["PATH=/usr/bin:/bin", "BASE=one"]
  ) throws {
    signal(SIGPIPE, SIG_IGN)
    var words = runner + (arguments ?? [Self.binary, "init"])
    if case .first = place { words = try Namespace.processes() + words }
    let launchEnds = try Self.pipe()
    let lifelineEnds = try Self.pipe()
    let outputEnds = try Self.pipe()
    (launch, lifeline, output) = (launchEnds.write, lifelineEnds.write, outputEnds.read)

    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    // A group of its own, so that the tests' own signals do not matter here.
    var flags = Int32(POSIX_SPAWN_SETPGROUP) | Int32(POSIX_SPAWN_SETSIGDEF)
    switch streams {
    case .pipes:
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
      posix_spawn_file_actions_adddup2(&actions, outputEnds.write, 1)
      posix_spawn_file_actions_adddup2(&actions, outputEnds.write, 2)
    case .terminal(let terminal):
      flags = Int32(POSIX_SPAWN_SETSIGDEF) | 0x80  // POSIX_SPAWN_SETSID
      posix_spawn_file_actions_addopen(&actions, 0, terminal.path, O_RDWR, 0)
      posix_spawn_file_actions_adddup2(&actions, 0, 1)
      posix_spawn_file_actions_adddup2(&actions, 0, 2)
    }
    posix_spawn_file_actions_adddup2(&actions, launchEnds.read, 3)
    posix_spawn_file_actions_adddup2(&actions, lifelineEnds.read, 4)
    posix_spawnattr_setflags(&attributes, Int16(flags))
    var defaults = sigset_t()
    sigfillset(&defaults)
    posix_spawnattr_setsigdefault(&attributes, &defaults)

    var argv = words.map { strdup($0) } + [nil]
    var envp = environment.map { strdup($0) } + [nil]
    defer { for word in argv + envp { free(word) } }
    var child: pid_t = 0
    let error = posix_spawnp(&child, words[0], &actions, &attributes, &argv, &envp)
    for descriptor in [launchEnds.read, lifelineEnds.read, outputEnds.write] {
      close(descriptor)
    }
    process = child
    guard error == 0 else { throw StartError(what: words[0], code: error) }
  }

  deinit {
    for descriptor in [launch, lifeline, output] where descriptor >= 0 { close(descriptor) }
    if !isReaped {
      kill(process, SIGKILL)
      waitpid(process, nil, 0)
    }
  }

  /// Descriptors of 10 and above, closed on exec, so that none is in the way of 3 and 4
  /// and no other test's child holds a pipe open.
  private static func pipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else { throw StartError(what: "pipe", code: errno) }
    defer { for end in ends { close(end) } }
    return (cposix_dup_high(ends[0]), cposix_dup_high(ends[1]))
  }

  /// Sends bytes into the launch pipe and closes it.
  func send(_ bytes: [UInt8]) {
    var sent = 0
    bytes.withUnsafeBytes { buffer in
      while sent < buffer.count, let start = buffer.baseAddress {
        let count = write(launch, start + sent, buffer.count - sent)
        if count <= 0 { break }
        sent += count
      }
    }
    close(launch)
    launch = -1
  }

  func send(_ document: LaunchDocument) { send(document.encoded()) }

  func closeLifeline() {
    close(lifeline)
    lifeline = -1
  }

  /// Output until `text` has been seen, or to its end.
  func read(until text: String? = nil, within limit: Duration = .seconds(20)) -> String {
    Self.read(output, until: text, within: limit)
  }

  static func read(_ descriptor: Int32, until text: String?, within limit: Duration) -> String {
    let end = ContinuousClock.now + limit
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while ContinuousClock.now < end {
      var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&polled, 1, 100) > 0 else { continue }
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count <= 0 { break }
      bytes += chunk.prefix(count)
      if let text, String(decoding: bytes, as: UTF8.self).contains(text) { break }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The exit status, 256 + n when a signal ended the process, nil when it still runs.
  func wait(within limit: Duration = .seconds(20)) -> Int32? {
    let end = ContinuousClock.now + limit
    var status: Int32 = 0
    repeat {
      if waitpid(process, &status, WNOHANG) == process {
        isReaped = true
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 256 + signal
      }
      usleep(2000)
    } while ContinuousClock.now < end
    return nil
  }

  /// The shim itself: the only child of `unshare` when it runs as the first process.
  func shim(_ place: Place) throws -> pid_t {
    guard case .first = place else { return process }
    let children = try #require(textOfFile("/proc/\(process)/task/\(process)/children"))
    let words = children.split(whereSeparator: { $0 == " " || $0 == "\n" })
    return try #require(words.first.flatMap { pid_t($0) })
  }
}

/// A small file's text, nil when it cannot be read.
func textOfFile(_ file: String) -> String? {
  let descriptor = cposix_open(file, O_RDONLY | O_CLOEXEC, 0)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = Glibc.read(descriptor, &chunk, chunk.count)
    if count < 0 { return nil }
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += chunk.prefix(count)
  }
}
