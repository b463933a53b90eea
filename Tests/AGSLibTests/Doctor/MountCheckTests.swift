import Glibc
import SystemPackage
import Testing

@testable import AGSLib

@Suite struct MountCheckTests {
  /// The findings for a configuration that `change` made, in the fixture's repository.
  private func examine(
    _ fixture: ConfigurationFixture, _ change: (inout Configuration) throws -> Void
  ) throws -> [Finding] {
    var configuration = Configuration(home: fixture.home)
    try change(&configuration)
    let policy = MountPolicy(
      host: fixture.host, sandbox: configuration.sandbox,
      baseFile: nil, containerStorage: [], allowed: [])
    return MountCheck(configuration: configuration, policy: policy, workspace: nil).findings
  }

  /// The findings for one `[[mount]]`.
  private func examine(
    _ fixture: ConfigurationFixture, mounting host: FilePath, at container: String = "/data",
    mode: MountMode = .readOnly, _ change: (inout ConfiguredMount) -> Void = { _ in }
  ) throws -> [Finding] {
    try examine(fixture) { configuration in
      var mount = ConfiguredMount(
        host: host, container: try ContainerPath(container), mode: mode)
      change(&mount)
      configuration.mounts = [mount]
    }
  }

  @Test func homeAsWorkspaceWarns() throws {
    try ConfigurationFixture.with { fixture in
      let policy = MountPolicy(
        host: fixture.host, sandbox: SandboxSection(home: fixture.home), baseFile: nil,
        containerStorage: [],
        allowed: [])
      let findings = MountCheck(
        configuration: Configuration(home: fixture.home), policy: policy,
        workspace: try Workspace.find(from: fixture.home, here: false, userID: getuid())
      ).findings
      try expect(findings, "workspace.policy", .warn, "is your home directory", hint: "cd to")
    }
  }

  @Test func mountsThatAreThereOrMadeAreFine() throws {
    try ConfigurationFixture.with { fixture in
      let findings = try examine(fixture, mounting: fixture.root)
      try expect(findings, "mount:/data", .ok, "is there")
      let new = fixture.home.appending("new")
      try expect(
        try examine(fixture, mounting: new) { $0.create = true }, "mount:/data", .ok,
        "the first run makes")
      try expect(
        try examine(fixture) {
          $0.agentMounts = [AgentMount(host: new, container: try ContainerPath("/a"))]
        }, "mount:/a", .ok, "the first run makes")
      #expect(access(new.string, F_OK) != 0)
    }
  }

  @Test func missingMountsFailOrWarn() throws {
    try ConfigurationFixture.with { fixture in
      let gone = fixture.home.appending("gone")
      try expect(
        try examine(fixture, mounting: gone), "mount:/data", .fail, "is missing",
        hint: "optional = true")
      try expect(
        try examine(fixture, mounting: gone) { $0.optional = true }, "mount:/data", .warn,
        "left out", hint: "remove the section")
      try expect(
        try examine(fixture, mounting: gone) { $0.when = .browser }, "mount:/data", .warn,
        "--browser", hint: "create it")
    }
  }

  @Test func refusedMountsFail() throws {
    try ConfigurationFixture.with { fixture in
      let ssh = fixture.home.appending(".ssh")
      try expect(
        try examine(fixture, mounting: ssh, mode: .readWrite) { $0.create = true },
        "mount:/data", .fail, "is your ssh directory", hint: "--allow-path")
      let own = fixture.host.configurationDirectory
      try expect(
        try examine(fixture, mounting: own, mode: .readWrite), "mount:/data", .fail,
        "ags' configuration", hint: "no flag")
      try expect(
        try examine(fixture, mounting: fixture.root, at: "/etc/x"), "mount:/etc/x", .fail,
        "reserved", hint: "another container path")
    }
  }

  @Test func mountOfAnotherKindFails() throws {
    try ConfigurationFixture.with { fixture in
      try expect(
        try examine(fixture, mounting: fixture.root) { $0.kind = .file }, "mount:/data", .fail,
        "is not a file", hint: "kind = \"dir\"")
    }
  }

  @Test func missingToolsFailOrWarn() throws {
    try ConfigurationFixture.with { fixture in
      let inside = ConfiguredMount(
        host: fixture.root, container: try ContainerPath("/gh"), mode: .readOnly)
      func examine(optional: Bool) throws -> [Finding] {
        try self.examine(fixture) {
          $0.tools = [
            Tool(
              name: "gh", path: fixture.home.appending("bin/gh"),
              containerPath: try ContainerPath("/bin/gh"), optional: optional,
              directories: [inside])
          ]
        }
      }
      let required = try examine(optional: false)
      try expect(required, "tool:/bin/gh", .fail, "is missing", hint: "install it")
      // Without the tool its directories are left out.
      #expect(required.count == 1)
      try expect(
        try examine(optional: true), "tool:/bin/gh", .warn, "left out",
        hint: "remove the section")
    }
  }
}
