import SystemPackage
import Testing

@testable import AGSLib

@Suite struct MountPolicyTests {
  private func policy(_ fixture: PlanFixture, allowed: [FilePath] = []) -> MountPolicy {
    MountPolicy(
      host: fixture.host, sandbox: fixture.configuration.sandbox,
      baseFile: fixture.configuration.baseFile, containerStorage: ["/srv/graph"], allowed: allowed)
  }

  private func refusal(
    _ fixture: PlanFixture, _ path: FilePath, mode: MountMode = .readWrite,
    allowed: [FilePath] = [], origin: MountOrigin = .addedDirectory
  ) -> MountError? {
    refusal(policy(fixture, allowed: allowed), path, mode: mode, origin: origin)
  }

  private func refusal(
    _ policy: MountPolicy, _ path: FilePath, mode: MountMode = .readWrite,
    origin: MountOrigin = .addedDirectory
  ) -> MountError? {
    do throws(MountError) {
      try policy.check(path, mode: mode, origin: origin)
      return nil
    } catch {
      return error
    }
  }

  @Test func everyProtectedPlaceIsRefusedWithWhatIsAroundAndInsideIt() async throws {
    try await PlanFixture.with { fixture in
      fixture.host.environment["XDG_CONFIG_HOME"] = fixture.root.appending("cfg").string
      let home = fixture.home
      let inHome: [FilePath] = [
        ".ssh", ".local/bin", ".config/systemd", ".config/autostart", ".config/fish",
        ".config/environment.d", ".local/share/containers", ".bashrc", ".bash_profile",
        ".bash_login", ".bash_logout", ".bash_aliases", ".profile", ".zshrc", ".zshenv",
        ".zprofile", ".zlogin", ".zlogout",
      ]
      let places =
        inHome.map { home.pushing($0) } + [
          fixture.root.appending("cfg/systemd"), fixture.root.appending("cfg/autostart"),
          fixture.root.appending("run"), "/srv/graph", "/run/podman", "/run/docker.sock",
          "/run/containerd",
        ]
      let policy = policy(fixture)
      var ancestors: Set<FilePath> = []
      for place in places {
        let error = refusal(policy, place)
        #expect(error?.summary.contains("\(place) is ") == true, "\(place)")
        if !place.starts(with: fixture.root.appending("run")) {
          #expect(error?.hint?.contains("--allow-path \(place)") == true, "\(place)")
        }
        #expect(refusal(policy, place.appending("deep/er")) != nil, "inside \(place)")
        var above = place.removingLastComponent()
        while above.lastComponent != nil, above != home {
          ancestors.insert(above)
          above = above.removingLastComponent()
        }
      }
      for above in ancestors {
        #expect(refusal(policy, above)?.summary.contains("contains") == true, "\(above)")
      }
      #expect(refusal(policy, "/") != nil)
      #expect(refusal(policy, home) != nil)
      #expect(refusal(policy, home.appending("src/project")) == nil)
      #expect(refusal(policy, home.appending(".sshx")) == nil)
      #expect(refusal(policy, fixture.project) == nil)
    }
  }

  @Test func allowedPathGoesThroughAndNothingElse() async throws {
    try await PlanFixture.with { fixture in
      let ssh = fixture.home.appending(".ssh")
      #expect(refusal(fixture, ssh, allowed: [ssh]) == nil)
      #expect(refusal(fixture, ssh.appending("keys"), allowed: [ssh]) != nil)
      #expect(refusal(fixture, ssh, allowed: [fixture.home]) != nil)
    }
  }

  @Test func agsOwnPlacesAreNeverAllowed() async throws {
    try await PlanFixture.with { fixture in
      let sandbox = fixture.configuration.sandbox
      let own = [
        sandbox.stateDirectory, sandbox.cacheDirectory, fixture.host.configurationDirectory,
        fixture.host.runtimeDirectory,
      ]
      let paths =
        own + own.map { $0.appending("x") } + own.map { $0.removingLastComponent() }
        + [fixture.home, "/"]
      let policy = policy(fixture, allowed: paths)
      for path in paths {
        let error = refusal(policy, path)
        #expect(error?.summary.contains("never mounted") == true, "\(path)")
        #expect(error?.hint?.contains("--allow-path") == false, "\(path)")
      }
    }
  }

  /// A flag that would not help is not offered: a home holds ags' own directories.
  @Test func homeAsWorkspaceIsSaidToBeTheHomeWithoutAUselessFlag() async throws {
    try await PlanFixture.with { fixture in
      let error = refusal(fixture, fixture.home, origin: .workspace)
      #expect(error?.summary.contains("is your home directory") == true)
      #expect(error?.hint?.contains("no flag allows it") == true)
      #expect(error?.hint?.contains("--here") == true)
    }
  }

  @Test func readOnlyIsExemptButForEngineSockets() async throws {
    try await PlanFixture.with { fixture in
      let home = fixture.home
      let policy = policy(fixture)
      for path in [home, home.appending(".ssh"), home.appending(".local/state/ags")] {
        #expect(refusal(policy, path, mode: .readOnly) == nil, "\(path)")
      }
      let run = fixture.root.appending("run")
      let engines: [FilePath] = [
        "/run/podman/podman.sock", "/run/podman", "/run", "/", "/run/docker.sock", run,
        run.appending("podman/podman.sock"), run.appending("docker.sock"),
        FilePath("/run/user/\(fixture.host.userID)/podman"),
      ]
      for path in engines {
        #expect(refusal(policy, path, mode: .readOnly) != nil, "\(path)")
      }
    }
  }

  @Test func workspaceThatIsALinkToTheHomeIsRefused() async throws {
    try await PlanFixture.with { fixture in
      let disguise = fixture.root.appending("innocent")
      try link(disguise, to: fixture.home)
      fixture.host.currentDirectory = disguise
      let planned = fixture
      let error = #expect(throws: MountError.self) { try planned.plan() }
      #expect(error?.summary.contains("your home directory") == true)
    }
  }

  @Test func linkInTheRepositoryToTheSSHDirectoryIsRefused() async throws {
    try await PlanFixture.with { fixture in
      try fixture.makeRepository()
      try makeDirectory(fixture.home.appending(".ssh"))
      let disguise = fixture.project.appending("vendor")
      try link(disguise, to: fixture.home.appending(".ssh"))
      fixture.configuration.mounts = [
        ConfiguredMount(host: disguise, container: try ContainerPath("/v"), mode: .readWrite)
      ]
      let mounted = fixture
      let error = #expect(throws: MountError.self) { try mounted.plan() }
      #expect(error?.summary.contains("is a link inside") == true)

      fixture.configuration.mounts = []
      let added = fixture
      #expect(throws: MountError.self) {
        try added.plan(LaunchRequest(agent: "shell", addedDirectories: ["vendor"]))
      }
      fixture.configuration.agentMounts = [
        AgentMount(host: disguise, container: try ContainerPath("/home/dev/.x"))
      ]
      let agents = fixture
      #expect(throws: MountError.self) { try agents.plan() }
    }
  }

  @Test func protectedPlaceBehindALinkIsProtectedWhereItIs() async throws {
    try await PlanFixture.with { fixture in
      let dotfiles = fixture.root.appending("dotfiles")
      try write("", to: dotfiles.appending("bashrc"))
      try link(fixture.home.appending(".bashrc"), to: dotfiles.appending("bashrc"))
      #expect(refusal(fixture, dotfiles) != nil)
      #expect(refusal(fixture, dotfiles.appending("bashrc")) != nil)
    }
  }

  /// The agent would decide what the next start of ags does.
  @Test func filesThatAGSGoesByAreRefusedWhereverTheyAreReached() async throws {
    try await PlanFixture.with { fixture in
      let base = fixture.host.configurationDirectory.appending("config.toml")
      let dot = fixture.root.appending("dot")
      let way = fixture.root.appending("way")
      try write("", to: dot.appending("ags/config.toml"))
      try link(way.appending("config.toml"), to: dot.appending("ags/config.toml"))
      try link(base, to: way.appending("config.toml"))
      fixture.configuration.baseFile = base
      let work = fixture.root.appending("work")
      fixture.configuration.sandbox.containerfile = work.appending("c/Containerfile")
      fixture.configuration.sandbox.gitConfigPath = work.appending("g/gitconfig")
      fixture.configuration.sandbox.authKey = work.appending("a/key")
      fixture.configuration.sandbox.signKey = work.appending("s/key")
      let paths = [
        base, dot, dot.appending("ags"), dot.appending("ags/config.toml"), way,
        work.appending("c"), work.appending("g/gitconfig"), work.appending("a"),
        work.appending("s/key"), work,
      ]
      for path in paths {
        let error = refusal(fixture, path, allowed: paths)
        #expect(error?.summary.contains("never mounted") == true, "\(path)")
        #expect(refusal(fixture, path, mode: .readOnly) == nil, "\(path)")
      }
      #expect(refusal(fixture, work.appending("project")) == nil)

      fixture.host.currentDirectory = dot
      let planned = fixture
      #expect(throws: MountError.self) { try planned.plan() }
    }
  }

  @Test func homesOfOthersAreProtectedLikeYourOwn() async throws {
    try await PlanFixture.with { fixture in
      let other = fixture.root.appending("others/someone")
      try makeDirectory(other.appending(".config/ags"))
      fixture.host.otherHomes = [other]
      let policy = policy(fixture)
      for name in ["", ".ssh", ".bashrc", ".config", ".config/systemd", ".local/bin"] {
        #expect(refusal(policy, other.pushing(FilePath(name))) != nil, "\(name)")
      }
      #expect(refusal(policy, other.appending("src")) == nil)
      #expect(refusal(policy, other.appending(".config/ags"))?.summary.contains("never") == true)
    }
  }

  @Test func socketsAnswerThroughAReadOnlyMountToo() async throws {
    try await PlanFixture.with { fixture in
      let agent = fixture.root.appending("ssh-x/agent.1")
      fixture.host.environment["SSH_AUTH_SOCK"] = agent.string
      let run = fixture.root.appending("run")
      for path in [
        run, run.appending("bus"), run.appending("gnupg"), agent, agent.removingLastComponent(),
        FilePath("/run/user/\(fixture.host.userID)/bus"),
      ] {
        #expect(refusal(fixture, path, mode: .readOnly) != nil, "\(path)")
      }
    }
  }

  @Test func missingPathWithDotsIsCheckedWhereItLeads() async throws {
    try await PlanFixture.with { fixture in
      try makeDirectory(fixture.home.appending(".ssh"))
      fixture.configuration.mounts = [
        ConfiguredMount(
          host: fixture.home.appending("missing/../.ssh"), container: try ContainerPath("/v"),
          mode: .readWrite, create: true)
      ]
      let planned = fixture
      #expect(throws: MountError.self) { try planned.plan() }
    }
  }

  @Test func allowPathIsRelativeToTheCurrentDirectoryAndFollowsLinks() async throws {
    try await PlanFixture.with { fixture in
      let ssh = fixture.home.appending(".ssh")
      try makeDirectory(ssh)
      try link(fixture.project.appending("keys"), to: ssh)
      let plan = try fixture.plan(
        LaunchRequest(
          agent: "shell", addedDirectories: ["../home/.ssh"], allowedPaths: ["./keys"]))
      #expect(plan.mounts.contains { $0.source == ssh && $0.origin == .addedDirectory })
    }
  }
}
