import SystemPackage
import Testing

@testable import AGSLib

/// The third value of 3-run, word by word.
@Suite struct PodmanArgumentsTests {
  private let path =
    "/opt/ags/bin:/home/dev/.local/bin:/opt/ags/agents/bin:/usr/local/sbin:/usr/local/bin:"
    + "/usr/sbin:/usr/bin:/sbin:/bin:/home/dev/.cargo/bin:/home/dev/go/bin"

  /// Everything but the mounts, in its place.
  private func expected(
    _ fixture: PlanFixture, slug: String, users: [String], limits: [String], mounts: [String],
    terminal: Bool = false
  ) -> [String] {
    let head = [
      "run", "--rm", "--pull=never", "--http-proxy=false", "--preserve-fds=2",
      "--name=ags-\(slug)-0123abcd", "--interactive",
      "--conmon-pidfile=\(fixture.root)/run/ags/0123abcd/host/conmon.pid",
    ]
    let labels = [
      "--detach-keys=", "--log-driver=none", "--label=io.ags.agent=shell",
      "--label=io.ags.session=0123abcd", "--label=io.ags.workspace=\(fixture.project)",
    ]
    let security = [
      "--user=1000:1000", "--cap-drop=all", "--security-opt=no-new-privileges",
      "--security-opt=label=disable", "--ulimit=core=1:1",
    ]
    let tail = [
      "--env=HOME=/home/dev", "--env=PATH=\(path)", "--env=LANG=C.UTF-8",
      "--env=AGS_SANDBOX=1", "--env=AGS_SESSION_ID=0123abcd", "--workdir=/",
      "--entrypoint=/opt/ags/bin/ags-shim", "localhost/agent-sandbox:latest", "init",
    ]
    return head + (terminal ? ["--tty"] : []) + labels + users + security + limits
      + ["--network=slirp4netns:allow_host_loopback=false", "--tz=local"]
      + mounts.flatMap { ["--mount", $0] } + tail
  }

  private func mounts(
    _ fixture: PlanFixture, workspace: FilePath, homes place: String = "homes",
    gitConfiguration: FilePath? = nil
  ) -> [String] {
    let homes = fixture.home.appending(".local/state/ags").pushing(FilePath(place))
    let state = fixture.home.appending(".local/state/ags")
    let caches = fixture.home.appending(".cache/ags/caches")
      .appending(String(Digest.sha256(Array(workspace.string.utf8)).prefix(16)))
    func bind(_ source: FilePath, _ target: String) -> String {
      "type=bind,src=\(source),dst=\(target)"
    }
    return [
      bind(workspace, workspace.string),
      bind(state.appending("sessions/0123abcd/home"), "/home/dev"),
      bind(
        gitConfiguration ?? fixture.home.appending(".config/ags/gitconfig-agent"),
        "/home/dev/.config/ags/gitconfig") + ",ro=true",
      bind(caches.appending("cargo"), "/home/dev/.cargo"),
      bind(caches.appending("go"), "/home/dev/go"),
      bind(caches.appending("go-build"), "/home/dev/.cache/go-build"),
      bind(caches.appending("npm"), "/home/dev/.npm"),
      bind(caches.appending("pip"), "/home/dev/.cache/pip"),
      bind(caches.appending("sccache"), "/home/dev/.cache/sccache"),
      bind(fixture.home.appending(".cache/ags/agents"), "/opt/ags/agents") + ",ro=true",
      bind(homes.appending("pi/.pi"), "/home/dev/.pi"),
      bind(homes.appending("claude/.claude"), "/home/dev/.claude"),
      bind(homes.appending("claude/.claude.json"), "/home/dev/.claude.json"),
      bind(homes.appending("codex/.codex"), "/home/dev/.codex"),
      bind(homes.appending("gemini/.gemini"), "/home/dev/.gemini"),
      bind(
        homes.appending("opencode/.config-opencode"), "/home/dev/.config/opencode"),
      bind(
        homes.appending("opencode/.local-share-opencode"),
        "/home/dev/.local/share/opencode"),
      bind(
        homes.appending("opencode/.local-state-opencode"),
        "/home/dev/.local/state/opencode"),
      bind(fixture.shim.directory.appending("bin"), "/opt/ags/bin") + ",ro=true",
      bind(fixture.shim.directory.appending("share"), "/opt/ags/share") + ",ro=true",
      bind(fixture.shim.directory.pushing("etc/claude-code"), "/etc/claude-code") + ",ro=true",
      bind(fixture.shim.directory.pushing("etc/codex"), "/etc/codex") + ",ro=true",
      bind(fixture.shim.directory.appending("empty"), "/home/dev/.codex/.env") + ",ro=true",
      bind(fixture.root.appending("run/ags/0123abcd/sandbox"), "/run/ags") + ",ro=true",
    ]
  }

  private func slug(_ fixture: PlanFixture) -> String {
    "\(fixture.root.lastComponent!)-project".lowercased().replacing(".", with: "-")
  }

  @Test func plainRepositoryIsOneExactCommandLine() async throws {
    try await PlanFixture.with { fixture in
      try fixture.makeRepository()
      fixture.giveProjectToUser()
      let plan = try fixture.plan()
      #expect(
        plan.podmanArguments
          == expected(
            fixture, slug: slug(fixture), users: ["--userns=keep-id:uid=1000,gid=1000"],
            limits: ["--pids-limit=4096"],
            mounts: mounts(fixture, workspace: fixture.project)))
      #expect(plan.workspace.workingDirectory == fixture.project)
      #expect(plan.commands == [["bash"], ["sh"]])
      #expect(plan.otherWarnings.isEmpty && plan.git == .quarantined)
    }
  }

  @Test func directoryWithoutRepositoryIsMountedAlone() async throws {
    try await PlanFixture.with { fixture in
      let plan = try fixture.plan(
        LaunchRequest(agent: "shell", agentArguments: ["-c", "id; exit 7"]))
      #expect(
        plan.podmanArguments
          == expected(
            fixture, slug: slug(fixture), users: ["--userns=keep-id:uid=1000,gid=1000"],
            limits: ["--pids-limit=4096"],
            mounts: mounts(fixture, workspace: fixture.project)))
      #expect(plan.workspace.repository == nil)
      #expect(plan.commands == [["bash", "-c", "id; exit 7"], ["sh", "-c", "id; exit 7"]])
      #expect(plan.otherWarnings.isEmpty)
    }
  }

  @Test func subdirectoryMountsTheWholeRepositoryAndStartsBelow() async throws {
    try await PlanFixture.with { fixture in
      try fixture.makeRepository()
      let below = fixture.project.appending("a/b")
      try makeDirectory(below)
      fixture.host.currentDirectory = below
      let plan = try fixture.plan()
      #expect(plan.workspace.root == fixture.project)
      #expect(plan.workspace.workingDirectory == below)
      #expect(plan.mounts[0].source == fixture.project)
      #expect(!plan.podmanArguments.contains { $0.contains("\(below)") })
    }
  }

  @Test func hereMountsOnlyThatDirectoryWithoutGit() async throws {
    try await PlanFixture.with { fixture in
      try fixture.makeRepository()
      let below = fixture.project.appending("sub")
      try makeDirectory(below)
      fixture.host.currentDirectory = below
      let plan = try fixture.plan(LaunchRequest(agent: "shell", modes: [.here]))
      #expect(plan.workspace.repository == nil)
      #expect(plan.podmanArguments.contains("type=bind,src=\(below),dst=\(below)"))
      #expect(!plan.mounts.contains { $0.source == fixture.project })
      #expect(plan.otherWarnings.isEmpty)
    }
  }

  @Test func rootMapsTheWorkspacesOwnerAndClampsLimits() async throws {
    try await PlanFixture.with { fixture in
      fixture.host.userID = 0
      fixture.host.hardLimits = ["nproc": 30000, "nofile": 4096]
      fixture.subordinateRanges = "anna:100000:65536\nben:600000:65536\nbroken\nx:y:z\n"
      let plan = try fixture.plan()
      let owner = plan.userMapping
      guard case .owner(let uid, let gid, let base) = owner else {
        Issue.record("not mapped to the owner: \(owner)")
        return
      }
      #expect(base == 665_536)
      #expect(
        plan.podmanArguments
          == expected(
            fixture, slug: slug(fixture),
            users: [
              "--uidmap=0:665536:1000", "--uidmap=1000:\(uid):1", "--uidmap=1001:666536:64535",
              "--gidmap=0:665536:1000", "--gidmap=1000:\(gid):1", "--gidmap=1001:666536:64535",
            ],
            limits: [
              "--ulimit=nofile=4096:4096", "--ulimit=nproc=30000:30000", "--pids-limit=4096",
            ],
            mounts: mounts(
              fixture, workspace: fixture.project, homes: "homes/uid-\(uid)",
              gitConfiguration: plan.identity?.gitConfiguration)))
      #expect(plan.otherWarnings.count == 1 && plan.otherWarnings[0].hasPrefix("running as root"))
      #expect(plan.otherWarnings[0].contains("uid \(uid)"))
    }
  }

  @Test func terminalNeedsBothEnds() async throws {
    try await PlanFixture.with { fixture in
      for (input, output) in [(false, false), (true, false), (false, true), (true, true)] {
        fixture.host.standardInputIsTerminal = input
        fixture.host.standardOutputIsTerminal = output
        let arguments = try fixture.plan().podmanArguments
        #expect(arguments.contains("--tty") == (input && output))
        #expect(arguments.contains("--interactive"))
        if input && output {
          #expect(
            arguments
              == expected(
                fixture, slug: slug(fixture), users: ["--userns=keep-id:uid=1000,gid=1000"],
                limits: ["--pids-limit=4096"],
                mounts: mounts(fixture, workspace: fixture.project), terminal: true))
        }
      }
    }
  }

  @Test func limitsAreAppliedWhereTheirControllerIsDelegated() async throws {
    try await PlanFixture.with { fixture in
      fixture.configuration.sandbox.memory = try MemorySize("4G")
      fixture.configuration.sandbox.cpus = try CPULimit("1.5")
      fixture.configuration.sandbox.pidsLimit = 99
      func limits(_ plan: LaunchPlan) -> [String] {
        plan.podmanArguments.filter {
          $0.hasPrefix("--memory") || $0.hasPrefix("--cpus") || $0.hasPrefix("--pids-limit")
        }
      }
      let whole = try fixture.plan()
      #expect(limits(whole) == ["--pids-limit=99", "--memory=4g", "--cpus=1.5"])
      #expect(whole.otherWarnings.isEmpty)

      fixture.podman.cgroupControllers = ["memory"]
      let some = try fixture.plan()
      #expect(limits(some) == ["--memory=4g"])
      #expect(
        some.otherWarnings.count == 1 && some.otherWarnings[0].contains("limits of cpu, pids"))

      fixture.podman.cgroupControllers = []
      #expect(limits(try fixture.plan()).isEmpty)
    }
  }

  @Test func timeZoneIsLeftOutWhereTheHostHasNone() async throws {
    try await PlanFixture.with { fixture in
      let plan = try LaunchPlanner(
        host: fixture.host, configuration: fixture.configuration, podman: fixture.podman,
        shim: fixture.shim, hasLocalTime: false
      ).plan(LaunchRequest(agent: "shell"), sessionID: "00000000")
      #expect(!plan.podmanArguments.contains { $0.hasPrefix("--tz") })
    }
  }
}
