import AGSTestSupport
import AGSWire
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// A session with a script in podman's place: 3-run "Order" and "Exit status".
@Suite struct SessionTests {
  /// Init's part: reads the document to its end.
  private let reading = "cat <&3 >/dev/null;"

  @Test(arguments: [0, 1, 7, 126, 127, 255]) func agentsStatusComesBack(status: Int32) async throws
  {
    try await PlanFixture.withOwner { fixture in
      let ending = try await fixture.run("\(reading) exit \(status)")
      #expect(ending.exitStatus == status)
      #expect(fixture.isClean)
    }
  }

  @Test func refusalWithTheImageThereIsPodmansOwn() async throws {
    try await PlanFixture.withOwner { fixture in
      let ending = try await fixture.run("exit 125")
      #expect(ending.exitStatus == 125)
      #expect(fixture.isClean)
    }
  }

  @Test func missingImageIsBuiltOnceAndTheRunRepeated() async throws {
    try await PlanFixture.withOwner { fixture in
      let runtime = try ScriptRuntime(
        """
        echo run >>\(fixture.root)/runs
        test -e \(fixture.root)/built || exit 125
        \(reading) exit 9
        """, in: fixture.root, hasImage: false)
      let built = Warnings()
      let marker = fixture.root.appending("built")
      let observer = SessionObserver(
        warning: { built.add($0) },
        buildImage: { image in
          built.add(image)
          try write("", to: marker)
          runtime.buildImage()
        })
      let session = fixture.session(try fixture.plan(), runtime: runtime, observer: observer)
      #expect(try await session.run().exitStatus == 9)
      #expect(built.all == ["localhost/agent-sandbox:latest"])
      #expect(try read(fixture.root.appending("runs")) == "run\nrun\n")
      #expect(fixture.isClean)
    }
  }

  @Test func missingImageWithoutABuilderIsSaid() async throws {
    try await PlanFixture.withOwner { fixture in
      let runtime = try ScriptRuntime("exit 125", in: fixture.root, hasImage: false)
      let session = fixture.session(try fixture.plan(), runtime: runtime)
      let error = await #expect(throws: PodmanError.self) { try await session.run() }
      #expect(error?.summary.contains("is missing") == true)
      #expect(fixture.isClean)
    }
  }

  @Test func failedBuildLeavesNothing() async throws {
    try await PlanFixture.withOwner { fixture in
      let runtime = try ScriptRuntime("exit 125", in: fixture.root, hasImage: false)
      let session = fixture.session(
        try fixture.plan(), runtime: runtime,
        observer: SessionObserver(buildImage: { _ in
          throw PodmanError(summary: "no disk")
        }))
      let error = await #expect(throws: PodmanError.self) { try await session.run() }
      #expect(error?.summary == "no disk")
      #expect(fixture.isClean)
    }
  }

  @Test func killedPodmanHasItsContainerRemoved() async throws {
    try await PlanFixture.withOwner { fixture in
      let runtime = try ScriptRuntime("\(reading) kill -KILL $$", in: fixture.root)
      let plan = try fixture.plan()
      let ending = try await fixture.session(plan, runtime: runtime).run()
      #expect(ending.exitStatus == 137)
      #expect(runtime.removedContainers == [plan.containerName])
      #expect(fixture.isClean)
    }
  }

  @Test func podmanThatCannotBeStartedIsAnErrorAndLeavesNothing() async throws {
    try await PlanFixture.withOwner { fixture in
      let runtime = try ScriptRuntime("", in: fixture.root)
      unlink(runtime.executable.string)
      let session = fixture.session(try fixture.plan(), runtime: runtime)
      let error = await #expect(throws: SpawnError.self) { try await session.run() }
      #expect(error?.summary == "cannot start \(runtime.executable)")
      #expect(fixture.isClean)
    }
  }

  @Test func largeDocumentArrivesWhole() async throws {
    try await PlanFixture.withOwner { fixture in
      var names: [String] = []
      for number in 0..<16 {
        names.append("BIG_\(number)")
        fixture.host.environment[names[number]] = String(repeating: "\(number % 10)", count: 65536)
      }
      fixture.configuration.sandbox.passthroughEnvironment = try names.map {
        try EnvironmentName($0)
      }
      let token = try EnvironmentName("TOKEN")
      fixture.host.environment["TOKEN"] = "line\n\"quoted\" ünï"
      fixture.configuration.secrets = [
        SecretDeclaration(env: token, sources: [.environment(token)])
      ]
      // A slow reader: the pipe is full long before the document is through.
      let ending = try await fixture.run("sleep 0.1; cat <&3 >\(fixture.root)/document")
      #expect(ending.exitStatus == 0)
      let document = Array(try read(fixture.root.appending("document")).utf8)
      #expect(document.count > 1 << 20 && document.last == UInt8(ascii: "\n"))
      let lines = document.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let environment = try Array(lines[1]).withUnsafeBufferPointer {
        try LaunchDocument.decodeEnvironment($0)
      }
      #expect(environment.filter { $0.name.hasPrefix("BIG_") }.count == 16)
      #expect(environment.allSatisfy { !$0.name.hasPrefix("BIG_") || $0.value.count == 65536 })
      #expect(environment.first { $0.name == "TOKEN" }?.value == "line\n\"quoted\" ünï")
    }
  }

  @Test func documentSaysWhatInitMustFind() async throws {
    try await PlanFixture.withOwner { fixture in
      _ = try await fixture.run(
        "cat <&3 >\(fixture.root)/document; ls -A \(fixture.home)/.local/state/ags/sessions/*/home"
          + " >\(fixture.root)/entries; ls \(fixture.root)/run/ags/* >\(fixture.root)/trees")
      let document = try read(fixture.root.appending("document"))
      let identity = try SourceIdentity(fixture.project, kind: .directory)
      #expect(document.contains("\(identity.inode)"))
      #expect(document.contains("\(fixture.project)"))
      #expect(try read(fixture.root.appending("trees")) == "host\nsandbox\n")
      // Every mount's place in the home is made, so that the rest of it stays writable.
      let home = try read(fixture.root.appending("entries")).split(separator: "\n")
      #expect(home.contains(".claude.json") && home.contains(".cargo") && home.contains("go"))
    }
  }

  @Test func documentSaysWhetherTheAgentIsInTmux() async throws {
    try await PlanFixture.withOwner { fixture in
      for modes: Set<RunMode> in [[], [.tmux], [.tmux, .stopWhenDone]] {
        let plan = try fixture.plan(LaunchRequest(agent: "shell", modes: modes))
        let runtime = try ScriptRuntime("cat <&3 >\(fixture.root)/document", in: fixture.root)
        _ = try await fixture.session(plan, runtime: runtime).run()
        let header = try read(fixture.root.appending("document")).split(separator: "\n")[0]
        #expect(header.contains("\"tmux\":\"\(plan.tmux.rawValue)\""), "\(modes)")
      }
    }
  }

  @Test func warningsOfSecretsAreSaidOnce() async throws {
    try await PlanFixture.withOwner { fixture in
      let missing = try EnvironmentName("NOT_THERE")
      fixture.configuration.secrets = [
        SecretDeclaration(env: missing, sources: [.environment(missing)])
      ]
      let warnings = Warnings()
      let session = fixture.session(
        try fixture.plan(), runtime: try ScriptRuntime("\(reading)", in: fixture.root),
        observer: SessionObserver(warning: { warnings.add($0) }))
      _ = try await session.run()
      #expect(warnings.all == ["secret NOT_THERE is not set: from_env NOT_THERE: not set"])
    }
  }

  /// Descriptors of ours in podman would keep pipes open and let the container at locks.
  @Test func podmanGetsFiveDescriptorsAndAnAllowListedEnvironment() async throws {
    try await PlanFixture.withOwner { fixture in
      fixture.host.environment["LEAK"] = "x"
      _ = try await fixture.run(
        """
        ls -l /proc/$$/fd >\(fixture.root)/fds
        env >\(fixture.root)/env
        \(reading)
        """)
      let open = try read(fixture.root.appending("fds")).split(separator: "\n").map(String.init)
      let ours = open.filter { line in
        line.contains("eventfd") || line.contains("pidfd") || line.contains("marker")
          || line.contains(".lock") || line.contains("/ags/")
      }
      #expect(ours.isEmpty, "\(open)")
      // The write ends would show as a container that outlives the lifeline.
      for descriptor in [" 3 -> pipe:", " 4 -> pipe:"] {
        #expect(open.contains { $0.contains(descriptor) }, "\(open)")
      }
      #expect(!(try read(fixture.root.appending("env")).contains("LEAK")))
    }
  }

  @Test func errorWhilePreparingLeavesNothing() async throws {
    try await PlanFixture.withOwner { fixture in
      let plan = try fixture.plan()
      // Gone between the plan and the run.
      #expect(rename(fixture.project.string, fixture.root.appending("moved").string) == 0)
      let runtime = try ScriptRuntime("touch \(fixture.root)/started", in: fixture.root)
      let session = fixture.session(plan, runtime: runtime)
      await #expect(throws: GitDataError.self) { try await session.run() }
      #expect(fixture.isClean)
      #expect(names(in: plan.paths.stateDirectory.appending("git")).isEmpty)
      #expect(!exists(fixture.root.appending("started")))
    }
  }

  @Test func runtimePathTooLongForSocketsLeavesNothing() async throws {
    try await PlanFixture.withOwner { fixture in
      let long = fixture.root.appending(String(repeating: "r", count: 80))
      fixture.host.environment["XDG_RUNTIME_DIR"] = long.string
      let session = fixture.session(
        try fixture.plan(), runtime: try ScriptRuntime("", in: fixture.root))
      let error = await #expect(throws: DirectoryError.self) { try await session.run() }
      #expect(error?.summary.contains("107 bytes") == true)
      #expect(fixture.isClean)
      #expect(names(in: long.appending("ags")).isEmpty)
    }
  }
}
