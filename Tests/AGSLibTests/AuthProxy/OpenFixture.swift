import AGSTestSupport
import AGSWire
import FoundationEssentials
import Glibc
import NIOCore
import NIOPosix
import Synchronization
import SystemPackage

@testable import AGSLib

/// An open service on its socket, with a scripted user and a real program as browser.
final class OpenFixture: Sendable {
  let root: FilePath
  let loop: any EventLoop
  let approvals: ScriptedApprovals
  let sandbox: ScriptedSandbox
  let audit = RecordedAudit()
  let notices = Notices()
  let service: OpenService
  let host: Host
  var socket: FilePath { root.appending("open.sock") }

  /// - Parameters:
  ///   - opener: xdg-open's script; nil for none. `$PAGES` is where pages are noted.
  static func with<Result>(
    _ decision: ApprovalDecision?, allowing autoAllowed: [String] = [],
    environment: [String: String] = ["DISPLAY": ":77"],
    opener: String? = "printf '%s\\n' \"$@\" >>$PAGES", program: String = "xdg-open",
    kernel: String = "6.1.0-amd64",
    _ body: (OpenFixture) async throws -> Result
  ) async throws -> Result {
    try await withTemporaryDirectory { root in
      let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
      let fixture = try OpenFixture(
        root, on: group.next(), decision, autoAllowed, environment, kernel)
      if let opener { try fixture.install(opener, as: program) }
      let limits = try await group.next().submit {
        NIOLoopBound(ConnectionLimits(), eventLoop: fixture.loop)
      }.get()
      try await fixture.service.listen(at: fixture.socket, mode: 0o600, limits: limits)
      let result: Result
      do {
        result = try await body(fixture)
      } catch {
        await fixture.service.close()
        try await group.shutdownGracefully()
        throw error
      }
      await fixture.service.close()
      try await group.shutdownGracefully()
      return result
    }
  }

  private init(
    _ root: FilePath, on loop: any EventLoop, _ decision: ApprovalDecision?,
    _ autoAllowed: [String], _ environment: [String: String], _ kernel: String
  ) throws {
    self.root = root
    self.loop = loop
    approvals = ScriptedApprovals(decision)
    sandbox = ScriptedSandbox(on: loop)
    host = Host(
      environment: ["PATH": root.string, "SECRET": "x"].merging(environment) { $1 }, home: root,
      userName: "tester", userID: getuid(), groupID: getgid(), currentDirectory: root,
      executable: "/usr/bin/ags")
    let notices = notices
    service = OpenService(
      on: loop, approvals: approvals, dialing: sandbox,
      opener: PageOpener(host: host, kernelRelease: kernel),
      autoAllowed: try autoAllowed.map { try HostPattern($0) }, audit: audit,
      notice: { notices.add($0) })
  }

  private func install(_ script: String, as name: String) throws {
    let path = root.appending(name).string
    let pages = root.appending("pages").string
    try Data("#!/bin/sh\nPAGES=\(pages)\n\(script)\n".utf8).write(to: URL(filePath: path))
    guard chmod(path, 0o755) == 0 else { throw Errno(rawValue: errno) }
  }

  /// What the browser was asked for, one a line.
  var pages: [String] {
    let text = (try? String(contentsOfFile: root.appending("pages").string, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }

  func connect() async throws -> TestConnection { try await .toSocket(socket) }

  /// All answers to one request.
  func answers(to request: ChannelRequest) async throws -> [ChannelAnswer] {
    let connection = try await connect()
    defer { connection.close() }
    try await connection.send(request.encoded())
    return try await Self.answers(of: connection)
  }

  static func answers(of connection: TestConnection) async throws -> [ChannelAnswer] {
    try await connection.whole().split(separator: "\n").map {
      try ChannelAnswer.decode(Array($0.utf8))
    }
  }
}

final class Notices: Sendable {
  private let state = Mutex([String]())
  var all: [String] { state.withLock { $0 } }
  func add(_ text: String) { state.withLock { $0.append(text) } }
}
