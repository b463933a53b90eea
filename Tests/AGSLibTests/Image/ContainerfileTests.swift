import AGSLib
import FoundationEssentials
import Glibc
import Synchronization
import SystemPackage
import Testing

@Suite struct ContainerfileTests {
  @Test func theUsersContainerfileIsBuiltInPlaceOfTheEmbeddedOne() async throws {
    let fixture = try ImageFixture()
    let path = fixture.directory.appending("Containerfile")
    write("ARG BASE_IMAGE=\"localhost/mine:1\"\nFROM ${BASE_IMAGE}\nRUN true\n", to: path.string)
    let podman = RecordingImageRunner { $0.images["localhost/mine:1"] = "c" }
    let image = try await fixture.builder(podman).build(
      ImageBuildRequest(imageName: ImageFixture.name, containerfile: path))
    #expect(podman.store.withLock { $0.containerfile }.contains("RUN true"))
    #expect(!podman.log.contains { $0.contains("--target") })
    #expect(image.contents.stage == "custom")
  }

  @Test func aContainerfileWithItsOwnBaseIsLeftToPodman() async throws {
    let fixture = try ImageFixture()
    let path = fixture.directory.appending("Containerfile")
    write("FROM docker.io/library/alpine\n", to: path.string)
    let podman = RecordingImageRunner()
    _ = try await fixture.builder(podman).build(
      ImageBuildRequest(imageName: ImageFixture.name, containerfile: path))
    let build = try #require(podman.log.first)
    #expect(build.hasPrefix("podman build"))
    #expect(!build.contains("--pull=never") && !build.contains("BASE_IMAGE"))
  }

  @Test(arguments: [
    ImageBuildRequest(imageName: ImageFixture.name, stage: .full),
    ImageBuildRequest(imageName: ImageFixture.name, base: .offline),
  ])
  func whatAContainerfileHasNoPlaceForIsAnError(_ asked: ImageBuildRequest) async throws {
    let fixture = try ImageFixture()
    let path = fixture.directory.appending("Containerfile")
    write("FROM docker.io/library/alpine\n", to: path.string)
    var request = asked
    request.containerfile = path
    let podman = RecordingImageRunner()
    let error = await #expect(throws: ImageError.self) {
      try await fixture.builder(podman).build(request)
    }
    #expect(error?.summary.hasPrefix("\(path): has no") == true)
    #expect(error?.exitStatus == .usage)
    #expect(podman.log.isEmpty)
  }

  @Test func aMissingContainerfileMeansTheEmbeddedOne() async throws {
    let fixture = try ImageFixture()
    let podman = RecordingImageRunner { $0.registry = [ImageFixture.base] }
    _ = try await fixture.builder(podman).build(
      ImageBuildRequest(
        imageName: ImageFixture.name, containerfile: fixture.directory.appending("none/there"),
        stage: .minimal))
    let embedded = podman.store.withLock { $0.containerfile }
    #expect(embedded.contains("FROM minimal AS core"))
    #expect(podman.log.contains { $0.contains("--target minimal") })
  }

  @Test func theVersionFollowsTheFilesAndNothingElse() throws {
    let fixture = try ImageFixture()
    let path = fixture.directory.appending("Containerfile")
    let embedded = try ImageBuilder.version(containerfile: path)
    #expect(embedded == (try ImageBuilder.version(containerfile: nil)))
    write("FROM x\n", to: path.string)
    let own = try ImageBuilder.version(containerfile: path)
    write("set -g mouse off\n", to: fixture.directory.appending("tmux.conf").string)
    let configured = try ImageBuilder.version(containerfile: path)
    #expect(Set([embedded, own, configured]).count == 3)
  }

  @Test func labelsSayWhatIsInsideAndAreReadBack() throws {
    let contents = ImageContents(tools: ["tmux", "bash"], version: "0123", stage: "core")
    let labels = Dictionary(uniqueKeysWithValues: contents.labels.map { ($0.name, $0.value) })
    #expect(labels["io.ags.contents"] == "bash,tmux")
    #expect(ImageContents(labels: labels) == contents)
    #expect(ImageContents(labels: ["io.buildah.version": "1"]) == nil)
  }

  @Test func aDirectoryThatAKilledBuildLeftIsSweptByTheNext() async throws {
    let fixture = try ImageFixture()
    let stale = fixture.temporary.appending("ags-image-Killed")
    let foreign = fixture.temporary.appending("ags-imagery")
    for path in [stale, foreign] {
      mkdir(path.string, 0o711)
      var times = [timeval(), timeval()]
      utimes(path.string, &times)
    }
    // The directories are this process's own, whoever runs the tests.
    var host = fixture.host
    host.userID = getuid()
    let podman = RecordingImageRunner { $0.registry = [ImageFixture.base] }
    _ = try await ImageBuilder(runner: podman, host: host, now: ImageFixture.now).build(
      ImageBuildRequest(imageName: ImageFixture.name))
    #expect(try fixture.leftovers() == ["ags-imagery"])
  }
}
