import AGSTestSupport
import FoundationEssentials
import Glibc
import Synchronization
import SystemPackage

@testable import AGSLib

/// A shell script in podman's place. It is started as podman would be: the launch document
/// comes on descriptor 3, the lifeline is descriptor 4.
final class ScriptRuntime: ContainerRuntime {
  let executable: FilePath
  let environment = ["PATH": "/usr/bin:/bin"]
  private let hasImage: Mutex<Bool>
  private let removed = Mutex<[String]>([])
  private let failure: PodmanError?
  private let leavesContainer: Bool

  init(
    _ script: String, in directory: FilePath, hasImage: Bool = true,
    removalFailure: PodmanError? = nil, leavesContainer: Bool = false
  ) throws {
    executable = directory.appending("podman")
    self.hasImage = Mutex(hasImage)
    failure = removalFailure
    self.leavesContainer = leavesContainer
    let text = directory.appending("script")
    try write("#!/bin/sh\n" + script + "\n", to: text)
    // Written by another process: a file this one has just written may still be open in a
    // child of another test, and then cannot be executed.
    let copying = try AttachedProcess.spawn(
      "/usr/bin/install", arguments: ["-m", "755", text.string, executable.string],
      environment: [:], passing: [])
    guard copying.reap().isSuccess else { throw FailedCopy() }
  }

  private struct FailedCopy: Error {}

  /// The containers it was asked to remove.
  var removedContainers: [String] { removed.withLock { $0 } }

  func buildImage() { hasImage.withLock { $0 = true } }

  func facts() async throws -> PodmanFacts { PodmanFacts(version: "4.3.1", slirp4netns: "/s") }
  func imageExists(_ image: String) async throws -> Bool { hasImage.withLock { $0 } }
  func imageLabels(_ image: String) async throws -> [String: String]? { nil }
  func removeContainer(_ name: String) async throws -> Bool {
    removed.withLock { $0.append(name) }
    if let failure { throw failure }
    return leavesContainer
  }
}

/// A store with nothing in it.
struct EmptyStore: SecretStore {
  func lookUp(_ attributes: [String: String]) async throws(SecretStoreError) -> Secret? { nil }
  func store(
    label: String, attributes: [String: String], secret: Secret
  ) async throws(SecretStoreError) { throw .failed("read-only") }
}

/// What a session said.
final class Warnings: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func add(_ line: String) { lines.withLock { $0.append(line) } }
}

extension PlanFixture {
  /// The real owner, for everything that makes directories.
  static func withOwner<Result>(
    _ body: (inout PlanFixture) async throws -> Result
  ) async throws -> Result {
    try await with { fixture in
      fixture.host.userID = ownUserID
      return try await body(&fixture)
    }
  }

  func session(
    _ plan: LaunchPlan, runtime: ScriptRuntime, signals: TerminationSignals? = nil,
    observer: SessionObserver = SessionObserver(), secrets: any SecretStore = EmptyStore(),
    grace: Duration = .milliseconds(300)
  ) -> Session {
    Session(
      plan: plan, host: host, runtime: runtime,
      resolver: SecretResolver(host: host, store: secrets, runner: SubprocessRunner()),
      shim: shim, store: SessionStore(host: host, sandbox: configuration.sandbox),
      signals: signals, observer: observer, measuresStart: false, grace: grace)
  }

  /// Runs one session of `script` and says how it ended.
  func run(_ script: String) async throws -> SessionEnding {
    try await session(
      plan(sessionID: SessionID.random()), runtime: ScriptRuntime(script, in: root)
    ).run()
  }

  /// Nothing of any session is left.
  var isClean: Bool {
    names(in: home.appending(".local/state/ags/sessions")).allSatisfy { $0 == ".lock" }
      && names(in: root.appending("run/ags")).isEmpty
  }

  /// Waits for a file that a script writes.
  func waitFor(_ name: String) async throws {
    for _ in 0..<1000 where !exists(root.appending(name)) {
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}

/// As root a plan maps the workspace's owner; the tests' own files belong to this one.
let ownUserID = getuid()
