import AGSLib
import Glibc
import Synchronization
import SystemPackage
import Testing

private func shell(
  _ script: String, input: [UInt8] = [], timeout: Duration? = .seconds(30),
  outputLimit: Int = Command.defaultOutputLimit, environment: [String: String] = [:],
  workingDirectory: FilePath? = nil
) -> Command {
  Command(
    executable: "/bin/sh", arguments: ["-c", script], environment: environment,
    workingDirectory: workingDirectory, input: input, timeout: timeout,
    outputLimit: outputLimit)
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// Whether the process is there and not a zombie.
private func isRunning(_ pid: pid_t) -> Bool {
  guard let file = fopen("/proc/\(pid)/stat", "r") else { return false }
  defer { fclose(file) }
  var buffer = [CChar](repeating: 0, count: 512)
  guard fgets(&buffer, 512, file) != nil else { return false }
  return !text(buffer.map { UInt8(bitPattern: $0) }).contains(") Z ")
}

@Suite struct SubprocessRunnerTests {
  let runner = SubprocessRunner()

  @Test func keepsBothStreamsApartAndReportsTheStatus() async throws {
    let result = try await runner.run(shell("echo out; echo err >&2; exit 7"))
    #expect(result.status == .exited(7))
    #expect(text(result.standardOutput) == "out\n")
    #expect(text(result.standardError) == "err\n")
  }

  @Test func reportsTheSignalThatEndedIt() async throws {
    let result = try await runner.run(shell("kill -USR1 $$"))
    #expect(result.status == .signalled(SIGUSR1))
    #expect(result.status.shellStatus == 128 + SIGUSR1)
  }

  @Test func passesExactlyTheGivenEnvironment() async throws {
    let result = try await runner.run(
      Command(executable: "/usr/bin/env", environment: ["ONE": "1", "TWO": "a b"]))
    #expect(Set(text(result.standardOutput).split(separator: "\n")) == ["ONE=1", "TWO=a b"])
  }

  @Test func startsInTheGivenDirectory() async throws {
    let result = try await runner.run(shell("pwd", workingDirectory: "/usr/bin"))
    #expect(text(result.standardOutput) == "/usr/bin\n")
  }

  @Test func drainsTenMegabytesOnBothStreamsAtOnce() async throws {
    let result = try await runner.run(
      shell(
        "head -c 10000000 /dev/zero >&2 & head -c 10000000 /dev/zero; wait",
        outputLimit: 10_000_000))
    #expect(result.standardOutput.count == 10_000_000)
    #expect(result.standardError.count == 10_000_000)
  }

  @Test func handsOverInputThatNobodyReads() async throws {
    let input = [UInt8](repeating: 120, count: 300_000)
    let counted = try await runner.run(shell("wc -c", input: input))
    #expect(text(counted.standardOutput) == "300000\n")
    let ignored = try await runner.run(shell("exit 0", input: input))
    #expect(ignored.status.isSuccess)
  }

  @Test func stopsACommandThatWritesTooMuch() async throws {
    await #expect(throws: CommandError.outputTooLarge("/bin/sh", limit: 1000)) {
      try await runner.run(shell("exec yes", outputLimit: 1000))
    }
  }

  @Test func tellsMissingAndUnusableFilesApart() async throws {
    await #expect(throws: CommandError.notFound("/nonexistent/tool")) {
      try await runner.run(Command(executable: "/nonexistent/tool", environment: [:]))
    }
    await #expect(throws: CommandError.notExecutable("/etc/passwd")) {
      try await runner.run(Command(executable: "/etc/passwd", environment: [:]))
    }
    await #expect(throws: CommandError.notExecutable("/usr/bin")) {
      try await runner.run(Command(executable: "/usr/bin", environment: [:]))
    }
    await #expect(throws: CommandError.noWorkingDirectory("/nonexistent", command: "/bin/sh")) {
      try await runner.run(shell("true", workingDirectory: "/nonexistent"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func timeOutKillsTheGroupWithAGrandchildThatIgnoresTermination() async throws {
    try await withTemporaryFile { file in
      let script = "(trap '' TERM; sleep 60 & echo $! > '\(file)'; wait) & sleep 60"
      await #expect(throws: CommandError.timedOut("/bin/sh", after: .milliseconds(400))) {
        try await runner.run(shell(script, timeout: .milliseconds(400)))
      }
      let grandchild = try #require(pid_t(try contents(of: file)))
      #expect(try await becomesTrue { !isRunning(grandchild) })
    }
  }

  @Test func cancellingTheTaskKillsTheGroup() async throws {
    try await withTemporaryFile { file in
      let command = shell("trap '' TERM; sleep 60 & echo $! > '\(file)'; wait")
      let task = Task { try await runner.run(command) }
      #expect(try await becomesTrue { try contents(of: file) != "" })
      task.cancel()
      await #expect(throws: CommandError.cancelled("/bin/sh")) { try await task.value }
      let child = try #require(pid_t(try contents(of: file)))
      #expect(try await becomesTrue { !isRunning(child) })
    }
  }

  @Test func doesNotWaitForWhatAFinishedCommandLeftRunning() async throws {
    let result = try await runner.run(shell("sleep 600 & echo $!"))
    let left = try #require(pid_t(text(result.standardOutput).dropLast()))
    #expect(isRunning(left))
    kill(left, SIGKILL)
  }

  @Test func streamsLinesOfBothStreamsAsTheyCome() async throws {
    let lines = Mutex<[String]>([])
    let status = try await runner.stream(
      shell(#"echo one; echo two >&2; sleep 0.1; printf 'three\r\nlast'; exit 3"#)
    ) { line, stream in
      lines.withLock { $0.append(stream == .standardError ? "E:\(line)" : line) }
    }
    #expect(status == .exited(3))
    let seen = lines.withLock { $0 }
    #expect(seen.filter { !$0.hasPrefix("E:") } == ["one", "three", "last"])
    #expect(seen.contains("E:two"))
  }

  @Test func aLineWithoutEndArrivesInPieces() async throws {
    let lengths = Mutex<[Int]>([])
    let status = try await runner.stream(shell("head -c 40000 /dev/zero")) { line, _ in
      lengths.withLock { $0.append(line.utf8.count) }
    }
    #expect(status.isSuccess)
    #expect(lengths.withLock { $0 } == [16384, 16384, 7232])
  }

  @Test func fortyRunAtOnce() async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<40 {
        group.addTask {
          let result = try await runner.run(shell("echo \(number)"))
          return text(result.standardOutput) == "\(number)\n"
        }
      }
      for try await matches in group { #expect(matches) }
    }
  }
}

private func withTemporaryFile(_ body: (String) async throws -> Void) async throws {
  var template = Array("/tmp/ags-process-XXXXXX".utf8CString)
  let number = mkstemp(&template)
  try #require(number >= 0)
  close(number)
  let path = FilePath(platformString: template).string
  defer { unlink(path) }
  try await body(path)
}

/// The file's one line.
private func contents(of path: String) throws -> String {
  let file = try FileDescriptor.open(FilePath(path), .readOnly)
  return try file.closeAfter {
    try withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
      let count = try file.read(into: buffer)
      return text([UInt8](buffer[..<count])).filter { $0 != "\n" }
    }
  }
}

private func becomesTrue(_ condition: () throws -> Bool) async throws -> Bool {
  for _ in 0..<250 {
    if try condition() { return true }
    try await Task.sleep(for: .milliseconds(20))
  }
  return false
}
