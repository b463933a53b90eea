import AGSTestSupport
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

extension EndToEnd {
  /// Updates that are confined, interrupted, killed and made twice. What installs is a made
  /// npm, because it has to misbehave.
  @Suite struct AgentUpdateTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    private static let image = "localhost/ags-e2e-made-npm:latest"

    /// `hang…` waits for the file `go` in the directory it installs into.
    private static let npm = """
      #!/bin/sh
      [ "$1" = view ] && exit 0
      while [ "$1" != --prefix ]; do shift; done
      directory=$2
      for package; do :; done
      mkdir -p "$directory/node_modules/.bin" "$directory/node_modules/$package"
      printf '#!/bin/sh\\necho "made $0" | cut -c1-4\\n' >"$directory/node_modules/.bin/made"
      chmod 755 "$directory/node_modules/.bin/made"
      echo '{"version": "1.0.0"}' >"$directory/node_modules/$package/package.json"
      {
        for place in / /opt/ags/agents /opt/ags/agents/made /etc /home/dev /usr/local/bin; do
          touch "$place/planted" && echo "wrote $place"
        done
        sed -n 's/^CapEff:[^0-9a-f]*/capabilities /p; s/^NoNewPrivs:[^0-9]*/nnp /p' /proc/self/status
        id -u
        ls -A /home/dev /opt/ags/agents /opt/ags/agents/made
        env | grep -c -e SECRET_OF_THE_HOST -e OPENAI_API_KEY
      } >"$directory/facts" 2>/dev/null
      case $package in
        hang*)
          : >"$directory/waiting"
          while ! [ -e "$directory/go" ]; do sleep 0.1; done ;;
      esac

      """

    private func declaration(_ package: String) -> String {
      "[[agent]]\nname = \"made\"\ncommand = [\"made\"]\nnpm = \"\(package)\"\n"
    }

    private func withNPM(
      _ package: String, fixture: SandboxFixture? = nil,
      _ body: @escaping @Sendable (AgentRegistry) async throws -> Void
    ) async throws {
      let fixture = fixture ?? self.fixture
      let encoded = Data(Self.npm.utf8).base64EncodedString()
      let build = fixture.call(
        "podman", ["build", "--quiet", "--tag", Self.image, "-"],
        input: """
          FROM \(fixture.image)
          USER root
          RUN echo \(encoded) | base64 -d >/usr/local/bin/npm && chmod 755 /usr/local/bin/npm
          USER dev

          """)
      try await build.runOrThrow()
      try await AgentRegistry.with(
        "{}", configuration: declaration(package), image: Self.image, fixture: fixture, body)
    }

    @Test func whatInstallsCanWriteItsDirectoryAndNothingElse() async throws {
      try await withNPM("made-package") { registry in
        let outcome = try await registry.update(
          "made", adding: ["SECRET_OF_THE_HOST": "x", "OPENAI_API_KEY": "x"])
        #expect(try outcome.agents().first?.version == "made", "\(outcome)")
        let directory = try #require(try registry.directories(of: "made").first)
        let facts = try await registry.fixture.shell(
          "cat \(registry.agents)/made/\(directory)/facts")
        #expect(
          facts.lines == [
            "capabilities 0000000000000000", "nnp 1", "1000", "/home/dev:", ".bash_logout",
            ".bashrc", ".profile", "", "/opt/ags/agents:", "made", "", "/opt/ags/agents/made:",
            directory, "0",
          ], "\(facts)")
      }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func interruptedUpdateLeavesTheOldVersionAndNothingElse(signal: Int32) async throws {
      try await withNPM("made-package") { registry in
        #expect(try await registry.update("made").status == 0)
        let before = try registry.directories(of: "made")
        try await registry.name("hang")
        let outcome = try await registry.update("made") { program in
          try await registry.waitUntilInstalling(beside: before)
          program.send(signal)
        }
        #expect(outcome.status == 130, "\(outcome)")
        #expect(outcome.standardError.contains("interrupted"), "\(outcome)")
        #expect(try registry.directories(of: "made") == before)
        try await registry.expectNoContainer()
        #expect(try await registry.run("made").lines == ["made"])
      }
    }

    @Test func killedUpdateIsSweptByTheNext() async throws {
      try await withNPM("hang") { registry in
        let killed = try await registry.update("made") { program in
          try await registry.waitUntilInstalling(beside: [])
          program.send(SIGKILL)
        }
        #expect(killed.ending == .signalled(SIGKILL))
        let left = try registry.directories(of: "made")
        #expect(left.count == 1)
        #expect(try await registry.run("command -v made").lines == [])
        try await registry.name("made-package")
        let outcome = try await registry.update("made")
        #expect(outcome.status == 0, "\(outcome)")
        let directories = try registry.directories(of: "made")
        #expect(directories.count == 1 && directories != left)
        try await registry.expectNoContainer()
      }
    }

    @Test func secondUpdateWaitsForTheFirst() async throws {
      try await withNPM("hang") { registry in
        let first = try await registry.update("made") { _ in
          let place = try await registry.waitUntilInstalling(beside: [])
          try await registry.name("made-package")
          let second = try await registry.update("made") { program in
            try await eventually("the second waits for the lock") {
              let folder = "/proc/\(program.processID)/fd"
              return try FileManager.default.contentsOfDirectory(atPath: folder).contains {
                let target = try? FileManager.default.destinationOfSymbolicLink(
                  atPath: "\(folder)/\($0)")
                return target?.hasSuffix("/agents.lock") == true
              }
            }
            try await registry.fixture.shell("echo >\(place)/go")
          }
          #expect(second.status == 0, "\(second)")
          #expect(second.standardError.contains("waiting for another"), "\(second)")
          #expect(try second.agents().first?.status == "updated")
        }
        #expect(try first.agents().first?.status == "installed", "\(first)")
        #expect(try registry.directories(of: "made").count == 2)
      }
    }

    @Test func asRootWhatInstallsIsNobodyOnTheHost() async throws {
      guard let root = fixture.asRoot else { return }
      try await withNPM("made-package", fixture: root) { registry in
        let outcome = try await registry.update("made")
        #expect(try outcome.agents().first?.version == "made", "\(outcome)")
        let directory = try #require(try registry.directories(of: "made").first)
        let owner = try await registry.fixture.shell(
          "stat -c %u \(registry.agents)/made/\(directory)/facts")
        #expect(Int(owner.lines[0]).map { $0 > 100_000 } == true, "\(owner)")
        let run = try await registry.run("made; : >/opt/ags/agents/made/x")
        #expect(run.lines == ["made"], "\(run)")
      }
    }
  }
}

extension AgentRegistry {
  /// Has `made` installed from another package from now on.
  func name(_ package: String) async throws {
    let file = folder.appending("config.toml")
    try await fixture.shell("sed -i 's/^npm = .*/npm = \"\(package)\"/' \(file)")
  }

  /// Waits for a container that hangs; returns the directory it writes.
  @discardableResult
  func waitUntilInstalling(beside known: [String]) async throws -> FilePath {
    var place: FilePath?
    try await eventually("a container installs") {
      place = try directories(of: "made").filter { !known.contains($0) }
        .map { agents.appending("made").appending($0) }
        .first { FileManager.default.fileExists(atPath: $0.appending("waiting").string) }
      return place != nil
    }
    return place ?? agents
  }

  func expectNoContainer() async throws {
    let left = try await fixture.podman(
      "ps", "--all", "--filter", "label=io.ags.install", "--quiet")
    #expect(left.lines == [], "\(left)")
  }
}
