import AGSWire
import Testing

@testable import AGSLib

@Suite struct CheckedURLTests {
  @Test(arguments: [
    ("https://example.org", "https://example.org/"),
    ("HTTPS://Example.ORG:443/A?b=C#D", "https://example.org/A?b=C#D"),
    ("http://localhost:80", "http://localhost/"),
    ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
    ("http://[0:0::0:1]:8080", "http://[::1]:8080/"),
    ("http://[::FFFF:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
    ("http://[1:0:0:2:0:0:0:3]/", "http://[1:0:0:2::3]/"),
    ("http://[1:2:3:4:5:6:0:8]/", "http://[1:2:3:4:5:6:0:8]/"),
    ("https://example.org?q=1", "https://example.org/?q=1"),
    ("https://example.org#f", "https://example.org/#f"),
    ("https://example.org/a/../b/./c", "https://example.org/b/c"),
    ("https://example.org/a/%2e%2E/b/%2e", "https://example.org/b/"),
    ("https://example.org/../../x/..", "https://example.org/"),
    ("https://example.org/é?ü=ö#ß", "https://example.org/%C3%A9?%C3%BC=%C3%B6#%C3%9F"),
    ("https://example.org/\"'`$<>{}|^", "https://example.org/%22%27%60%24%3C%3E%7B%7D%7C%5E"),
    ("https://example.org/a?b=[1]&c=a+b#x#y", "https://example.org/a?b=[1]&c=a+b#x#y"),
    ("https://example.org/\u{202e}gpj.exe", "https://example.org/%E2%80%AEgpj.exe"),
    ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
    ("https://Bücher.example/", "https://xn--bcher-kva.example/"),
    // Composed and decomposed are one name.
    ("https://mu\u{308}nchen.example/", "https://xn--mnchen-3ya.example/"),
    ("https://pаypal.com/", "https://xn--pypal-4ve.com/"),
    ("https://straße.example", "https://xn--strae-oqa.example/"),
    ("https://\u{212a}elvin.example/", "https://kelvin.example/"),
    ("https://例え.テスト/", "https://xn--r8jz45g.xn--zckzah/"),
    ("https://r3---sn-x.example/", "https://r3---sn-x.example/"),
    ("https://a_b.example/", "https://a_b.example/"),
  ])
  func isBroughtIntoTheOneSpelling(text: String, expected: String) throws {
    let url = try CheckedURL(text)
    #expect(url.text == expected)
    #expect(try CheckedURL(url.text) == url)
  }

  @Test(arguments: [
    "", "x", "example.org", "//example.org/", "https:", "https:/example.org", "https:example.org",
    "https:///example.org", "https://", "https://?x", "https://#x", "https://:443/",
    "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "ftp://example.org/",
    "view-source:https://example.org", "blob:https://example.org/1", "HTTPSS://example.org",
    " https://example.org", "https://example.org ", "https://example.org/a b", "\thttps://a.b/",
    "https://exa\nmple.org/", "https://example.org/\r\nx", "https://example.org/\u{0}",
    "https://example.org/\u{7f}", "https://example.org/\u{9b}1m", "--help", "\u{feff}https://a.b/",
    "https://user@example.org/", "https://user:pw@example.org/", "https://@example.org/",
    "https://example.org:pw@evil.example/", "https://example.org\\@evil.example/",
    "https:\\\\example.org/", "https://example.org\\", "https://example.org/a\\b",
    "https://example.org%2f@evil.example/", "https://ex%61mple.org/", "https://example.org%00/",
    "https://example.org:/", "https://example.org:0/", "https://example.org:65536/",
    "https://example.org:+80/", "https://example.org:080/", "https://example.org:8a/",
    "https://example.org:80:80/", "https://example.org:１/", "https://example.org:-1",
    "http://0x7f000001/", "http://2130706433/", "http://0177.0.0.1/", "http://127.1/",
    "http://127.0.0.1./", "http://127.0.0.01/", "http://256.0.0.1/", "http://1.2.3.4.5/",
    "http://0x7f.1/", "http://a.0x/", "http://a.1/", "http://127.0.0.１/", "http://①.example/",
    "http://[::1/", "http://::1/", "http://[::1]x/", "http://[::1%25eth0]/", "http://[127.0.0.1]/",
    "http://[]/", "http://[::1]:/", "http://x[::1]/", "http://[::1][::1]/", "http://[v1.a]/",
    "https://.example.org/", "https://example..org/", "https://example.org./", "https://./",
    "https://-a.example/", "https://a-.example/", "https://exa mple.org/", "https://a,b/",
    "https://a!b/", "https://*.example.org/", "https://a\u{200d}b.example/",
    "https://a\u{ad}b.example/", "https://example\u{3002}org/", "https://ｅxample.org/",
    "https://exam\u{202e}ple.org/", "https://\u{301}a.example/", "https://ﬁ.example/",
    "https://a\u{2044}b.example/", "https://xn--ü.example/", "https://xn--google-.example/",
    "https://xn--/", "https://xn--0.example/", "https://❤.example/", "https://ſ.example/",
    "https://a\u{3164}.example/", "https://example.org\u{ff0f}a/", "https://ex℀mple.org/",
    "https://example.org/%", "https://example.org/%4", "https://example.org/?%g1",
  ])
  func whatABrowserMayReadOtherwiseIsRefused(text: String) {
    let fault = #expect(throws: ChannelFault.self, "\(text)") { try CheckedURL(text) }
    #expect(fault?.code == .invalidURL)
    #expect(fault.map { isVisibleASCII($0.message) } == true)
  }

  @Test func lengthIsLimitedBeforeAndAfterEncoding() throws {
    let head = "https://example.org/"
    let longest = head + String(repeating: "a", count: 8192 - head.utf8.count)
    #expect(try CheckedURL(longest).text == longest)
    for text in [longest + "a", head + String(repeating: "é", count: 2000)] {
      let fault = #expect(throws: ChannelFault.self) { try CheckedURL(text) }
      #expect(fault?.code == .tooLarge)
    }
    let label = String(repeating: "a", count: 63)
    #expect(try CheckedURL("https://\(label).org").host == "\(label).org")
    #expect(throws: ChannelFault.self) { try CheckedURL("https://\(label)a.org") }
    #expect(throws: ChannelFault.self) {
      try CheckedURL("https://" + Array(repeating: label, count: 4).joined(separator: "."))
    }
  }

  @Test func partsAreGiven() throws {
    let url = try CheckedURL("http://LocalHost:1455/a%20b/c?x=1+2&y=%C3%A9&&z&x=3&=4#frag")
    #expect(url.scheme == .http && url.host == "localhost" && url.port == 1455)
    #expect(url.path == "/a%20b/c" && url.fragment == "frag" && url.isLoopback)
    #expect(url.page == "/a%20b/c?x=1+2&y=%C3%A9&&z&x=3&=4#frag")
    #expect(url.auditText == "http://localhost:1455/a%20b/c")
    let items = url.queryItems.map {
      [String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)]
    }
    #expect(items == [["x", "1 2"], ["y", "é"], ["z", ""], ["x", "3"], ["", "4"]])
    #expect(url.queryItems.only("y") == Array("é".utf8))
    #expect(url.queryItems.only("x") == nil)
    for text in ["https://example.org", "http://localhost.example", "http://127.0.0.2"] {
      #expect(try !CheckedURL(text).isLoopback)
    }
    #expect(try CheckedURL("http://[::1]/").isLoopback)
  }

  /// Whatever is taken is in its one spelling, visible, short, and reads again as itself.
  @Test(arguments: 1...8)
  func mutatedURLsAreNormalOrRefused(seed: Int) throws {
    var generator = SeededNumbers(seed: seed)
    let seeds = [
      "https://user@example.org:443/a/../b?redirect_uri=http%3A%2F%2Flocalhost%3A1455%2Fcb&state=s",
      "http://[::1]:8080/%2e%2e/x#y", "http://127.0.0.1/", "https://xn--bcher-kva.bücher.例え/",
    ]
    let pieces = [
      "/", "\\", "@", ":", "?", "#", "%", "%2e", "..", ".", "[", "]", "::", "xn--", "0x", "1",
      "é", "\u{202e}", "\u{0}", " ", "-", "&", "=", "ü", "\u{308}", "ß", "１", "\u{10ffff}", "//",
    ]
    for _ in 0..<3000 {
      var text = Array((seeds.randomElement(using: &generator) ?? "").unicodeScalars)
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let start = Int.random(in: 0...text.count, using: &generator)
        let end = min(text.count, start + Int.random(in: 0...6, using: &generator))
        let piece = pieces.randomElement(using: &generator) ?? ""
        text.replaceSubrange(start..<end, with: piece.unicodeScalars)
      }
      var mutated = ""
      mutated.unicodeScalars.append(contentsOf: text)
      // Refused is as good.
      guard let url = try? CheckedURL(mutated) else { continue }
      #expect(isVisibleASCII(url.text) && url.text.utf8.count <= 8192, "\(mutated)")
      #expect(try CheckedURL(url.text) == url, "\(mutated)")
      #expect(!url.host.isEmpty && url.text.hasPrefix("\(url.scheme.rawValue)://\(url.host)"))
      _ = CallbackTarget(of: url)
    }
  }

  private func isVisibleASCII(_ text: String) -> Bool {
    text.utf8.allSatisfy { (0x20..<0x7f).contains($0) }
  }
}
