import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

@Suite struct MountPointTests {
  /// An agent's home with a mount configured at `plugins/mine` in it.
  private func with(
    _ body: (_ outer: FilePath, _ prepare: () throws -> Void) throws -> Void,
    kind: MountKind = .directory, outerMode: MountMode = .readWrite
  ) async throws {
    try await withTemporaryDirectory { root in
      let outer = root.appending("home")
      let inner = root.appending("inner")
      try makeDirectory(outer)
      try makeDirectory(inner)
      let mounts = [
        Mount(
          source: inner, target: try ContainerPath("/home/dev/.claude/plugins/mine"),
          mode: .readWrite, kind: kind, origin: .addedDirectory),
        Mount(
          source: outer, target: try ContainerPath("/home/dev/.claude"), mode: outerMode,
          origin: .agentHome(agent: "claude")),
      ]
      try body(outer) {
        for place in MountPoint.all(in: mounts, owner: nil) { try place.make() }
      }
    }
  }

  @Test func missingPlaceIsMadeInTheOuterSource() async throws {
    try await with { outer, prepare in
      try prepare()
      try prepare()
      #expect(ResolvedPath(outer.appending("plugins/mine"))?.kind == .directory)
    }
  }

  @Test func missingFileIsMadeToo() async throws {
    try await with(
      { outer, prepare in
        try prepare()
        #expect(ResolvedPath(outer.appending("plugins/mine"))?.kind == .file)
      }, kind: .file)
  }

  @Test(arguments: ["plugins", "plugins/mine"], [MountKind.directory, .file])
  func linkOnTheWayIsRefusedAndNotFollowed(at place: String, kind: MountKind) async throws {
    try await with(
      { outer, prepare in
        let target = outer.removingLastComponent().appending("target")
        try makeDirectory(target)
        let planted = outer.appending(place)
        try makeDirectory(planted.removingLastComponent())
        try link(planted, to: target)
        let error = #expect(throws: MountError.self) { try prepare() }
        #expect(error?.summary.contains(planted.string) == true)
        #expect(ResolvedPath(target.appending("mine")) == nil)
      }, kind: kind)
  }

  @Test func fileInThePlaceOfADirectoryIsRefused() async throws {
    try await with { outer, prepare in
      try write("", to: outer.appending("plugins"))
      #expect(throws: MountError.self) { try prepare() }
    }
  }

  @Test func nothingIsMadeInAReadOnlyMount() async throws {
    try await with(
      { outer, prepare in
        let error = #expect(throws: MountError.self) { try prepare() }
        #expect(error?.summary.contains("read-only") == true)
        try makeDirectory(outer.appending("plugins"))
        try makeDirectory(outer.appending("plugins/mine"))
        try prepare()
      }, outerMode: .readOnly)
  }
}

@Suite struct WritableRootsTests {
  private func with(_ body: (_ root: FilePath, _ writable: WritableRoots) throws -> Void)
    async throws
  {
    try await withTemporaryDirectory { root in
      for name in ["work", "elsewhere"] { try makeDirectory(root.appending(name)) }
      try body(root, WritableRoots([root.appending("work")]))
    }
  }

  @Test func linkOutsideOfWhatTheAgentWritesIsTheUsersAndFollowed() async throws {
    try await with { root, writable in
      try link(root.appending("mine"), to: root.appending("elsewhere"))
      let found = try writable.resolve(root.appending("mine/x"), for: .addedDirectory)
      #expect(found == root.appending("elsewhere/x"))
    }
  }

  @Test func linkInsideIsRefused() async throws {
    try await with { root, writable in
      try link(root.appending("work/data"), to: root.appending("elsewhere"))
      for path in ["work/data", "work/data/below", "elsewhere/../work/data"] {
        #expect(throws: MountError.self) {
          try writable.resolve(root.appending(path), for: .addedDirectory)
        }
      }
    }
  }

  @Test func whatLeavesItsConfinementIsRefused() async throws {
    try await with { root, writable in
      #expect(throws: MountError.self) {
        try writable.resolve(
          root.appending("work/../elsewhere"), for: .addedDirectory,
          confinedTo: root.appending("work"))
      }
    }
  }

  @Test func agentDecidesWhatLiesInItsRootsHoweverItIsReached() async throws {
    try await with { root, writable in
      try write("", to: root.appending("work/tool"))
      try link(root.appending("elsewhere/tool"), to: root.appending("work/tool"))
      try link(root.appending("work/back"), to: root.appending("elsewhere"))
      #expect(writable.decides(root.appending("work/tool")) != nil)
      #expect(writable.decides(root.appending("elsewhere/tool")) != nil)
      #expect(writable.decides(root.appending("work/back/other")) != nil)
      #expect(writable.decides(root.appending("elsewhere/other")) == nil)
    }
  }
}

@Suite struct HostProgramTests {
  @Test func secretsCommandInTheWorkspaceIsRefused() async throws {
    try await PlanFixture.with { fixture in
      let tool = fixture.project.appending("get.sh")
      try write("", to: tool)
      for words in [[tool.string], ["/bin/sh", tool.string]] {
        fixture.configuration.secrets = [
          SecretDeclaration(env: try EnvironmentName("X"), sources: [.command(words)])
        ]
        let planned = fixture
        let error = #expect(throws: LaunchError.self) { try planned.plan() }
        #expect(error?.summary.contains(tool.string) == true)
      }
    }
  }

  @Test func whatAnAgentCanWriteIsTakenOutOfThePath() async throws {
    try await PlanFixture.with { fixture in
      let inside = fixture.project.appending(".venv/bin")
      let linked = fixture.root.appending("linked")
      let mounted = fixture.root.appending("mounted")
      for directory in [inside, mounted] { try makeDirectory(directory) }
      try link(linked, to: inside)
      fixture.configuration.mounts = [
        ConfiguredMount(host: mounted, container: try ContainerPath("/m"), mode: .readWrite)
      ]
      fixture.host.environment["PATH"] =
        "\(inside):bin:\(linked):\(mounted)/x::/usr/bin:\(fixture.root)/bin"
      let trusted = fixture.host.withTrustedSearchPath(fixture.configuration)
      #expect(trusted.environment["PATH"] == "/usr/bin:\(fixture.root)/bin")
      #expect(ChildEnvironment.podman(trusted)["PATH"] == trusted.environment["PATH"])
      fixture.host.currentDirectory = fixture.root.appending("elsewhere")
      try makeDirectory(fixture.host.currentDirectory)
      let away = fixture.host.withTrustedSearchPath(Configuration(home: fixture.home))
      #expect(away.searchPath.contains(inside))
    }
  }

  @Test func homeAsCurrentDirectoryKeepsTheUsersOwnPrograms() async throws {
    try await PlanFixture.with { fixture in
      let own = fixture.home.appending(".local/bin")
      try makeDirectory(own)
      fixture.host.environment["PATH"] = "\(own):/usr/bin"
      fixture.host.currentDirectory = fixture.home
      let trusted = fixture.host.withTrustedSearchPath(fixture.configuration)
      #expect(trusted.searchPath == [own, "/usr/bin"])
    }
  }

  @Test func pathInAnAddedDirectoryIsRefused() async throws {
    try await PlanFixture.with { fixture in
      let added = fixture.root.appending("added")
      try makeDirectory(added)
      fixture.host.environment["PATH"] = "\(added):/usr/bin"
      let planned = fixture
      let error = #expect(throws: LaunchError.self) {
        try planned.plan(LaunchRequest(agent: "shell", addedDirectories: [added]))
      }
      #expect(error?.hint == "take that directory out of PATH")
    }
  }

  @Test func podmanInTheWorkspaceIsRefused() async throws {
    try await PlanFixture.with { fixture in
      let planner = LaunchPlanner(
        host: fixture.host, configuration: fixture.configuration, podman: fixture.podman,
        runtimeProgram: fixture.project.appending("podman"), shim: fixture.shim)
      #expect(throws: LaunchError.self) {
        try planner.plan(LaunchRequest(agent: "shell"), sessionID: PlanFixture.session)
      }
    }
  }
}
