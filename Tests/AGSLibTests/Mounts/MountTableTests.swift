import Glibc
import SystemPackage
import Testing

@testable import AGSLib

@Suite struct MountTableTests {
  private func mount(
    _ source: FilePath, _ target: String, _ origin: MountOrigin = .workspace
  ) throws -> Mount {
    Mount(source: source, target: try ContainerPath(target), mode: .readWrite, origin: origin)
  }

  @Test func conflictNamesBothSources() throws {
    var table = MountTable()
    let file = FilePath("/c/config.toml")
    try table.add(
      mount(
        "/a", "/data",
        .configured(label: "one", ConfigurationOrigin(file: file, line: 3, layer: .base))
      ))
    let second = try mount("/b", "/data/", .tool("gh", nil))
    let error = #expect(throws: MountError.self) { try table.add(second) }
    let summary = try #require(error?.summary)
    #expect(summary.contains("\"one\"") && summary.contains("tool \"gh\""))
    #expect(summary.contains("/data") && summary.contains("config.toml"))
    #expect(table.mounts.count == 1)
  }

  @Test(arguments: ["/opt/ags", "/run/ags", "/proc", "/sys", "/dev", "/etc"])
  func reservedPlacesAndWhatIsBelowThemAreRefused(place: String) throws {
    for target in [place, "\(place)/x/y", "\(place)/"] {
      var table = MountTable()
      let mount = try mount("/a", target, .configured(label: nil, nil))
      let error = #expect(throws: MountError.self) { try table.add(mount) }
      #expect(error?.summary.contains(place) == true)
    }
    var table = MountTable()
    try table.add(mount("/a", place + "-not"))
  }

  /// With a parent of its own the agent could move `/opt/ags` away (6-security 13).
  @Test(arguments: ["/", "/opt", "/run"])
  func placesAboveReservedOnesAreRefused(target: String) throws {
    var table = MountTable()
    let mount = try mount("/a", target, .configured(label: nil, nil))
    #expect(throws: MountError.self) { try table.add(mount) }
    #expect(table.mounts.isEmpty)
  }

  @Test func agsOwnMountsGoToReservedPlaces() throws {
    var table = MountTable()
    try table.add(mount("/a", "/opt/ags/bin", .shim))
    try table.add(mount("/b", "/run/ags", .sessionChannels))
    try table.add(mount("/d", "/etc/claude-code", .guardSettings))
    #expect(table.mounts.count == 3)
    let again = try mount("/c", "/run/ags", .sessionChannels)
    #expect(throws: MountError.self) { try table.add(again) }
  }

  @Test func agentMountReplacesThatAgentsHome() async throws {
    try await PlanFixture.with { fixture in
      let own = fixture.home.appending("my-claude")
      try makeDirectory(own)
      fixture.configuration.agentMounts = [
        AgentMount(host: own, container: try ContainerPath("/home/dev/.claude"))
      ]
      let plan = try fixture.plan()
      let there = plan.mounts.filter { $0.target.description == "/home/dev/.claude" }
      #expect(there.map(\.source) == [own])
      #expect(plan.mounts.contains { $0.target.description == "/home/dev/.claude.json" })
    }
  }

  @Test func agentMountElsewhereStillConflicts() async throws {
    try await PlanFixture.with { fixture in
      let own = fixture.home.appending("x")
      try makeDirectory(own)
      fixture.configuration.agentMounts = [
        AgentMount(host: own, container: try ContainerPath("/home/dev/.cargo"))
      ]
      let planned = fixture
      let error = #expect(throws: MountError.self) { try planned.plan() }
      #expect(error?.summary.contains("[[agent_mount]] and the cargo cache") == true)
    }
  }

  @Test func addedDirectoryTwiceOrTheWorkspaceItselfIsAConflict() async throws {
    try await PlanFixture.with { fixture in
      let planned = fixture
      for directories: [FilePath] in [["."], ["../home/x", "../home/x"]] {
        try makeDirectory(fixture.home.appending("x"))
        let error = #expect(throws: MountError.self) {
          try planned.plan(LaunchRequest(agent: "shell", addedDirectories: directories))
        }
        #expect(error?.summary.contains("--add-dir and") == true)
      }
    }
  }

  @Test func missingSourcesAreErrorsMadeOrLeftOut() async throws {
    try await PlanFixture.with { fixture in
      let missing = fixture.root.appending("data/missing")
      var mount = ConfiguredMount(
        host: missing, container: try ContainerPath("/data"), mode: .readOnly, label: "d")
      fixture.configuration.mounts = [mount]
      let required = fixture
      let error = #expect(throws: MountError.self) { try required.plan() }
      #expect(error?.summary.contains("\(missing)") == true)

      mount.optional = true
      fixture.configuration.mounts = [mount]
      let plan = try fixture.plan()
      #expect(plan.skippedMounts.count == 1 && plan.skippedMounts[0].contains("\(missing)"))
      #expect(!plan.mounts.contains { $0.target.description == "/data" })

      mount.create = true
      fixture.configuration.mounts = [mount]
      let made = try fixture.plan().mounts.first { $0.target.description == "/data" }
      #expect(made?.createsSource == true && made?.source == missing)
      #expect(!exists(missing))
    }
  }

  @Test func kindsMustMatch() async throws {
    try await PlanFixture.with { fixture in
      let file = fixture.root.appending("f")
      try write("x", to: file)
      fixture.configuration.mounts = [
        ConfiguredMount(host: file, container: try ContainerPath("/data"), mode: .readOnly)
      ]
      let planned = fixture
      let error = #expect(throws: MountError.self) { try planned.plan() }
      #expect(error?.summary.contains("is not a directory") == true)
      #expect(error?.hint == "set kind = \"file\"")
    }
  }
}

@Suite struct SourceIdentityTests {
  @Test func linkPutOnTheWayIsNotFollowed() async throws {
    try await PlanFixture.with { fixture in
      let source = fixture.project.appending("a/b")
      try makeDirectory(source)
      let before = try SourceIdentity(source, kind: .directory)
      #expect(before.isDirectory)

      // An agent of another session swaps the parent for a link to the same name elsewhere.
      let victim = fixture.root.appending("victim")
      try makeDirectory(victim.appending("b"))
      #expect(
        rename(fixture.project.appending("a").string, fixture.root.appending("x").string) == 0)
      try link(fixture.project.appending("a"), to: victim)
      #expect(throws: MountError.self) { try SourceIdentity(source, kind: .directory) }
      #expect(throws: MountError.self) {
        try SourceIdentity(fixture.project.appending("a"), kind: .directory)
      }
    }
  }

  @Test func otherKindsAreRefused() async throws {
    try await PlanFixture.with { fixture in
      let file = fixture.root.appending("f")
      try write("x", to: file)
      #expect(throws: MountError.self) { try SourceIdentity(file, kind: .directory) }
      #expect(throws: MountError.self) { try SourceIdentity(fixture.root, kind: .file) }
      #expect(throws: MountError.self) { try SourceIdentity("/nowhere/at/all", kind: .file) }
      #expect(!(try SourceIdentity(file, kind: .file).isDirectory))
    }
  }
}
