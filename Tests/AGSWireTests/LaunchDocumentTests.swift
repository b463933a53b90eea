import AGSWire
import Testing

@Suite struct LaunchDocumentTests {
  static let full = LaunchDocument(
    directories: [.init(path: "/home/dev/.config", mode: 0o755)],
    links: [.init(path: "/home/dev/.local/bin/x", target: "../y")],
    mounts: [
      .init(path: "/srv/é \"q\"\n", device: 41, inode: .max, isDirectory: true),
      .init(path: "/srv/file", device: 0, inode: 7, isDirectory: false),
    ],
    workingDirectory: "/srv/é \"q\"\n/sub", commands: [["bash", "-l"], ["sh"]],
    tmux: .outlivesAgent, dcg: .required, ports: [1, 65535], usesRelay: true,
    environment: [
      .init(name: "TOKEN", value: "hunter2\n\t\u{1}\u{7F}𝄞"), .init(name: "EMPTY", value: ""),
    ])

  func split(
    _ bytes: [UInt8]
  ) throws -> (header: LaunchDocument, environment: [LaunchDocument.EnvironmentVariable]) {
    try bytes.withUnsafeBufferPointer { pointer in
      let lines = try LaunchDocument.lines(in: pointer)
      return (
        try LaunchDocument.decodeHeader(UnsafeBufferPointer(rebasing: pointer[lines.header])),
        try LaunchDocument.decodeEnvironment(
          UnsafeBufferPointer(rebasing: pointer[lines.environment]))
      )
    }
  }

  @Test func documentSurvivesTheWire() throws {
    var (document, environment) = try split(Self.full.encoded())
    #expect(document.environment.isEmpty)
    document.environment = environment
    #expect(document == Self.full)
  }

  @Test(arguments: [LaunchDocument.Tmux.absent, .outlivesAgent, .endsWithAgent])
  func everyUseOfTmuxSurvivesTheWire(_ tmux: LaunchDocument.Tmux) throws {
    var document = Self.full
    document.tmux = tmux
    #expect(try split(document.encoded()).header.tmux == tmux)
  }

  @Test func headerAloneIsTheFirstLine() throws {
    let first = try #require(Self.full.encoded().split(separator: 0x0A).first)
    #expect(Self.full.encodedHeader() == Array(first) + [0x0A])
  }

  @Test func headerLineHoldsNothingOfTheEnvironment() throws {
    let bytes = Self.full.encoded()
    let first = try #require(bytes.split(separator: 0x0A).first)
    #expect(!String(decoding: first, as: UTF8.self).contains("hunter2"))
    #expect(bytes.filter { $0 == 0x0A }.count == 2)
  }

  @Test func everyPrefixIsTruncated() {
    let bytes = Self.full.encoded()
    for count in 0..<bytes.count {
      #expect(throws: LaunchDocumentError.truncated) { try split(Array(bytes[..<count])) }
    }
  }

  @Test func moreThanTwoLinesAreRefused() {
    #expect(throws: LaunchDocumentError.trailingBytes) { try split(Self.full.encoded() + [0x0A]) }
    #expect(throws: LaunchDocumentError.trailingBytes) { try split(Self.full.encoded() + [0x20]) }
  }

  @Test(arguments: [
    (#""v":1"#, #""v":2"#), (#""tmux":"outlivesAgent""#, #""tmux":true"#),
    (#""tmux":"outlivesAgent""#, #""tmux":"forever""#),
    (#""dcg":"required""#, #""dcg":"some""#), (#","dcg":"required""#, ""),
    (#"[1,65535]"#, #"[1,65536]"#), (#"[1,65535]"#, "[0]"), (#"[1,65535]"#, "[-1]"),
    (#"[1,65535]"#, "[1,1]"), (#"[1,65535]"#, #"["1"]"#), (#"[1,65535]"#, "[1.0]"),
    (#"[1,65535]"#, "1"), (#""ports":[1,65535],"#, ""), (#","usesRelay":true"#, ""),
    (#""usesRelay":true"#, #""usesRelay":1"#), (#""usesRelay":true"#, #""usesRelay":null"#),
    (#""tmux":"outlivesAgent""#, #""tmux":"absent","more":1"#), (#""mode":493"#, #""mode":-1"#),
    (#""mode":493"#, #""mode":65536"#), (#""path":"\/home"#, #""path":"home"#),
    (#"["bash","-l"]"#, "[]"), (#"["bash","-l"]"#, #"[""]"#), (#"["bash","-l"]"#, #"["a\u0000"]"#),
    (#""inode":7"#, #""inode":-7"#), (#""inode":7"#, #""inode":7.0"#),
    (#""target":"..\/y""#, #""target":"""#), (#""device":0,"#, ""),
    (#"["TOKEN","#, #"["","#), (#"["TOKEN","#, #"["A=B","#), (#"["TOKEN","#, #"["A\u0000","#),
    (#"["EMPTY",""]"#, #"["EMPTY"]"#), (#"["EMPTY",""]"#, #"["EMPTY","",""]"#),
    (#"["EMPTY",""]"#, #""EMPTY""#), (#"["EMPTY",""]"#, #"["EMPTY",null]"#),
  ])
  func everyWrongMemberIsRefused(of original: String, _ replacement: String) throws {
    let text = String(decoding: Self.full.encoded(), as: UTF8.self)
    let plain = original.replacing("\\/", with: "/")
    try #require(text.contains(plain))
    let wrong = text.replacing(plain, with: replacement.replacing("\\/", with: "/"))
    let error = #expect(throws: LaunchDocumentError.self) { try split(Array(wrong.utf8)) }
    #expect(error != .truncated && error != .trailingBytes)
  }

  @Test func errorsDoNotRepeatTheDocument() {
    for broken in [#"["TOKEN","hunter2"#, #"["hunter2"]"#, #"[["A=","hunter2"]]"#] {
      let error = #expect(throws: LaunchDocumentError.self) {
        try Array(broken.utf8).withUnsafeBufferPointer {
          try LaunchDocument.decodeEnvironment($0)
        }
      }
      #expect(error.map { !"\($0) \($0.message)".contains("hunter2") } == true)
    }
  }
}
