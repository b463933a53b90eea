import AGSLib
import Synchronization
import SystemPackage
import Testing

@Suite struct ImageBuilderTests {
  private let request = ImageBuildRequest(imageName: ImageFixture.name)
  private let old = String(repeating: "a", count: 64)

  @Test func buildsWithoutANameLooksInsideAndOnlyThenNamesTheImage() async throws {
    let fixture = try ImageFixture()
    let podman = RecordingImageRunner { $0.registry = [ImageFixture.base] }
    let image = try await fixture.builder(podman).build(request)
    #expect(image.id == RecordingImageRunner.built(2))
    #expect(image.contents.tools == ["sh", "git"])
    #expect(image.previous == .none)
    #expect(podman.images == [ImageFixture.name: RecordingImageRunner.built(2)])

    let steps = podman.log.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
    #expect(
      steps == [
        "podman manifest", "podman pull", "podman build", "podman run", "podman build",
        "podman run", "podman image", "podman tag",
      ])
    let build = podman.log[2]
    #expect(build.contains("--pull=never --build-arg BASE_IMAGE=\(ImageFixture.base)"))
    #expect(build.contains("--target core --build-arg REFRESH=2026-11-23"))
    #expect(!build.contains("--tag") && !build.contains(" -t "))
    #expect(podman.log[3].contains("--network=none"))
    #expect(podman.log[4].contains("--label io.ags.contents=git,sh"))
    #expect(podman.log[4].contains("--label io.ags.image.stage=core"))
    #expect(podman.log[5].contains("--userns=keep-id:uid=1000,gid=1000 \(image.id)"))
    #expect(try fixture.leftovers().isEmpty)
  }

  @Test func makesABaseFromTheHostsMirrorWhereNoRegistryAnswers() async throws {
    let fixture = try ImageFixture()
    let podman = RecordingImageRunner()
    _ = try await fixture.builder(podman).build(request)
    let bootstrap = try #require(podman.log.first { $0.hasPrefix("mmdebstrap") })
    #expect(
      bootstrap.hasSuffix(
        "base.tar deb http://mirror.example/debian trixie main "
          + "deb http://mirror.example/debian trixie-updates main "
          + "deb http://mirror.example/security trixie-security main"))
    #expect(podman.log.contains { $0.contains("BASE_IMAGE=localhost/ags-base:trixie") })
    #expect(!podman.log.contains { $0.hasPrefix("podman pull") })
    #expect(try fixture.leftovers().isEmpty)
  }

  @Test func usesABaseItMadeBeforeUnlessAskedForANewOne() async throws {
    let fixture = try ImageFixture()
    let podman = RecordingImageRunner { $0.images["localhost/ags-base:trixie"] = "c" }
    _ = try await fixture.builder(podman).build(request)
    #expect(!podman.log.contains { $0.hasPrefix("mmdebstrap") })

    var anew = request
    anew.base = .offline
    _ = try await fixture.builder(podman).build(anew)
    #expect(podman.log.contains { $0.hasPrefix("mmdebstrap") })
    #expect(podman.images["localhost/ags-base:trixie"] == RecordingImageRunner.imported)
  }

  @Test func prefersTheCopyOfTheBaseThatIsHereToMakingOne() async throws {
    let fixture = try ImageFixture()
    let podman = RecordingImageRunner { $0.images[ImageFixture.base] = "c" }
    let warnings = Mutex<[String]>([])
    _ = try await fixture.builder(podman).build(request) { event in
      if case .warning(let text) = event { warnings.withLock { $0.append(text) } }
    }
    #expect(!podman.log.contains { $0.hasPrefix("mmdebstrap") })
    #expect(warnings.withLock { $0 }.first?.contains(ImageFixture.base) == true)
  }

  @Test func asksNoRegistryForALocalBase() async throws {
    let fixture = try ImageFixture()
    let podman = RecordingImageRunner { $0.images["localhost/mine:1"] = "c" }
    var own = request
    own.base = .reference("localhost/mine:1")
    _ = try await fixture.builder(podman).build(own)
    #expect(!podman.log.contains { $0.hasPrefix("podman manifest") })
    #expect(podman.log.contains { $0.contains("BASE_IMAGE=localhost/mine:1") })
  }

  @Test func saysHowToGetABaseWhereNothingIsInstalledToMakeOne() async throws {
    let fixture = try ImageFixture(programs: ["podman"])
    let podman = RecordingImageRunner()
    let error = await #expect(throws: ImageError.self) {
      try await fixture.builder(podman).build(request)
    }
    #expect(error?.summary.contains(ImageFixture.base) == true)
    #expect(error?.cause == "no such host")
    #expect(error?.hint?.contains("mmdebstrap") == true)
    #expect(try fixture.leftovers().isEmpty)
  }

  @Test func aFailedBuildLeavesTheOldImageAndShowsItsLastLines() async throws {
    let fixture = try ImageFixture()
    let podman = RecordingImageRunner { store in
      store.registry = [ImageFixture.base]
      store.images[ImageFixture.name] = old
      store.buildStatus = 125
      store.buildLines = (1...40).map { "line \($0)" } + ["Error: \u{1B}[31mno\u{7}"]
    }
    let error = await #expect(throws: ImageError.self) {
      try await fixture.builder(podman).build(request)
    }
    let lines = try #require(error?.cause).split(separator: "\n")
    #expect(lines.count == 12)
    #expect(lines.last == "Error: [31mno")
    #expect(podman.images == [ImageFixture.name: old])
    #expect(!podman.log.contains { $0.hasPrefix("podman tag") || $0.contains("image rm") })
    #expect(try fixture.leftovers().isEmpty)
  }

  @Test func anImageThatDoesNotStartIsNotNamed() async throws {
    let fixture = try ImageFixture()
    let podman = RecordingImageRunner { store in
      store.registry = [ImageFixture.base]
      store.images[ImageFixture.name] = old
      store.startStatus = 125
    }
    await #expect(throws: ImageError.imageUnusable(lastLines: ["cannot start"])) {
      try await fixture.builder(podman).build(request)
    }
    #expect(podman.images == [ImageFixture.name: old])
  }

  @Test(arguments: ["podman manifest", "podman pull", "podman build", "podman run"])
  func anInterruptedBuildLeavesTheOldImage(at place: String) async throws {
    let fixture = try ImageFixture()
    let podman = RecordingImageRunner { store in
      store.registry = [ImageFixture.base]
      store.images[ImageFixture.name] = old
      store.hangs = place
    }
    let (asked, continuation) = AsyncStream<String>.makeStream()
    podman.asked.withLock { $0 = continuation }
    let (builder, request) = (fixture.builder(podman), request)
    let work = Task { try await builder.build(request) }
    for await line in asked where line.hasPrefix(place) { break }
    work.cancel()
    if place == "podman build" {
      // Nothing stands for the step that is ended first: let the fake end by itself.
      podman.store.withLock { $0.hangs = nil }
    }
    await #expect(throws: ImageError.interrupted) { try await work.value }
    #expect(podman.images == [ImageFixture.name: old])
    #expect(!podman.log.contains { $0.hasPrefix("podman tag") })
    #expect(podman.log.last?.hasPrefix("podman rm") == (place == "podman run"))
    #expect(try fixture.leftovers().isEmpty)
  }

  @Test func runsPodmanWithoutTheVariablesThatPointElsewhere() async throws {
    let fixture = try ImageFixture()
    let podman = EnvironmentRunner()
    await #expect(throws: ImageError.self) {
      try await ImageBuilder(runner: podman, host: fixture.host, now: ImageFixture.now)
        .build(request)
    }
    let seen = podman.environments.withLock { $0 }
    #expect(!seen.isEmpty)
    #expect(seen.allSatisfy { $0["CONTAINER_HOST"] == nil && $0["HOME"] != nil })
  }
}

/// Keeps the environments and fails everything.
private final class EnvironmentRunner: CommandRunner {
  let environments = Mutex<[[String: String]]>([])

  func run(_ command: Command) async throws(CommandError) -> CommandResult {
    environments.withLock { $0.append(command.environment) }
    return CommandResult(status: .exited(1))
  }

  func stream(
    _ command: Command, onLine: @escaping @Sendable (String, OutputStream) -> Void
  ) async throws(CommandError) -> TerminationStatus {
    try await run(command).status
  }
}
