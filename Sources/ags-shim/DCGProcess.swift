import CPosix

/// Asks `dcg` about a command. Only one that root installed and nobody else can change
/// is asked, with nothing of the agent's around it: no variables, no home directory and
/// no working directory from which it could be configured.
enum DCGProcess {
  private static var paths: [String] { ["/usr/local/bin/dcg", "/usr/bin/dcg"] }
  /// Longer than it ever takes, and well within the guard's own time.
  private static var milliseconds: Int64 { 3000 }
  /// The most that is read of what it writes, in bytes.
  private static var maximumOutput: Int { 256 << 10 }

  static func ask(_ command: [UInt8]) -> DCGAnswer {
    switch find() {
    case .usable(let path): return ask(path, DCGAnswer.question(command))
    case .unusable(let why): return .unavailable(why)
    }
  }

  /// Whether there is one that may be asked.
  enum Presence {
    case usable(String)
    /// With the reason.
    case unusable(String)
  }

  static func find() -> Presence {
    var why = "dcg is not in the image"
    for path in paths {
      var file = cposix_file()
      guard cposix_look(path, 0, &file) == 0 else { continue }
      if isTrusted(path) { return .usable(path) }
      why = "\(path) is not root's alone"
    }
    return .unusable(why)
  }

  /// A regular file, and directories above it, that root owns and only root writes.
  private static func isTrusted(_ path: String) -> Bool {
    var file = cposix_file()
    guard cposix_look(path, 0, &file) == 0, file.is_regular != 0, file.owner == 0,
      file.mode & 0o022 == 0, file.mode & 0o111 != 0
    else { return false }
    var directory = Array(path.utf8)
    while let slash = directory.lastIndex(of: UInt8(ascii: "/")) {
      directory.removeSubrange(slash...)
      let above = directory.isEmpty ? "/" : String(decoding: directory, as: UTF8.self)
      guard cposix_look(above, 1, &file) == 0, file.is_directory != 0, file.owner == 0,
        file.mode & 0o022 == 0
      else { return false }
    }
    return true
  }

  private static func ask(_ path: String, _ question: [UInt8]) -> DCGAnswer {
    var input: [Int32] = [-1, -1]
    var output: [Int32] = [-1, -1]
    var errors: [Int32] = [-1, -1]
    guard cposix_pipe(&input) == 0, cposix_pipe(&output) == 0, cposix_pipe(&errors) == 0 else {
      return .unavailable("dcg cannot be started")
    }
    let child = cposix_fork()
    if child < 0 { return .unavailable("dcg cannot be started") }
    if child == 0 { become(path, input[0], output[1], errors[1]) }
    setpgid(child, child)
    for end in [input[0], output[1], errors[1]] { close(end) }
    var talk = Talk(input: input[1], output: output[0], errors: errors[0], question: question)
    let isComplete = talk.run(until: cposix_milliseconds() + milliseconds, maximumOutput)
    if !isComplete { kill(-child, SIGKILL) }
    return end(of: child, talk, isComplete)
  }

  /// Its status is waited for as long as its answer: it may close its output and stay.
  private static func end(of child: pid_t, _ talk: Talk, _ isComplete: Bool) -> DCGAnswer {
    var status: Int32 = 0
    let deadline = cposix_milliseconds() + milliseconds
    while true {
      let process = waitpid(child, &status, isComplete ? WNOHANG : 0)
      if process == child { break }
      if process < 0 && cposix_errno() != EINTR { return .unavailable("dcg was lost") }
      if process == 0 {
        guard cposix_milliseconds() < deadline else {
          kill(-child, SIGKILL)
          kill(child, SIGKILL)
          waitpid(child, &status, 0)
          return .unavailable("dcg took too long")
        }
        poll(nil, 0, 1)
      }
    }
    // Whatever it left running.
    kill(-child, SIGKILL)
    guard isComplete else { return .unavailable(talk.trouble) }
    guard cposix_has_exited(status) != 0 else { return .unavailable("dcg failed") }
    return DCGAnswer(
      status: cposix_exit_status(status), output: talk.answer, errors: talk.complaint)
  }

  private static func become(
    _ path: String, _ input: Int32, _ output: Int32, _ errors: Int32
  ) -> Never {
    setpgid(0, 0)
    // Where the guard was started without a standard descriptor, an end may have one's
    // number already: out of the way first.
    let high = [input, output, errors].map { cposix_dup_high($0) }
    for (index, descriptor) in high.enumerated() where dup2(descriptor, Int32(index)) < 0 {
      _exit(125)
    }
    cposix_close_from(3)
    cposix_reset_signals()
    chdir("/")
    let variables = [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/nonexistent",
      "LANG=C.UTF-8", "NO_COLOR=1",
    ]
    execve(path, cStringArray([strdup(path)]), cStringArray(variables.map { strdup($0) }))
    _exit(126)
  }

  /// The question goes in while the answer comes out.
  private struct Talk {
    var input: Int32
    var output: Int32
    var errors: Int32
    let question: [UInt8]
    var asked = 0
    var answer: [UInt8] = []
    var complaint: [UInt8] = []
    var trouble = "dcg took too long"

    init(input: Int32, output: Int32, errors: Int32, question: [UInt8]) {
      self.input = input
      self.output = output
      self.errors = errors
      self.question = question
      for end in [input, output, errors] { _ = cposix_set_nonblocking(end) }
    }

    /// False when it took too long or wrote too much.
    mutating func run(until deadline: Int64, _ limit: Int) -> Bool {
      while output >= 0 || errors >= 0 {
        let rest = deadline - cposix_milliseconds()
        if rest <= 0 { return false }
        // A negative descriptor is passed over.
        var ends = [
          pollfd(fd: input, events: Int16(POLLOUT), revents: 0),
          pollfd(fd: output, events: Int16(POLLIN), revents: 0),
          pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
        ]
        if poll(&ends, 3, Int32(rest)) < 0 && cposix_errno() != EINTR { return false }
        if ends[0].revents != 0 { ask() }
        if ends[1].revents != 0 { Talk.take(&output, into: &answer) }
        if ends[2].revents != 0 { Talk.take(&errors, into: &complaint) }
        if answer.count > limit || complaint.count > limit {
          trouble = "dcg answered something else"
          return false
        }
      }
      if input >= 0 { close(input) }
      return true
    }

    private mutating func ask() {
      let count = question.withUnsafeBytes { buffer in
        buffer.baseAddress.map { write(input, $0 + asked, buffer.count - asked) } ?? -1
      }
      if count > 0 { asked += count }
      let isOver = count < 0 && cposix_errno() != EAGAIN && cposix_errno() != EINTR
      if isOver || asked == question.count {
        close(input)
        input = -1
      }
    }

    private static func take(_ end: inout Int32, into bytes: inout [UInt8]) {
      var chunk = [UInt8](repeating: 0, count: 16 << 10)
      let count = chunk.withUnsafeMutableBytes { read(end, $0.baseAddress, $0.count) }
      if count > 0 {
        bytes.append(contentsOf: chunk.prefix(count))
      } else if count == 0 || (cposix_errno() != EAGAIN && cposix_errno() != EINTR) {
        close(end)
        end = -1
      }
    }
  }
}
