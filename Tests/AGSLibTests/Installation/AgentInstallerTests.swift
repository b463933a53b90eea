import AGSTestSupport
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// A podman that does what install containers do, in the directory that is mounted.
@Suite struct AgentInstallerTests {
  private static let podman = """
    case "$*" in
      *--version*) [ -n "$ANSWER" ] && echo "$ANSWER" ;;
      *" get application/vnd.pypi"*) echo "x86_64 glibc 2.41"; echo "$INDEX" ;;
      *" get "*) echo "no vendor here" >&2; exit 1 ;;
      *) echo "progress 1 2"; echo "$SAYS"; exit "$STATUS" ;;
    esac
    """

  private static func index(_ version: String) -> String {
    """
    {"files": [{"filename": "claude_agent_sdk-\(version)-py3-none-any.whl", "url": "/x.whl",
      "hashes": {"sha256": "\(String(repeating: "a", count: 64))"},
      "upload-time": "2026-01-01T00:00:00Z"}]}
    """
  }

  private struct Podman: ContainerRuntime {
    var script: ScriptRuntime
    var environment: [String: String]
    var labels: [String: String]?
    var executable: FilePath { script.executable }
    func facts() async throws -> PodmanFacts { try await script.facts() }
    func imageExists(_ image: String) async throws -> Bool { try await script.imageExists(image) }
    func imageLabels(_ image: String) async throws -> [String: String]? { labels }
    func removeContainer(_ name: String) async throws -> Bool {
      try await script.removeContainer(name)
    }
  }

  private func installer(
    _ fixture: PlanFixture, says: String = "version 1.0", status: Int = 0,
    answer: String = "agent 1.0", index: String = AgentInstallerTests.index("1.0"),
    hasImage: Bool = true
  ) throws -> AgentInstaller {
    var host = fixture.host
    host.userID = getuid()
    let place = fixture.root.appending("podman-\(UInt32.random(in: 0 ... .max))")
    try makeDirectory(place)
    return try AgentInstaller(
      host: host, configuration: fixture.configuration,
      runtime: Podman(
        script: try ScriptRuntime(Self.podman, in: place, hasImage: hasImage),
        environment: [
          "PATH": "/usr/bin:/bin", "SAYS": says, "STATUS": "\(status)", "ANSWER": answer,
          "INDEX": index,
        ]), now: Date(timeIntervalSince1970: 1_800_000_000))
  }

  @Test func firstSourceThatGivesAnAgentIsTaken() async throws {
    try await PlanFixture.with { fixture in
      let outcomes = try await installer(fixture).update(["claude", "codex"])
      #expect(
        outcomes == [
          AgentInstallOutcome(
            agent: "claude", status: .installed, version: "agent 1.0",
            source: "wheel claude-agent-sdk",
            problems: ["claude's releases: no vendor here"]),
          AgentInstallOutcome(
            agent: "codex", status: .installed, version: "agent 1.0",
            source: "npm package @openai/codex"),
        ])
    }
  }

  @Test func failureKeepsWhatIsThereAndEndsNothingElse() async throws {
    try await PlanFixture.with { fixture in
      _ = try await installer(fixture).update(["gemini"])
      let installations = try installer(fixture).installations
      let before = installations.installed()
      for broken in [
        try installer(fixture, answer: ""), try installer(fixture, says: "failed x", status: 1),
        try installer(fixture, says: "nothing"),
        try installer(fixture, says: "version 2", status: 9),
      ] {
        let outcomes = try await broken.update(["gemini", "pi"])
        #expect(outcomes.map(\.status) == [.failed, .failed])
        #expect(outcomes[0].version == "agent 1.0" && outcomes[1].version == nil)
        #expect(installations.installed() == before)
        #expect(installations.directories(of: "gemini").count == 1)
        #expect(installations.directories(of: "pi").isEmpty)
      }
    }
  }

  @Test func oneVersionBeforeIsKept() async throws {
    try await PlanFixture.with { fixture in
      var directories: [String] = []
      for number in 1...3 {
        let installer = try installer(fixture, answer: "v\(number)")
        let outcome = try await installer.update(["pi"]).first
        #expect(outcome?.previousVersion == (number == 1 ? nil : "v\(number - 1)"))
        directories.append(try #require(installer.installations.installed().first?.directory))
        #expect(
          Set(installer.installations.directories(of: "pi")) == Set(directories.suffix(2)))
      }
    }
  }

  @Test func versionThatIsThereIsNotDownloadedAgain() async throws {
    try await PlanFixture.with { fixture in
      _ = try await installer(fixture).update(["claude"])
      // The wheel's container would fail now.
      let again = try await installer(fixture, status: 1).update(["claude"]).first
      #expect(again?.status == .unchanged && again?.version == "agent 1.0")
      let newer = try await installer(fixture, answer: "agent 1.1", index: Self.index("1.1"))
        .update(["claude"]).first
      #expect(newer?.status == .updated && newer?.version == "agent 1.1")
    }
  }

  @Test(arguments: [
    ("nonsense", "is not an index of packages in JSON"),
    (#"{"files": []}"#, "the index has no wheel of claude-agent-sdk for this machine"),
    (
      index("1.0").replacing("/x.whl", with: "file:///etc/passwd"),
      "the index has no web address for claude-agent-sdk 1.0"
    ),
  ])
  func whatTheIndexAnswersIsNotTrusted(index: String, reason: String) async throws {
    try await PlanFixture.with { fixture in
      let outcome = try await installer(fixture, index: index).update(["claude"]).first
      #expect(outcome?.status == .failed)
      #expect(outcome?.problems.last?.contains(reason) == true, "\(outcome as Any)")
    }
  }

  @Test func withoutNamesItIsTheInstalledOnesElseAll() async throws {
    try await PlanFixture.with { fixture in
      let installer = try installer(fixture)
      #expect(try installer.selection([]).map(\.name).count == 5)
      _ = try await installer.update(["codex"])
      #expect(try installer.selection([]).map(\.name) == ["codex"])
      #expect(try installer.selection(["pi", "pi"]).map(\.name) == ["pi"])
    }
  }

  @Test func whatCannotBeInstalledIsSaidWithAHint() async throws {
    try await PlanFixture.with { fixture in
      fixture.configuration.agents = [AgentDeclaration(name: "mine", command: ["x"])]
      let installer = try installer(fixture)
      #expect(
        throws: AgentInstallError.unknownAgent(
          "cluade", known: ["pi", "claude", "codex", "gemini", "opencode"])
      ) { try installer.selection(["cluade"]) }
      for name in ["shell", "mine"] {
        let error = #expect(throws: AgentInstallError.self) { try installer.selection([name]) }
        #expect(error?.summary == "agent \(name) has nothing to install")
        #expect(error?.hint != nil && error?.exitStatus == .usage)
      }
    }
  }

  @Test func programOfAnotherAgentIsNotTakenOver() async throws {
    try await PlanFixture.with { fixture in
      _ = try await installer(fixture).update(["codex"])
      fixture.configuration.agents = [
        AgentDeclaration(name: "mine", command: ["codex"], npm: "mine")
      ]
      let outcome = try await installer(fixture).update(["mine"]).first
      #expect(outcome?.problems == ["the program codex belongs to agent codex"])
    }
  }

  @Test func missingImageIsSaidBeforeAnythingIsMade() async throws {
    try await PlanFixture.with { fixture in
      let installer = try installer(fixture, hasImage: false)
      let error = await #expect(throws: AgentInstallError.self) {
        try await installer.update(["pi"])
      }
      #expect(error?.hint == "ags update-image")
      #expect(!FileManager.default.fileExists(atPath: installer.installations.directory.string))
    }
  }

  @Test func whatAKilledUpdateLeftGoesFirst() async throws {
    try await PlanFixture.with { fixture in
      let installer = try installer(fixture)
      _ = try installer.installations.makeFresh(
        "0000000a", for: "gone", host: installer.host, owner: nil)
      _ = try await installer.update(["pi"])
      #expect(installer.installations.directories(of: "gone").isEmpty)
      let runtime = try #require(installer.runtime as? Podman)
      #expect(
        runtime.script.removedContainers == [
          "ags-install-0000000a", "ags-install-0000000a-check",
        ])
    }
  }
}
