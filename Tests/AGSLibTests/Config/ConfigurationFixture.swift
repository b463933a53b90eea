import AGSLib
import FoundationEssentials
import Glibc
import Synchronization
import SystemPackage
import Testing

/// A home directory and a repository for one test.
struct ConfigurationFixture {
  let directory: FilePath
  var home: FilePath { directory.appending("home") }
  var root: FilePath { directory.appending("repo") }
  var environment: [String: String]

  /// Runs `body` with a fixture, whose files are removed afterwards.
  static func with<Result>(_ body: (ConfigurationFixture) throws -> Result) throws -> Result {
    let name = "ags-config-\(UInt64.random(in: .min ... .max))"
    let temporary = try #require(realpath("/tmp", nil))
    defer { free(temporary) }
    let directory = FilePath(platformString: temporary).appending(name)
    let fixture = ConfigurationFixture(
      directory: directory,
      environment: [
        "HOME": directory.appending("home").string, "DATA": "/srv/data", "EMPTY": "",
      ])
    for path in [fixture.home, fixture.root.appending(".ags")] {
      try FileManager.default.createDirectory(
        atPath: path.string, withIntermediateDirectories: true)
    }
    defer {
      do { try FileManager.default.removeItem(atPath: directory.string) } catch {
        Issue.record("the fixture was not removed: \(error)")
      }
    }
    return try body(fixture)
  }

  var host: Host {
    Host(
      environment: environment, home: home, userName: "tester", userID: getuid(),
      groupID: getgid(), currentDirectory: root, executable: "/usr/bin/ags")
  }

  var loader: ConfigurationLoader { ConfigurationLoader(host: host) }
  var baseFile: FilePath { loader.basePath }
  var overlayFile: FilePath { root.appending(".ags/config.toml") }
  var store: TrustStore { loader.trustStore(Configuration(home: home)) }

  /// What is loaded when the base file says nothing.
  var defaults: Configuration {
    var configuration = Configuration(home: home)
    configuration.baseFile = baseFile
    return configuration
  }

  func write(_ text: String, to path: FilePath) throws {
    try FileManager.default.createDirectory(
      atPath: path.removingLastComponent().string, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: path.string))
  }

  func link(_ path: FilePath, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: path.string, withDestinationPath: target)
  }

  /// What the base file `text` makes.
  func base(_ text: String) throws -> Configuration {
    try write(text, to: baseFile)
    return try loader.load(workspaceRoot: nil).configuration
  }

  /// Loads base and overlay; `answer` is given to every question.
  func load(
    base: String = "", overlay: String, answer: TrustAnswer? = .allow
  ) throws -> LoadedConfiguration {
    try write(base, to: baseFile)
    try write(overlay, to: overlayFile)
    return try loader.load(
      workspaceRoot: root,
      trust: TrustPolicy(prompt: answer.map { RecordingPrompt(givenAnswer: $0) }))
  }
}

/// Answers every question alike and remembers them.
final class RecordingPrompt: TrustPrompt {
  private let givenAnswer: TrustAnswer
  private let asked = Mutex<[TrustQuestion]>([])

  init(givenAnswer: TrustAnswer) { self.givenAnswer = givenAnswer }

  var questions: [TrustQuestion] { asked.withLock { $0 } }

  func answer(_ question: TrustQuestion) -> TrustAnswer {
    asked.withLock { $0.append(question) }
    return givenAnswer
  }
}
