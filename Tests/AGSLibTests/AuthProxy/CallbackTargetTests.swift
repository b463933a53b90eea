import Testing

@testable import AGSLib

@Suite struct CallbackTargetTests {
  private func target(_ query: String) throws -> CallbackTarget? {
    CallbackTarget(of: try CheckedURL("https://login.example/authorize?\(query)"))
  }

  @Test func everyNameAndEveryLoopbackHostIsRead() throws {
    for name in ["redirect_uri", "callback_url", "return_url", "redirect_url"] {
      for host in ["localhost", "127.0.0.1", "%5B::1%5D", "LOCALHOST"] {
        let query = "a=b&\(name)=http://\(host):1455/auth/callback&state=s%2B1"
        let found = try #require(try target(query))
        #expect(found.port == 1455 && found.path == "/auth/callback")
        #expect(found.state == Array("s+1".utf8))
      }
    }
    #expect(try target("redirect_uri=http%3A%2F%2Flocalhost%3A1024")?.path == "/")
    #expect(try target("redirect_uri=http%3A%2F%2Flocalhost%3A1024")?.state == nil)
    #expect(
      try target("redirect_uri=https://app.example/cb&return_url=http://localhost:4000/x")?.port
        == 4000)
  }

  @Test(arguments: [
    "", "state=s", "redirect_uri=", "redirect_uri=http://example.org:4000/",
    "redirect_uri=https://localhost:4000/", "redirect_uri=http://localhost:1023/",
    "redirect_uri=http://localhost:22/", "redirect_uri=http://localhost/",
    "redirect_uri=http://localhost:0/", "redirect_uri=http://localhost:99999/",
    "redirect_uri=http://127.0.0.2:4000/", "redirect_uri=http://0.0.0.0:4000/",
    "redirect_uri=http://127.1:4000/", "redirect_uri=http://localhost.example:4000/",
    "redirect_uri=http://a%40localhost:4000/", "redirect_uri=//localhost:4000/",
    "redirect_uri=custom://localhost:4000/", "redirect_uri=http://localhost:4000%00/",
    "redirect_uri=%ff%fe", "Redirect_URI=http://localhost:4000/",
    "redirect_uri=http://localhost:4000/&redirect_uri=http://localhost:4001/",
    "redirect_uri=http://localhost:4000/&state=a&state=b",
  ])
  func anythingElseBindsNothing(query: String) throws {
    #expect(try target(query) == nil)
  }

  @Test func onlyPathAndStateTogetherMatch() throws {
    let found = try #require(try target("redirect_uri=http://localhost:4000/c'b/x&state=a+b"))
    func matches(_ path: String, _ query: String) -> Bool {
      found.matches(path: Array(path.utf8)[...], query: Array(query.utf8)[...])
    }
    #expect(matches("/c'b/x", "code=1&state=a%20b"))
    #expect(matches("/c%27b/./x", "state=a+b&code=1"))
    for (path, query) in [
      ("/c'b/x", "code=1"), ("/c'b/x", "state="), ("/c'b/x", "state=a+c"), ("/", "state=a+b"),
      ("/c'b/x/", "state=a+b"), ("/C'b/x", "state=a+b"), ("/c'b/x", "state=a+b&state=a+b"),
      ("/c'b/x", "state=A+b"), ("/c'b/x", "State=a+b"), ("", "state=a+b"), ("*", "state=a+b"),
      ("http://localhost/c'b/x", "state=a+b"), ("/c'b/x%", "state=a+b"),
    ] {
      #expect(!matches(path, query), "\(path) \(query)")
    }
    // Equal as text, and other bytes.
    let composed = try #require(try target("redirect_uri=http://localhost:4000/&state=%C3%A9"))
    #expect(!composed.matches(path: Array("/".utf8)[...], query: Array("state=e%CC%81".utf8)[...]))
    let bytes = try #require(try target("redirect_uri=http://localhost:4000/&state=%FF"))
    #expect(!bytes.matches(path: Array("/".utf8)[...], query: Array("state=%FE".utf8)[...]))
    #expect(!bytes.matches(path: Array("/".utf8)[...], query: []))
  }
}
