import Testing

@testable import AGSLib

@Suite struct RequestHeadTests {
  private func head(_ text: String) -> RequestHead? { RequestHead(Array(text.utf8)) }

  @Test func whatABrowserSendsIsRead() throws {
    let found = try #require(
      head("GET /a/b?c=d?e HTTP/1.1\r\nX: y\r\nhOsT: \t LocalHost:1455 \r\nEmpty:\r\n\r\n"))
    #expect(found.path == Array("/a/b".utf8) && found.query == Array("c=d?e".utf8))
    #expect(found.host == "localhost:1455")
    #expect(try #require(head("POST / HTTP/1.0\r\nHost:x\r\n\r\n")).query.isEmpty)
  }

  @Test(arguments: [
    "", "\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost: a\n\r\n",
    "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
    "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "GET / http/1.1\r\nHost: a\r\n\r\n",
    "GET /\r\nHost: a\r\n\r\n", "GET http://localhost/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "CONNECT localhost:1 HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /é HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", "GET /\u{1} HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", "GET / HTTP/1.1\r\n: a\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\u{0}\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: \r\r\n\r\n", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\r\nx", "GET / HTTP/1.1\r\nHost: a\r\n",
    "AVERYLONGMETHODNAMETHATNOBODYKNOWS / HTTP/1.1\r\nHost: a\r\n\r\n",
  ])
  func whatTwoServersCouldReadDifferentlyIsRefused(text: String) {
    #expect(head(text) == nil)
  }

  @Test func onlyLoopbackNamesAreLocal() throws {
    func isLocal(_ host: String) throws -> Bool {
      try #require(head("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")).isLocal(port: 1455)
    }
    for host in ["localhost:1455", "LOCALHOST", "127.0.0.1:1455", "127.0.0.1", "[::1]:1455"] {
      #expect(try isLocal(host), "\(host)")
    }
    for host in [
      "", "evil.example", "evil.example:1455", "localhost:1456", "localhost:01455", "localhost:",
      "localhost.evil.example:1455", "127.0.0.1.evil.example", "::1", "0.0.0.0:1455",
      "localhost@evil", "localhost, evil", "127.1:1455",
    ] {
      #expect(try !isLocal(host), "\(host)")
    }
  }

  @Test func headsAreFoundHoweverTheyArePieced() {
    let head = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    let whole = head + Array("body\r\n\r\n".utf8)
    for size in 1...whole.count {
      var buffer = HeadBuffer()
      var found: Int?
      for start in stride(from: 0, to: whole.count, by: size) where found == nil {
        found = buffer.append(whole[start..<min(start + size, whole.count)])
      }
      #expect(found == head.count, "\(size)")
      #expect(whole.starts(with: buffer.bytes))
    }
  }

  /// Whatever the bytes are, they are a head with one plain target and one host, or none.
  @Test(arguments: 1...8)
  func mutatedHeadsAreReadOrRefused(seed: Int) {
    var generator = SeededNumbers(seed: seed)
    let seeds = [
      "GET /auth/callback?code=1&state=2 HTTP/1.1\r\nHost: localhost:1455\r\nA: b\r\n\r\n",
      "POST / HTTP/1.0\r\nHost: [::1]\r\nContent-Length: 3\r\n\r\n",
    ]
    let pieces: [[UInt8]] = [
      [0], [0x0A], [0x0D], [0x0D, 0x0A], [0x0D, 0x0A, 0x0D, 0x0A], [0x20], [0x09], [0x3A], [0xFF],
      [0xC3], [0x3F], [0x23], [0x2F], Array("Host: x".utf8), Array("HTTP/1.1".utf8), [0x7F],
    ]
    for _ in 0..<4000 {
      var bytes = Array((seeds.randomElement(using: &generator) ?? "").utf8)
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let start = Int.random(in: 0...bytes.count, using: &generator)
        let end = min(bytes.count, start + Int.random(in: 0...5, using: &generator))
        bytes.replaceSubrange(
          start..<end, with: pieces.randomElement(using: &generator) ?? [])
      }
      guard let head = RequestHead(bytes) else { continue }
      #expect(head.path.first == UInt8(ascii: "/"))
      #expect((head.path + head.query).allSatisfy { (0x21..<0x7f).contains($0) && $0 != 0x23 })
      #expect(bytes.suffix(4) == [0x0D, 0x0A, 0x0D, 0x0A])
      let hosts = String(decoding: bytes, as: UTF8.self).lowercased().utf8
        .split(separator: 0x0A).count { $0.starts(with: "host:".utf8) }
      #expect(hosts == 1)
    }
  }
}
