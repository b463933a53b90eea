import AGSLib
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@Suite struct ImageReplacementTests {
  private let old = String(repeating: "a", count: 64)

  private func build(
    keepsExisting: Bool = false, _ prepare: (inout RecordingImageRunner.Store) -> Void = { _ in }
  ) async throws -> (BuiltImage, RecordingImageRunner) {
    let fixture = try ImageFixture()
    let podman = RecordingImageRunner { store in
      store.registry = [ImageFixture.base]
      store.images[ImageFixture.name] = old
      prepare(&store)
    }
    let request = ImageBuildRequest(imageName: ImageFixture.name, keepsExisting: keepsExisting)
    return (try await fixture.builder(podman).build(request), podman)
  }

  @Test func removesThePreviousImageAfterTheNewOneHasItsName() async throws {
    let (image, podman) = try await build()
    #expect(image.previous == .removed(id: old))
    let tag = try #require(podman.log.firstIndex { $0.hasPrefix("podman tag") })
    let removal = try #require(podman.log.firstIndex { $0 == "podman image rm \(old)" })
    #expect(tag < removal)
  }

  @Test func keepsThePreviousImageUnderADatedName() async throws {
    let (image, podman) = try await build(keepsExisting: true)
    let dated = "localhost/agent-sandbox:20261123-221500"
    #expect(image.previous == .kept(name: dated))
    #expect(podman.images == [ImageFixture.name: image.id, dated: old])
  }

  @Test func keepsAnImageThatContainersUseAndNamesThem() async throws {
    let (image, podman) = try await build { $0.containers[old] = ["ags-one", "ags-two"] }
    #expect(image.previous == .inUse(id: old, containers: ["ags-one", "ags-two"]))
    #expect(!podman.log.contains { $0.contains("image rm") })
  }

  @Test func keepsAnImageThatHasAnotherName() async throws {
    let (image, podman) = try await build { $0.images["localhost/mine:1"] = old }
    #expect(image.previous == .named(id: old, names: ["localhost/mine:1"]))
    #expect(!podman.log.contains { $0.contains("image rm") })
  }
}
