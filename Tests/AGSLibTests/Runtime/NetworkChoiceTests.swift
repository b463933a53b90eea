import SystemPackage
import Testing

@testable import AGSLib

@Suite struct NetworkChoiceTests {
  private func choose(
    _ version: String, slirp: Bool, pasta: Bool
  ) -> (NetworkChoice, warning: String?) {
    NetworkChoice.choose(
      PodmanFacts(
        version: version, slirp4netns: slirp ? "/usr/bin/slirp4netns" : "",
        pasta: pasta ? "/usr/bin/pasta" : ""))
  }

  @Test func pastaIsTakenFromPodman53On() {
    for version in ["5.3.0", "5.3.0-dev", "5.10.1", "6.0.0"] {
      let (network, warning) = choose(version, slirp: true, pasta: true)
      #expect(network == .pasta && warning == nil, "\(version)")
    }
  }

  @Test func olderPodmanTakesSlirp() {
    for version in ["4.3.1", "5.2.9", "4.10.0", "", "5", "garbage"] {
      let (network, warning) = choose(version, slirp: true, pasta: true)
      #expect(network == .slirp4netns && warning == nil, "\(version)")
    }
    #expect(choose("5.3.0", slirp: true, pasta: false).0 == .slirp4netns)
  }

  @Test func oldPodmanWithPastaAloneWarnsThatTheHostIsOutOfReach() {
    let (network, warning) = choose("4.9.0", slirp: false, pasta: true)
    #expect(network == .pasta)
    #expect(warning?.contains("services of the host") == true)
    #expect(warning?.contains("4.9.0") == true)
  }

  @Test func noHelperAtAllWarnsWhatToInstall() {
    let (network, warning) = choose("5.3.0", slirp: false, pasta: false)
    #expect(network == .slirp4netns)
    #expect(warning?.contains("install slirp4netns") == true)
  }

  @Test func hostLoopbackIsClosedInEveryArgument() {
    #expect(NetworkChoice.slirp4netns.argument == "slirp4netns:allow_host_loopback=false")
    #expect(NetworkChoice.pasta.argument == "pasta:--no-map-gw,-t,none,-u,none,-T,none,-U,none")
  }
}

@Suite struct PodmanFactsTests {
  @Test func podmansReportIsRead() throws {
    let report = """
      {"host": {"cgroupVersion": "v2", "cgroupControllers": ["memory"],
        "serviceIsRemote": false, "security": {"rootless": true, "x": 1},
        "slirp4netns": {"executable": "/usr/bin/slirp4netns", "package": "p"},
        "pasta": {"executable": ""}, "ociRuntime": {"name": "crun"}},
       "store": {"graphDriverName": "overlay", "graphRoot": "/g", "runRoot": "/r"},
       "version": {"Version": "4.3.1"}, "plugins": {}}
      """
    let facts = try #require(PodmanFacts(podmanInfo: Array(report.utf8)))
    #expect(facts.version == "4.3.1")
    #expect(facts.isRootless && !facts.isRemote)
    #expect(facts.slirp4netns == "/usr/bin/slirp4netns" && facts.pasta.isEmpty)
    #expect(facts.cgroupControllers == ["memory"])
    #expect(facts.storage == ["/g", "/r"])
  }

  @Test func anythingElseIsNil() {
    for text in ["", "[]", "{}", "Error: no podman", #"{"host": {"security": {}}}"#] {
      #expect(PodmanFacts(podmanInfo: Array(text.utf8)) == nil)
    }
  }

  @Test func relativeStorageIsNoProtectedPlace() {
    #expect(PodmanFacts(version: "5", graphRoot: "", runRoot: "x/y").storage.isEmpty)
  }
}

@Suite struct UserMappingTests {
  @Test func rangeLiesAboveEverySubordinateOne() {
    func base(_ text: String, owner: [UInt32] = [1000, 1000]) -> UInt32 {
      UserMapping.base(subordinateRanges: text, owner: owner)
    }
    #expect(base("") == 524_288)
    #expect(base("a:100000:65536") == 524_288)
    #expect(base("a:500000:65536\nb:100000:65536") == 565_536)
    // Nonsense, and what would leave no room, is passed over.
    #expect(base("a:4294967295:65536\nb:4294900000:1\n:::\na:-1:5\nc:1") == 524_288)
  }

  @Test func ownerInsideTheRangeIsNotMappedTwice() {
    #expect(UserMapping.base(subordinateRanges: "", owner: [524_300, 1000]) == 524_301)
    #expect(UserMapping.base(subordinateRanges: "", owner: [524_301, 524_300]) == 524_302)
    #expect(UserMapping.base(subordinateRanges: "", owner: [600_000, 0]) == 524_288)
  }
}
