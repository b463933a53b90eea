import AGSTestSupport
import FoundationEssentials
import SystemPackage
import Testing

@testable import AGSLib

@Suite struct InstallContainerTests {
  private func container(_ network: NetworkChoice?) throws -> InstallContainer {
    InstallContainer(
      name: "ags-install-0000000a", image: "localhost/x:latest",
      mounts: [
        Mount(
          source: "/c/agents/x/0000000a",
          target: try ContainerPath("/opt/ags/agents/x/0000000a"),
          mode: network == nil ? .readOnly : .readWrite, origin: .agentInstallations)
      ],
      network: network, userMapping: .keepID, limits: ["core": 1], pidsLimit: 4096,
      timeLimit: .seconds(60), environment: ["HOME=/tmp", "LANG=C.UTF-8"],
      input: network == nil ? [] : [10], command: ["sh", "-s", "x"])
  }

  @Test func containerThatInstallsIsOneExactCommandLine() throws {
    #expect(
      try container(.slirp4netns).podmanArguments == [
        "run", "--rm", "--pull=never", "--http-proxy=false", "--name=ags-install-0000000a",
        "--log-driver=none", "--label=io.ags.install=1", "--timeout=60", "--interactive",
        "--userns=keep-id:uid=1000,gid=1000", "--user=1000:1000", "--cap-drop=all",
        "--security-opt=no-new-privileges", "--security-opt=label=disable", "--read-only",
        "--ulimit=core=1:1", "--pids-limit=4096",
        "--network=slirp4netns:allow_host_loopback=false", "--mount",
        "type=bind,src=/c/agents/x/0000000a,dst=/opt/ags/agents/x/0000000a",
        "--env=HOME=/tmp", "--env=LANG=C.UTF-8", "--workdir=/", "--entrypoint=sh",
        "localhost/x:latest", "-s", "x",
      ])
  }

  @Test func containerThatChecksHasNoNetworkAndNothingToWrite() throws {
    let arguments = try container(nil).podmanArguments
    #expect(arguments.contains("--network=none") && arguments.contains("--read-only"))
    let mounts = arguments.filter { $0.hasPrefix("type=bind") }
    #expect(mounts.count == 1 && mounts[0].hasSuffix(",ro=true"))
  }

  @Test func reportTakesItsOwnLinesAndNothingElse() {
    var report = InstallReport()
    #expect(report.take("progress 1 4") == .progress(0.25))
    for line in ["", "version", "progress x 4", "progress 1 0", "progress 1", "hello there"] {
      #expect(report.take(line) == nil)
    }
    #expect(report.take("progress 9 4") == .progress(1))
    #expect(report.take("doing un\u{7}packing") == .doing(#"un\u{7}packing"#))
    #expect(report.version == nil && report.failure == nil)
    _ = report.take("failed no \u{1B}[2Jway\u{202E}")
    #expect(report.failure == #"no \u{1B}[2Jway\u{202E}"#)
    _ = report.take("version " + String(repeating: "9", count: 5000))
    #expect(report.version?.count == 100)
  }

  @Test func reasonIsTheLastLineWithAnything() {
    #expect(InstallReport.lastLine(Array("a\nb\u{7}\n \n".utf8)) == #"b\u{7}"#)
    #expect(InstallReport.lastLine([]) == nil)
  }

  @Test func versionIsTheFirstLineWithAnything() {
    #expect(InstallReport.firstLine(Array("\n  \n2.1 (X)\u{7}\r\nmore".utf8)) == #"2.1 (X)\u{7}"#)
    #expect(InstallReport.firstLine(Array(" \n\n".utf8)) == nil)
  }
}
