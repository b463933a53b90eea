import SystemPackage
import Testing

@testable import AGSLib

@Suite struct HostChecksTests {
  private let tools = ProgramCheck(
    isRoot: false,
    programs: [
      "newuidmap": .init(path: "/usr/bin/newuidmap", isPrivileged: true),
      "newgidmap": .init(path: "/usr/bin/newgidmap", isPrivileged: true),
      "git": .init(path: "/usr/bin/git", isPrivileged: false),
      "mmdebstrap": .init(path: "/usr/bin/mmdebstrap", isPrivileged: false),
    ])
  private let rootless = RootlessCheck(
    userName: "anna", userID: 1000, subuid: "ben:100000:65536\nanna:165536:65536\n",
    subgid: "anna:165536:65536\n", maximumUserNamespaces: 1000)

  @Test func completeHostIsFine() {
    let runtime = RuntimeDirectoryCheck(
      userID: 1000, configured: "/run/user/1000", place: .directory(owner: 1000, mode: 0o700))
    let findings = tools.findings + rootless.findings + runtime.findings
    #expect(findings.allSatisfy { $0.status == .ok && $0.hint == nil })
    #expect(findings.count == 8)
  }

  @Test func missingIDMapperFails() throws {
    var check = tools
    check.programs["newuidmap"] = nil
    try expect(
      check.findings, "program.newuidmap", .fail, "not installed",
      hint: "apt-get install uidmap")
  }

  @Test func idMapperWithoutPrivilegeFails() throws {
    var check = tools
    check.programs["newgidmap"] = .init(path: "/usr/bin/newgidmap", isPrivileged: false)
    try expect(
      check.findings, "program.newgidmap", .fail, "neither setuid root",
      hint: "chmod u+s /usr/bin/newgidmap")
  }

  @Test func rootNeedsNoIDMappers() {
    let check = ProgramCheck(isRoot: true, programs: [:])
    #expect(check.findings.map(\.id) == ["program.git", "program.mmdebstrap"])
  }

  @Test func missingGitAndMmdebstrapOnlyWarn() throws {
    let check = ProgramCheck(isRoot: true, programs: [:])
    try expect(check.findings, "program.git", .warn, "git is not installed", hint: "git")
    try expect(
      check.findings, "program.mmdebstrap", .warn, "without a registry", hint: "mmdebstrap")
  }

  @Test func userWithoutRangeFails() throws {
    var check = rootless
    check.subuid = "ben:100000:65536\n"
    // Above every range of both files.
    try expect(
      check.findings, "rootless.subuid", .fail, "anna has no line in /etc/subuid",
      hint: "usermod --add-subuids 524288-589823 anna")
    try expect(check.findings, "rootless.subgid", .ok, "65536")
  }

  @Test func missingFileOfRangesFails() throws {
    var check = rootless
    check.subgid = nil
    try expect(
      check.findings, "rootless.subgid", .fail, "no line in /etc/subgid",
      hint: "--add-subgids")
  }

  @Test func rangeThatIsTooShortFails() throws {
    var check = rootless
    check.subuid = "anna:100000:1000\n"
    try expect(check.findings, "rootless.subuid", .fail, "1000 ids", hint: "usermod")
  }

  @Test func rangesOfOneUserAddUpAndMayNameTheID() throws {
    var check = rootless
    check.subuid = "anna:100000:32768\n1000:200000:32768\nbroken\nanna:x:9\n"
    try expect(check.findings, "rootless.subuid", .ok, "65536 ids")
  }

  @Test func kernelWithoutUserNamespacesFails() throws {
    var check = rootless
    check.maximumUserNamespaces = 0
    try expect(
      check.findings, "kernel.user-namespaces", .fail, "max_user_namespaces is 0",
      hint: "sysctl user.max_user_namespaces")
    check.maximumUserNamespaces = nil
    try expect(check.findings, "kernel.user-namespaces", .fail, "no user namespaces")
  }

  @Test func kernelThatKeepsNamespacesToRootFails() throws {
    var check = rootless
    check.unprivilegedClone = 0
    try expect(
      check.findings, "kernel.user-namespaces", .fail, "unprivileged_userns_clone is 0",
      hint: "sysctl kernel.unprivileged_userns_clone=1")
  }

  @Test(arguments: [
    (RuntimeDirectoryCheck.Place.missing, "is not there"),
    (.notDirectory, "not a real directory"),
    (.directory(owner: 0, mode: 0o700), "belongs to uid 0"),
    (.directory(owner: 1000, mode: 0o777), "other users can write"),
  ])
  func unusableRuntimeDirectoryFails(
    place: RuntimeDirectoryCheck.Place, words: String
  ) throws {
    let check = RuntimeDirectoryCheck(
      userID: 1000, configured: "/run/user/1000", place: place)
    try expect(check.findings, "runtime-directory", .fail, words, hint: "install -d -m 700")
  }

  @Test func runtimeDirectoryInTmpWarns() throws {
    let check = RuntimeDirectoryCheck(userID: 1000, configured: nil, place: .missing)
    try expect(check.findings, "runtime-directory", .warn, "/tmp/ags-1000", hint: "linger")
  }

  @Test func foreignDirectoryInTmpFails() throws {
    let check = RuntimeDirectoryCheck(
      userID: 1000, configured: nil, place: .directory(owner: 1001, mode: 0o700))
    try expect(check.findings, "runtime-directory", .fail, "uid 1001", hint: "XDG_RUNTIME_DIR")
  }
}
