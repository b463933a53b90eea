import SystemPackage
import Testing

@testable import AGSLib

@Test func everySandboxKeyIsRead() throws {
  try ConfigurationFixture.with { fixture in
    let sandbox = try fixture.base(
      """
      [sandbox]
      image = "example.org/image:1"
      containerfile = "~/C"
      cache_dir = "$DATA/cache"
      state_dir = "${DATA}/state/"
      gitconfig_path = "/g"
      auth_key = "/k/../a"
      sign_key = "/s"
      bootstrap_files = ["x.json"]
      container_boot_dirs = ["/home/dev/x/", "/y"]
      passthrough_env = ["A", "_B2"]
      caches = "none"
      homes = "project"
      home = "image"
      memory = "512M"
      cpus = 1.5
      pids_limit = 100
      """
    ).sandbox
    var expected = SandboxSection(home: fixture.home)
    expected.image = "example.org/image:1"
    expected.containerfile = fixture.home.appending("C")
    expected.cacheDirectory = "/srv/data/cache"
    expected.stateDirectory = "/srv/data/state"
    expected.gitConfigPath = "/g"
    expected.authKey = "/a"
    expected.signKey = "/s"
    expected.bootstrapFiles = ["x.json"]
    expected.containerBootDirectories = try ["/home/dev/x", "/y"].map { try ContainerPath($0) }
    expected.passthroughEnvironment = try ["A", "_B2"].map { try EnvironmentName($0) }
    expected.caches = .none
    expected.homes = .project
    expected.home = .image
    expected.memory = try MemorySize("512m")
    expected.cpus = try CPULimit("1.5")
    expected.pidsLimit = 100
    #expect(sandbox == expected)
    #expect(sandbox.memory?.bytes == 512 << 20)
    #expect(sandbox.memory?.text == "512m")
  }
}

@Test func mountsAndToolsAreRead() throws {
  try ConfigurationFixture.with { fixture in
    let configuration = try fixture.base(
      """
      [[agent_mount]]
      host = "~/.claude.json"
      container = "/home/dev/.claude.json"
      kind = "file"

      [[mount]]
      host = "~"
      container = "/m"
      mode = "rw"
      kind = "file"
      when = "browser"
      create = true
      optional = true
      source = "label"

      [[tool]]
      name = "dcg"
      path = "~/dcg"
      container_path = "/usr/bin/dcg"
      mode = "rw"
      when = "browser"
      optional = true
      [[tool.directory]]
      host = "/d"
      container = "/d"
      mode = "ro"
      [[tool.secret]]
      env = "KEY"
      from_env = "KEY"
      """)
    let file = fixture.baseFile
    func origin(_ line: Int) -> ConfigurationOrigin {
      ConfigurationOrigin(file: file, line: line, layer: .base)
    }
    #expect(
      configuration.agentMounts == [
        AgentMount(
          host: fixture.home.appending(".claude.json"),
          container: try ContainerPath("/home/dev/.claude.json"), kind: .file,
          origin: origin(1))
      ])
    #expect(
      configuration.mounts == [
        ConfiguredMount(
          host: fixture.home, container: try ContainerPath("/m"), mode: .readWrite,
          kind: .file, when: .browser, create: true, optional: true, label: "label",
          origin: origin(6))
      ])
    let key = try EnvironmentName("KEY")
    #expect(
      configuration.tools == [
        Tool(
          name: "dcg", path: fixture.home.appending("dcg"),
          containerPath: try ContainerPath("/usr/bin/dcg"), mode: .readWrite, when: .browser,
          optional: true,
          directories: [
            ConfiguredMount(
              host: "/d", container: try ContainerPath("/d"), mode: .readOnly,
              origin: origin(23))
          ],
          secrets: [
            SecretDeclaration(env: key, sources: [.environment(key)], origin: origin(27))
          ],
          origin: origin(16))
      ])
    #expect(configuration.allSecrets.map(\.env) == [key])
  }
}

@Test func secretsKeepTheOrderOfTheirSources() throws {
  try ConfigurationFixture.with { fixture in
    let secrets = try fixture.base(
      """
      [[secret]]
      env = "A"
      command = ["~/bin/get", "~/x", ""]
      from_env = "B"
      [secret.secret_store]
      service = "s"
      [[secret]]
      env = "A"
      provider = "env"
      var = "C"
      [[secret]]
      env = "D"
      provider = "secret-tool"
      attributes = { service = "s", key = "k" }
      """
    ).secrets
    #expect(
      secrets.map(\.sources) == [
        [
          .command(["\(fixture.home)/bin/get", "~/x", ""]),
          .environment(try EnvironmentName("B")), .secretStore(["service": "s"]),
        ],
        [.environment(try EnvironmentName("C"))],
        [.secretStore(["service": "s", "key": "k"])],
      ])
    #expect(secrets.map(\.env.text) == ["A", "A", "D"])
  }
}

@Test func agentsAndForwardsAreRead() throws {
  try ConfigurationFixture.with { fixture in
    let configuration = try fixture.base(
      """
      [[agent]]
      name = "mine"
      command = ["~/run", "$X"]
      defaults = ["--yes", ""]
      prompt_flag = "--prompt"
      guard = "claude"
      homes = ["/home/dev/.mine"]
      npm = "@scope/mine@1.2"
      [[forward]]
      port = 8080
      host_port = 80
      when = "browser"
      [[forward]]
      port = 5432
      """)
    var agent = try #require(configuration.agents.first)
    agent.origin = nil
    #expect(
      agent
        == AgentDeclaration(
          name: "mine", command: ["~/run", "$X"], defaults: ["--yes", ""],
          promptFlag: "--prompt", guardKind: .claude,
          homes: [try ContainerPath("/home/dev/.mine")], npm: "@scope/mine@1.2"))
    #expect(configuration.forwards.map(\.port) == [8080, 5432])
    #expect(configuration.forwards.map(\.hostPort) == [80, 5432])
    #expect(configuration.forwards.map(\.when) == [.browser, .always])
  }
}

@Test func hostSectionsAreRead() throws {
  try ConfigurationFixture.with { fixture in
    let configuration = try fixture.base(
      """
      [auth_proxy]
      auto_allow_domains = ["Login.Example.org", "*.example.org"]
      [browser]
      enabled = true
      command = "chromium"
      profile_dir = "~/profile"
      debug_port = 9333
      pi_skill_path = "/home/dev/skill"
      command_args = ["--x", ""]
      [host_ui]
      enabled = true
      renderer_bin = "~/render"
      overlays = true
      idle_timeout_ms = 1500
      log_level = "debug"
      binary = "/opt/ui"
      [clipboard]
      enabled = false
      mode = "off"
      max_bytes = 10
      approval_required = false
      approval_seconds = 60
      approve_writes = true
      [git]
      mode = "direct"
      [desktop_passthrough]
      wayland = true
      [psp]
      binary = "~/psp"
      [update]
      pi_spec = "@mariozechner/pi-coding-agent@0.5"
      minimum_release_age = 2
      """)
    #expect(
      configuration.authProxy.autoAllowDomains.map(\.description)
        == ["login.example.org", "*.example.org"])
    var browser = BrowserSection()
    browser.enabled = true
    browser.command = .name("chromium")
    browser.profileDirectory = fixture.home.appending("profile")
    browser.debugPort = 9333
    browser.piSkillPath = try ContainerPath("/home/dev/skill")
    browser.commandArguments = ["--x", ""]
    #expect(configuration.browser == browser)
    var hostUI = HostUISection()
    hostUI.enabled = true
    hostUI.rendererCommand = HostCommand(program: .path(fixture.home.appending("render")))
    hostUI.overlays = true
    hostUI.idleTimeout = .milliseconds(1500)
    hostUI.logLevel = .debug
    hostUI.binary = .path("/opt/ui")
    #expect(configuration.hostUI == hostUI)
    var clipboard = ClipboardSection()
    clipboard.enabled = false
    clipboard.mode = .off
    clipboard.maxBytes = 10
    clipboard.approvalRequired = false
    clipboard.approvalDuration = .seconds(60)
    clipboard.approveWrites = true
    #expect(configuration.clipboard == clipboard)
    #expect(configuration.git.mode == .direct)
    #expect(configuration.desktopPassthrough.wayland)
    #expect(configuration.psp.binary == .path(fixture.home.appending("psp")))
    #expect(configuration.update.piSpec == "@earendil-works/pi-coding-agent@0.5")
    #expect(configuration.update.minimumReleaseAge == .seconds(120))
  }
}

@Test func rendererCommandKeepsItsArguments() throws {
  try ConfigurationFixture.with { fixture in
    let hostUI = try fixture.base(
      "[host_ui]\nrenderer = \"stub\"\nrenderer_command = [\"glimpse\", \"~\", \"\"]\n"
    ).hostUI
    #expect(hostUI.renderer == .stub)
    #expect(
      hostUI.rendererCommand
        == HostCommand(program: .name("glimpse"), arguments: ["~", ""]))
  }
}

@Test func hostPatternsCoverExactlyWhatTheySay() throws {
  let exact = try HostPattern("example.org")
  let below = try HostPattern("*.example.org")
  #expect(exact.matches("EXAMPLE.org") && !exact.matches("a.example.org"))
  #expect(below.matches("a.b.example.org") && !below.matches("example.org"))
  #expect(!below.matches("badexample.org"))
}
