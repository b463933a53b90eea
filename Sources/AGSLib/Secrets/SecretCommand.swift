internal import SystemPackage

/// The `command` form of a secret (2-config "Secrets"): an argv run without a shell from
/// the home directory, with six variables, for 5 s at most, in a process group that is
/// killed with it. Its output leaves here as a `Secret` or not at all.
struct SecretCommand {
  let words: [String]
  let host: Host
  let runner: any CommandRunner

  func value() async throws(Unresolved) -> Secret {
    guard let executable = words.first else { throw Unresolved("empty command") }
    let command = Command(
      executable: FilePath(executable), arguments: Array(words.dropFirst()),
      environment: ChildEnvironment.secretCommand(host), workingDirectory: host.home,
      timeout: SecretResolver.commandLimit, ownsProcessGroup: true)
    let result: CommandResult
    do {
      result = try await runner.run(command)
    } catch {
      throw Unresolved(Self.reason(error))
    }
    switch result.status {
    case .exited(0): return try line(result.standardOutput)
    case .exited(let status): throw Unresolved("ended with status \(status)")
    case .signalled(let signal): throw Unresolved("ended by signal \(signal)")
    }
  }

  /// Without the path, which the warning names already.
  private static func reason(_ error: CommandError) -> String {
    switch error {
    case .notFound: "there is no such program"
    case .notExecutable: "not an executable file"
    case .noWorkingDirectory: "cannot start in the home directory"
    case .timedOut(_, let limit): "did not finish within \(limit.inSeconds)"
    case .outputTooLarge: "printed far too much"
    case .cancelled: "stopped with the launch"
    case .failed(_, let reason): "could not be run, \(reason)"
    }
  }

  private func line(_ output: [UInt8]) throws(Unresolved) -> Secret {
    var line = output[...]
    if line.last == UInt8(ascii: "\n") { line.removeLast() }
    if line.isEmpty { throw Unresolved("printed nothing") }
    if line.contains(0) { throw Unresolved("printed a NUL byte") }
    if line.contains(UInt8(ascii: "\n")) { throw Unresolved("printed more than one line") }
    if line.count > SecretResolver.longestLine {
      throw Unresolved("printed more than \(SecretResolver.longestLine >> 10) KiB")
    }
    guard let text = String(validating: line, as: UTF8.self) else {
      throw Unresolved("printed something that is not UTF-8")
    }
    return Secret(text)
  }
}
