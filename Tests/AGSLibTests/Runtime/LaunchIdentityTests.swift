import AGSTestSupport
import AGSWire
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// Keys and git settings in a plan: 3-run "ssh", "git" and "Mounts" 3.
@Suite struct LaunchIdentityTests {
  /// A fixture whose configuration names two real keys.
  private func withKeys(
    _ body: (inout PlanFixture) async throws -> Void
  ) async throws {
    try await AgentFixture.with { keys in
      let paths = [try await keys.makeKey("auth"), try await keys.makeKey("sign")]
      try await PlanFixture.with { fixture in
        fixture.configuration.sandbox.authKey = paths[0]
        fixture.configuration.sandbox.signKey = paths[1]
        try await body(&fixture)
      }
    }
  }

  private func variables(_ plan: LaunchPlan) -> [String: String] {
    Dictionary(plan.launchEnvironment.map { ($0.name, $0.value) }) { $1 }
  }

  @Test func keysSocketAndSettingsAreMountedReadOnly() async throws {
    try await withKeys { fixture in
      let plan = try fixture.plan()
      let sandbox = fixture.configuration.sandbox
      let expected = [
        GuestPath.gitConfiguration: sandbox.gitConfigPath,
        "/home/dev/.ssh/auth.pub": FilePath("\(sandbox.authKey).pub"),
        "/home/dev/.ssh/sign.pub": FilePath("\(sandbox.signKey).pub"),
      ]
      for (target, source) in expected {
        let mount = try #require(plan.mounts.first { $0.target.description == target })
        #expect(mount.source == source && mount.mode == .readOnly && mount.kind == .file)
      }
      #expect(!plan.mounts.contains { [sandbox.authKey, sandbox.signKey].contains($0.source) })
      #expect(variables(plan)["SSH_AUTH_SOCK"] == "/run/ags/ssh.sock")
      #expect(variables(plan)["GIT_CONFIG_GLOBAL"] == "/home/dev/.config/ags/gitconfig")
      #expect(plan.identity?.gitConfigurationText?.contains("gpgsign = true") == true)
    }
  }

  @Test func lockdownHasNone() async throws {
    try await withKeys { fixture in
      let planner = LaunchPlanner(
        host: fixture.host, configuration: fixture.configuration, podman: fixture.podman,
        shim: fixture.shim)
      let workspace = try Workspace.find(
        from: fixture.project, here: false, userID: fixture.host.userID)
      let paths = SessionPaths(
        sessionID: PlanFixture.session, host: fixture.host, sandbox: fixture.configuration.sandbox)
      for (modes, isThere) in [(Set<RunMode>(), true), ([.lockdown], false)] {
        let identity = try planner.identity(
          for: LaunchRequest(agent: "shell", modes: modes), workspace: workspace, paths: paths)
        #expect((identity != nil) == isThere)
      }
    }
  }

  @Test func missingKeysAreOneWarningThatSaysWhatToType() async throws {
    try await PlanFixture.with { fixture in
      let plan = try fixture.plan()
      let sandbox = fixture.configuration.sandbox
      let warnings = plan.warnings.filter { $0.contains("ssh-keygen") }
      #expect(warnings.count == 1)
      for path in [sandbox.authKey, sandbox.signKey] {
        #expect(warnings[0].contains("-f \(path)"))
      }
      #expect(variables(plan)["SSH_AUTH_SOCK"] == nil)
      #expect(plan.authProxy?.ssh == nil)
      #expect(plan.identity?.gitConfigurationText?.contains("gpgsign") == false)
    }
  }

  @Test func authKeyAloneSignsNothing() async throws {
    try await withKeys { fixture in
      fixture.configuration.sandbox.signKey = fixture.root.appending("none")
      let plan = try fixture.plan()
      #expect(plan.identity?.keys.map(\.role) == [.authentication])
      #expect(plan.identity?.gitConfigurationText?.contains("gpgsign") == false)
      #expect(plan.warnings.contains { $0.contains("no key for signing commits") })
    }
  }

  @Test func oneKeyForBothIsMountedOnce() async throws {
    try await withKeys { fixture in
      fixture.configuration.sandbox.signKey = fixture.configuration.sandbox.authKey
      let plan = try fixture.plan()
      #expect(plan.mounts.filter { $0.target.description.hasSuffix(".pub") }.count == 1)
      #expect(
        plan.identity?.gitConfigurationText?.contains("/home/dev/.ssh/auth.pub") == true)
    }
  }

  @Test func unknownNameIsSaidUnlessTheRepositoryHasIt() async throws {
    try await PlanFixture.with { fixture in
      func hints() throws -> [String] {
        try fixture.plan().warnings.filter { $0.contains("git config --global") }
      }
      #expect(try hints().count == 2)
      try write("[user]\nname = Ada\n", to: fixture.home.appending(".gitconfig"))
      #expect(try hints().count == 1)
      try fixture.makeRepository()
      try write("[user]\nemail = a@example.org\n", to: fixture.project.appending(".git/config"))
      #expect(try hints().isEmpty)
    }
  }

  @Test func usersOwnGitConfigurationIsUsedAsItIs() async throws {
    try await PlanFixture.withOwner { fixture in
      let file = fixture.configuration.sandbox.gitConfigPath
      try write("[user]\nname = mine\n", to: file)
      let plan = try fixture.plan()
      #expect(plan.identity?.gitConfigurationText == nil)
      #expect(plan.mounts.contains { $0.source == file && $0.origin == .gitConfiguration })
      _ = try await fixture.run("cat <&3 >/dev/null")
      #expect(try read(file) == "[user]\nname = mine\n")
    }
  }

  @Test func generatedConfigurationIsThereBeforePodmanStarts() async throws {
    try await PlanFixture.withOwner { fixture in
      try write("[user]\nname = Ada\n", to: fixture.home.appending(".gitconfig"))
      let file = fixture.configuration.sandbox.gitConfigPath
      _ = try await fixture.run("cp \(file) \(fixture.root)/seen; cat <&3 >/dev/null")
      let seen = try read(fixture.root.appending("seen"))
      #expect(seen.hasPrefix(GitConfiguration.mark) && seen.contains("name = \"Ada\""))
    }
  }

  /// The sandbox meets the filter, whoever its user is.
  @Test func rootInSomebodyElsesWorkspaceHasItsKeysThroughTheFilter() async throws {
    guard getuid() == 0 else { return }
    try await withKeys { fixture in
      fixture.host.userID = 0
      #expect(chown(fixture.project.string, 4242, 4242) == 0)
      let plan = try fixture.plan()
      #expect(plan.identity?.keys.count == 2)
      #expect(plan.authProxy?.ssh?.keys.map(\.name) == ["auth_key", "sign_key"])
      #expect(plan.identity?.gitConfiguration.starts(with: plan.paths.state) == true)
    }
  }

  @Test func agentsOwnSocketIsNowhereInside() async throws {
    try await withKeys { fixture in
      let plan = try fixture.plan()
      let rule = try #require(plan.authProxy?.ssh)
      #expect(rule.keys.map(\.blob) == plan.identity?.keys.map(\.identity.blob))
      #expect(!plan.podmanArguments.contains { $0.contains(rule.directory) })
      #expect(variables(plan)["SSH_AUTH_SOCK"] == "/run/ags/ssh.sock")
    }
  }

  /// Git inside refuses a repository of somebody else's.
  @Test func repositoryOfRootsIsDeclaredSafeForThatSessionAlone() async throws {
    guard getuid() == 0 else { return }
    try await PlanFixture.with { fixture in
      try fixture.makeRepository()
      let plan = try fixture.plan()
      #expect(
        plan.identity?.gitConfigurationText?.contains("directory = \"\(fixture.project)\"") == true)
      #expect(
        plan.identity?.gitConfiguration
          == ResolvedPath.ofMissing(plan.paths.state).appending("gitconfig"))
    }
  }

  /// The agent's start fails beside podman's: nothing runs, nothing is left.
  @Test func keyThatCannotBeLoadedEndsTheSessionBeforeTheAgent() async throws {
    try await AgentFixture.with { keys in
      let path = try await keys.makeKey("auth")
      try await PlanFixture.withOwner { fixture in
        fixture.configuration.sandbox.authKey = path
        fixture.configuration.sandbox.cacheDirectory = keys.cache
        fixture.host.environment["PATH"] = "/usr/bin:/bin"
        // Still without a passphrase to look at, but no key any more.
        let text = try read(path)
        try write(text.prefix(120) + "\n-----END OPENSSH PRIVATE KEY-----\n", to: path)
        let plan = try fixture.plan()
        let runtime = try ScriptRuntime(
          "cat <&3 >\(fixture.root)/document; sleep 0.2; exit 125", in: fixture.root)
        let session = fixture.session(plan, runtime: runtime)
        let error = await #expect(throws: SSHError.self) { try await session.run() }
        #expect(error?.summary == "the key \(path) was not loaded")
        #expect(try read(fixture.root.appending("document")) == "")
        #expect(runtime.removedContainers == [plan.containerName])
        #expect(fixture.isClean)
      }
    }
  }
}
