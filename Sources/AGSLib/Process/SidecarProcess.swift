internal import CPosix
internal import Dispatch
internal import Glibc
internal import SystemPackage

/// A sidecar that did not come up.
struct SidecarError: DescribedError {
  var summary: String
  var cause: String?
  var hint: String?
  var exitStatus: ExitStatus { .failure }
}

/// A program of ours that serves a session (4-channels). It has a session of its own, so that
/// the terminal's signals do not reach it, and ends when its lifeline closes: in whatever way
/// we end, it does.
final class SidecarProcess: Sendable {
  private let process: AttachedProcess
  /// What it says when it is ready.
  private let reports: CInt
  private let lifeline: CInt
  private let name: String
  private let log: FilePath

  /// Starts `executable`; what it writes to standard error goes to `log`.
  init(
    _ executable: FilePath, environment: [String: String], document: [UInt8], log: FilePath
  ) throws {
    name = executable.lastComponent?.string ?? executable.string
    self.log = log
    var ends: [CInt] = []
    do {
      for _ in 0..<3 {
        var pair: [CInt] = [-1, -1]
        guard cposix_pipe(&pair) == 0 else {
          throw SidecarError(
            summary: "cannot make a pipe", cause: String(cString: strerror(errno)))
        }
        ends += pair
      }
      let errors = cposix_open(
        log.string, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o600)
      guard errors >= 0 else {
        throw SidecarError(
          summary: "cannot write \(log)", cause: String(cString: strerror(errno)))
      }
      defer { close(errors) }
      process = try AttachedProcess.spawn(
        executable, arguments: [], environment: environment, passing: [ends[4]],
        standard: .init(input: ends[0], output: ends[3], error: errors))
    } catch {
      for end in ends { close(end) }
      throw error
    }
    reports = ends[2]
    lifeline = ends[5]
    // The pipe takes it whole, and while we have its other end too, no early end of the
    // sidecar makes writing a signal.
    _ = cposix_set_nonblocking(ends[1])
    let written = document.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) }
    for end in [ends[0], ends[1], ends[3], ends[4]] { close(end) }
    guard written == document.count else {
      end()
      throw SidecarError(summary: "\(name): its configuration is too long")
    }
  }

  /// Waits until it serves, `limit` at most; throws what it says instead.
  func waitUntilReady(limit: Duration) async throws {
    try await withCheckedThrowingContinuation { continuation in
      // Blocks a thread, which must not be one of Swift's few.
      DispatchQueue.global().async {
        continuation.resume(with: Result { try self.readReport(limit: limit) })
      }
    }
  }

  private func readReport(limit: Duration) throws {
    let deadline = ContinuousClock().now + limit
    var line: [UInt8] = []
    var polled = pollfd(fd: reports, events: Int16(POLLIN), revents: 0)
    while line.last != 0x0A, line.count < 4096 {
      let left = deadline - ContinuousClock().now
      guard left > .zero else {
        throw SidecarError(
          summary: "\(name) did not get ready in \(limit.inSeconds)", cause: lastWords)
      }
      guard poll(&polled, 1, CInt(left / .milliseconds(1)) + 1) > 0 else { continue }
      var byte: UInt8 = 0
      let count = read(reports, &byte, 1)
      if count == 0 { break }
      if count > 0 { line.append(byte) }
    }
    let text = String(decoding: line.dropLast(line.last == 0x0A ? 1 : 0), as: UTF8.self)
    if text == "ready" { return }
    if text.hasPrefix("error: ") {
      let parts = text.dropFirst(7).split(separator: "\t", omittingEmptySubsequences: false)
      throw SidecarError(
        summary: String(parts[0]), hint: parts.count > 1 ? String(parts[1]) : nil)
    }
    throw SidecarError(summary: "\(name) ended before it served", cause: lastWords)
  }

  /// The log itself goes with the session.
  private var lastWords: String? {
    SmallFile.text(log)?.split(separator: "\n").last.map { TerminalText.escaped($0.prefix(500)) }
  }

  /// Ends it: closes its lifeline, then asks, then kills; returns when it is gone. Once only.
  func end(grace: Duration = .seconds(8)) {
    close(lifeline)
    close(reports)
    if !hasEnded(within: grace) {
      process.send(SIGTERM)
      if !hasEnded(within: .seconds(2)) { process.send(SIGKILL) }
    }
    _ = process.reap()
  }

  private func hasEnded(within limit: Duration) -> Bool {
    let deadline = ContinuousClock().now + limit
    var polled = pollfd(fd: process.descriptor, events: Int16(POLLIN), revents: 0)
    while true {
      let left = deadline - ContinuousClock().now
      guard left > .zero else { return false }
      if poll(&polled, 1, CInt(left / .milliseconds(1)) + 1) > 0 { return true }
    }
  }
}
