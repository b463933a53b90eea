import AGSLib
import Synchronization
import Testing

@Suite struct ImageBuildEventTests {
  private func events(of lines: [String]) async throws -> [ImageBuildEvent] {
    let fixture = try ImageFixture()
    let podman = RecordingImageRunner { store in
      store.registry = [ImageFixture.base]
      store.buildLines = lines
    }
    let seen = Mutex<[ImageBuildEvent]>([])
    _ = try await fixture.builder(podman).build(
      ImageBuildRequest(imageName: ImageFixture.name)
    ) { event in seen.withLock { $0.append(event) } }
    return seen.withLock { $0 }
  }

  @Test func stepsCarryTheirPlaceInTheWhole() async throws {
    let events = try await events(of: ["[2/2] STEP 3/10: RUN   apt-get update", "STEP 1/4: FROM x"])
    let steps = events.compactMap { event -> ImageBuildStep? in
      if case .step(let step) = event { step } else { nil }
    }
    #expect(steps.map(\.instruction) == ["RUN apt-get update", "FROM x"])
    #expect(steps.map(\.fraction) == [0.6, 0])
  }

  @Test func linesThatOnlyLookLikeStepsAreLines() async throws {
    let lines = ["STEP 5/0: x", "[2/1] STEP 1/1: x", "STEP a/b: c", "[x", "STEP"]
    let events = try await events(of: lines)
    #expect(lines.allSatisfy { events.contains(.line($0)) })
  }

  @Test func whatIsLeftOutIsAWarning() async throws {
    let events = try await events(of: ["ags-warning: br is left out"])
    #expect(events.contains(.warning("br is left out")))
  }

  @Test func aBuildCannotMoveTheTerminalsCursor() async throws {
    let events = try await events(of: ["10%\r20%", "a\u{1B}]0;title\u{7}b\u{9B}c"])
    #expect(events.contains(.line("20%")))
    #expect(events.contains(.line("a]0;titlebc")))
  }

  @Test func activitiesComeInOrder() async throws {
    let activities = try await events(of: []).compactMap { event -> ImageBuildActivity? in
      if case .began(let activity) = event { activity } else { nil }
    }
    #expect(activities == [.pullingBase(ImageFixture.base), .building(.core), .checking, .warming])
  }
}
