import SystemPackage
import Testing

@testable import AGSLib

@Suite struct PodmanChecksTests {
  private let facts = PodmanFacts(
    version: "4.3.1", slirp4netns: "/usr/bin/slirp4netns", graphRoot: "/home/anna/storage",
    runRoot: "/run/user/1000/containers")

  private func podman(_ facts: PodmanFacts, isRoot: Bool = false) -> [Finding] {
    PodmanCheck(isRoot: isRoot, report: .success(facts), executable: "/usr/bin/podman").findings
  }

  private func host(
    tun: PodmanHostCheck.Tun = .usable, storageType: UInt32 = 0xEF53, isRoot: Bool = false,
    wantsMemory: Bool = false, change: (inout PodmanFacts) -> Void = { _ in }
  ) -> [Finding] {
    var facts = facts
    change(&facts)
    return PodmanHostCheck(
      facts: facts, isRoot: isRoot, tun: tun, storageType: storageType,
      wantsMemory: wantsMemory, wantsCPUs: false
    ).findings
  }

  @Test func rootlessPodmanIsFine() throws {
    let findings = podman(facts) + host()
    #expect(findings.allSatisfy { $0.status == .ok })
    try expect(findings, "podman", .ok, "podman 4.3.1 (/usr/bin/podman), rootless")
    try expect(findings, "network", .ok, "slirp4netns")
  }

  @Test func missingPodmanFails() throws {
    let error = PodmanError(
      summary: "podman is not installed", hint: "apt-get install podman")
    let findings = PodmanCheck(
      isRoot: false, report: .failure(error), executable: nil
    ).findings
    try expect(findings, "podman", .fail, "not installed", hint: "apt-get install podman")
  }

  @Test(arguments: ["4.2.9", "3.4.4", "nonsense"])
  func oldPodmanFails(version: String) throws {
    var old = facts
    old.version = version
    try expect(podman(old), "podman", .fail, "too old", hint: "Debian 12")
  }

  @Test func remotePodmanFails() throws {
    var remote = facts
    remote.isRemote = true
    try expect(podman(remote), "podman", .fail, "remote client", hint: "full podman")
  }

  @Test func rootIsToldWhatIsMissing() throws {
    try expect(
      podman(facts, isRoot: true), "root", .warn, "no rootless podman", hint: "ordinary user")
  }

  private func rootOverlay(
    kernel: (Int, Int) = (6, 1), isTrue: Bool, isFalse: Bool, isRoot: Bool = true,
    version: String = "4.3.1", driver: String = "overlay"
  ) -> [Finding] {
    let facts = PodmanFacts(
      version: version, graphDriver: driver, runRoot: "/run/containers/storage")
    return RootOverlayCheck(
      isRoot: isRoot, facts: facts, kernel: kernel, remembersMappedMounts: isTrue,
      remembersNone: isFalse
    ).findings
  }

  @Test func rootsMappedOverlayFails() throws {
    try expect(
      rootOverlay(isTrue: true, isFalse: false), "root.overlay", .fail,
      "creating overlay mount",
      hint: "mv /run/containers/storage/overlay/idmapped-lower-dir-true ")
  }

  @Test func rootsUntriedOverlayWarns() throws {
    try expect(
      rootOverlay(isTrue: false, isFalse: false), "root.overlay", .warn, "may fail",
      hint: "touch /run/containers/storage/overlay/idmapped-lower-dir-false")
    try expect(rootOverlay(isTrue: false, isFalse: true), "root.overlay", .ok, "false")
  }

  @Test func rootsOverlayIsFineElsewhere() {
    #expect(rootOverlay(kernel: (5, 18), isTrue: true, isFalse: false).isEmpty)
    #expect(rootOverlay(isTrue: true, isFalse: false, isRoot: false).isEmpty)
    #expect(rootOverlay(isTrue: true, isFalse: false, version: "4.5.0").isEmpty)
    #expect(rootOverlay(isTrue: true, isFalse: false, driver: "vfs").isEmpty)
  }

  @Test func missingNetworkHelperFails() throws {
    try expect(
      host { $0.slirp4netns = "" }, "network", .fail, "no network helper",
      hint: "apt-get install slirp4netns")
    try expect(
      host {
        $0.slirp4netns = ""
        $0.version = "5.4.0"
      }, "network", .fail, "no network helper", hint: "apt-get install passt")
  }

  @Test func oldPodmanWithPastaAloneWarns() throws {
    try expect(
      host {
        $0.slirp4netns = ""
        $0.pasta = "/usr/bin/pasta"
      }, "network", .warn, "cannot reach services of the host", hint: "slirp4netns")
  }

  @Test func unusableTunFails() throws {
    try expect(host(tun: .missing), "network.tun", .fail, "is missing", hint: "modprobe tun")
    try expect(
      host(tun: .refused(reason: "Permission denied")), "network.tun", .fail,
      "Permission denied", hint: "chmod 666 /dev/net/tun")
  }

  @Test func slowStorageWarns() throws {
    try expect(
      host { $0.graphDriver = "vfs" }, "storage.driver", .warn, "vfs",
      hint: "~/.config/containers/storage.conf")
    try expect(
      host(isRoot: true) { $0.graphDriver = "vfs" }, "storage.driver", .warn, "vfs",
      hint: "/etc/containers/storage.conf")
  }

  @Test(arguments: [(0x6969, "NFS"), (0xFF53_4D42, "CIFS"), (0xFE53_4D42, "SMB")])
  func storageOnNetworkDiskWarns(type: UInt32, name: String) throws {
    try expect(
      host(storageType: type), "storage.disk", .warn, "network disk (\(name))",
      hint: "graphroot")
  }

  @Test func crunWithoutUnifiedCgroupsWarns() throws {
    try expect(
      host { $0.cgroupVersion = "v1" }, "cgroups.runtime", .warn, "not unified",
      hint: "runtime = \"runc\"")
    try expect(
      host {
        $0.cgroupVersion = "v1"
        $0.runtimeName = "runc"
      }, "cgroups.runtime", .ok, "runc")
  }

  @Test func limitsThatDoNotApplyAreNamed() throws {
    try expect(
      host(wantsMemory: true) { $0.cgroupControllers = ["pids", "cpu"] }, "cgroups.limits",
      .warn, "limits of memory do not apply", hint: "delegate.conf")
    try expect(
      host {
        $0.cgroupControllers = []
        $0.cgroupVersion = "v1"
      }, "cgroups.limits", .warn, "limits of pids do not apply", hint: "unified")
  }
}
