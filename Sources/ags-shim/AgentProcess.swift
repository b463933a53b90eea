import CPosix

/// The forked child's way to the agent, or to the tmux session that has it: never
/// returns. Whatever goes wrong is one line on standard error and a status, which PID 1
/// passes on.
func becomeAgent(
  _ document: LaunchDocument, secrets: consuming WipedBytes, lines: LaunchDocument.Lines,
  coreLimit: UInt64
) -> Never {
  do throws(Failure) {
    throw try execute(document, secrets: secrets, lines: lines, coreLimit: coreLimit)
  } catch {
    giveUp(error)
  }
}

/// The end of a forked child.
func giveUp(_ failure: Failure) -> Never {
  if let message = failure.message { complain(message) }
  _exit(failure.status)
}

/// Returns only the reason why the program could not be executed.
private func execute(
  _ document: LaunchDocument, secrets: borrowing WipedBytes, lines: LaunchDocument.Lines,
  coreLimit: UInt64
) throws(Failure) -> Failure {
  comeToForeground()
  let variables = try secrets.environment(lines)
  cposix_close_from(3)
  if coreLimit != UInt64.max { _ = cposix_set_core_limit(coreLimit) }
  if document.tmux != .absent {
    _exit(try TmuxSession.run(document, variables: variables))
  }
  try enter(document.workingDirectory)
  return try execute(document.commands, adding: variables)
}

/// As in Agent: whoever comes first makes the group.
func comeToForeground() {
  setpgid(0, 0)
  if tcgetpgrp(0) >= 0 { tcsetpgrp(0, getpid()) }
}

func enter(_ directory: String) throws(Failure) {
  guard chdir(directory) == 0 else {
    let error = describe(cposix_errno())
    throw Failure("\(directory): cannot be the working directory: \(error)")
  }
}

/// Becomes the first of `commands` that is there, with this process' environment and
/// `variables`. Returns only the reason why not.
func execute(
  _ commands: [[String]], adding variables: [LaunchDocument.EnvironmentVariable]
) throws(Failure) -> Failure {
  let block = EnvironmentBlock(inheriting: cposix_environment(), adding: variables)
  let program = try Program(firstOf: commands, path: block.path)
  cposix_reset_signals()
  return program.execute(block)
}

/// The agent's environment as `execve` wants it.
struct EnvironmentBlock {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  /// Where programs are looked for.
  let path: String
  /// A variable that no kernel takes because it is longer than 128 KiB.
  let oversized: String?

  /// PID 1's own variables, and the document's, which win; of two the later.
  init(
    inheriting inherited: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    adding variables: [LaunchDocument.EnvironmentVariable]
  ) {
    var entries: [UnsafeMutablePointer<CChar>?] = []
    var seen: Set<[UInt8]> = []
    var path: String?
    var oversized: String?
    for variable in variables.reversed() where seen.insert(Array(variable.name.utf8)).inserted {
      if variable.name == GuestVariable.path { path = variable.value }
      if variable.name.utf8.count + variable.value.utf8.count + 2 > 128 << 10 {
        oversized = variable.name
      }
      entries.append(strdup("\(variable.name)=\(variable.value)"))
    }
    var next = inherited
    while let entry = next?.pointee {
      let text = String(cString: entry).utf8
      let name = Array(text.prefix { $0 != UInt8(ascii: "=") })
      if seen.insert(name).inserted {
        if name.elementsEqual(GuestVariable.path.utf8) {
          path = String(decoding: text.dropFirst(name.count + 1), as: UTF8.self)
        }
        entries.append(entry)
      }
      next = next.map { $0 + 1 }
    }
    pointers = cStringArray(entries)
    self.path = path ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    self.oversized = oversized
  }
}

/// Ends with the nil that C wants. Lives until exec.
func cStringArray(
  _ entries: [UnsafeMutablePointer<CChar>?]
) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
  let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
    capacity: entries.count + 1)
  for (index, entry) in entries.enumerated() { (pointers + index).initialize(to: entry) }
  (pointers + entries.count).initialize(to: nil)
  return pointers
}
