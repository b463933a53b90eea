import AGSTestSupport
import FoundationEssentials
import SystemPackage
import Testing

@testable import AGSLib

@Suite struct InstallScriptTests {
  @Test func userAndPasswordAreKeptApartFromWhatIsShown() throws {
    let index = try #require(WebAddress("https://us%40er:p%27w@index.example:8443/simple/"))
    #expect("\(index)" == "https://index.example:8443/simple/")
    #expect(index.secretText == "https://us%40er:p%27w@index.example:8443/simple/")
    #expect("\(try #require(WebAddress("http://token@host/")).secretText)" == "http://token:@host/")
  }

  @Test func linkIsFollowedFromItsAddressAndTheLoginStaysAtItsOrigin() throws {
    let index = try #require(WebAddress("https://u:p@index.example/a/simple"))
    let package = try #require(index.appending("made/"))
    #expect(package.secretText == "https://u:p@index.example/a/simple/made/")
    let links = [
      "../../f.whl#sha256=1": "https://u:p@index.example/a/f.whl",
      "/f.whl?x=1": "https://u:p@index.example/f.whl?x=1",
      "https://INDEX.example/f": "https://u:p@INDEX.example/f",
      "http://index.example/f": "http://index.example/f",
      "https://index.example:444/f": "https://index.example:444/f",
      "https://files.example/f": "https://files.example/f",
      "//files.example/f": "https://files.example/f",
      "https://o:q@index.example/f": "https://o:q@index.example/f",
    ]
    for (link, target) in links {
      #expect(package.resolving(link)?.secretText == target, "\(link)")
    }
    for link in [
      "file:///etc/passwd", "ftp://x/y", "data:,x", "javascript:x", "https://", "x\ny", "x y",
      "x\"\noutput=/x", #"x\"#, "{a,b}", "\u{fc}", String(repeating: "x", count: 5000),
    ] { #expect(package.resolving(link) == nil, "\(link)") }
  }

  /// Runs what comes before our script, as the container's shell would.
  private func variables(_ script: InstallScript, _ names: [String]) async throws -> [String] {
    let text = String(decoding: script.input, as: UTF8.self)
    let end = try #require(text.firstRange(of: "#!/bin/sh"))
    let prints = names.map { "printf '%s\\n' \"${\($0)-unset}\"\n" }.joined()
    let result = try await SubprocessRunner().run(
      Command(
        executable: "/bin/sh", environment: [:],
        input: Array((text[..<end.lowerBound] + prints).utf8)))
    return String(decoding: result.standardOutput, as: UTF8.self)
      .split(separator: "\n").map(String.init)
  }

  @Test func addressesReachTheShellAsTheyAreAndNoCommandLine() async throws {
    try await PlanFixture.with { fixture in
      let proxy = "http://p:w'$(id)`id`\\@proxy.example"
      fixture.host.environment.merge([
        "HTTP_PROXY": proxy, "npm_config_registry": "https://r", "OPENAI_API_KEY": "key",
      ]) { $1 }
      let address = try #require(WebAddress("https://user:it'ssecret@index.example/simple"))
      let get = InstallScript.get(
        address, accepting: "a/b", limit: 5, host: fixture.host)
      #expect(get.arguments == ["-s", "get", "a/b", "5"])
      let names = [
        "address", "shown", "http_proxy", "HTTP_PROXY", "npm_config_registry", "OPENAI_API_KEY",
      ]
      #expect(
        try await variables(get, names) == [
          "https://user:it'ssecret@index.example/simple", "https://index.example/simple", proxy,
          proxy, "unset", "unset",
        ])
      let npm = InstallScript.npm(
        package: "x", program: "y", directory: "/d",
        age: ReleaseAge(
          minimum: .seconds(86400), now: Date(timeIntervalSince1970: 1_800_000_000)),
        host: fixture.host)
      #expect(npm.arguments == ["-s", "/d", "2027-01-14T08:00:00Z", "x", "y"])
      #expect(
        try await variables(npm, names) == ["unset", "unset", proxy, proxy, "https://r", "unset"])
    }
  }
}
