import Testing

@testable import AGSLib

/// 6-security 2: what a dialog shows cannot be more than it is.
@Suite struct InertTextTests {
  private static let hostile = [
    "\u{202E}gro.elpmaxe//:sptth", "a\u{200B}b", "a\u{2066}b\u{2069}", "\u{FEFF}", "a\u{0}b",
    "\u{1B}]52;c;eA==\u{7}", "\r\nhost: bank.example", "\u{2028}host: bank.example", "\u{85}x",
    "a\u{A0}b", "a\u{300}\u{301}\u{302}", "https://x/\u{5D0}/1.2", "\u{661}\u{627}",
    "\u{E0041}tag", "\u{E000}", "a\u{AD}b", "\u{115F}", "\u{3164}", "\u{1F3F4}\u{E0067}",
    "\u{FFFC}", "\u{180E}", "\u{20DD}", "\u{1E900}",
  ]

  @Test(arguments: hostile)
  func nothingHiddenOrReorderingIsLeft(_ text: String) {
    let inert = InertText.escaped(text)
    #expect(inert.contains("\\u{"))
    for scalar in inert.unicodeScalars {
      #expect(scalar.properties.generalCategory != .format)
      #expect(scalar.properties.generalCategory != .nonspacingMark)
      #expect(!scalar.properties.isDefaultIgnorableCodePoint)
      #expect(scalar.value >= 0x20 && !(0x7F..<0xA1).contains(scalar.value))
      #expect(!(0x590...0x8FF).contains(scalar.value))
    }
    #expect(InertText.escaped(inert) == inert)
  }

  @Test func plainTextStaysAsItIs() {
    for text in ["https://example.org/a?b=c&d=%20#e", "/home/anna/Bücher/日本", "a\\b <b>"] {
      #expect(InertText.escaped(text) == text)
    }
  }

  @Test func longTextLosesItsMiddle() {
    let text = String(repeating: "a", count: 500) + "MIDDLE" + String(repeating: "z", count: 500)
    let short = InertText.shortened(text, to: 100)
    #expect(short.count <= 100)
    #expect(short.hasPrefix("aaaa") && short.hasSuffix("zzzz") && !short.contains("MIDDLE"))
    let shown = short.count { $0 == "a" || $0 == "z" }
    #expect(short.contains("[... \(1006 - shown) left out ...]"))
    #expect(InertText.shortened(text, to: 1006) == text)
  }

  @Test func linesAreNeverWiderThanAsked() {
    let lines = InertText.wrapped(String(repeating: "x", count: 205), width: 100)
    #expect(lines.map(\.count) == [100, 100, 5])
    #expect(InertText.wrapped("", width: 10) == [""])
  }

  private func prompt(
    _ subject: String, host: String? = "example.org", workspace: String = "/work",
    notes: [String] = []
  ) -> ApprovalPrompt {
    ApprovalPrompt(
      ApprovalQuestion(kind: .open, subject: subject, host: host, notes: notes),
      of: ApprovalSession(id: "0123abcd", agent: "claude", workspace: workspace))
  }

  @Test func aDialogNamesSessionAgentWorkspaceHostAndWhatIsAsked() {
    #expect(
      prompt("https://example.org/x", notes: ["listens on 127.0.0.1:1455"]).text == """
        The sandbox of session 0123abcd
        agent: claude
        workspace: /work

        It asks to open this page in your browser:

        host: example.org
            https://example.org/x

        listens on 127.0.0.1:1455
        """)
  }

  @Test func noValueCanPassForALineOfTheHost() {
    let filler = String(repeating: "x", count: ApprovalPrompt.width)
    for forged in hostileLines(filler) {
      let lines = prompt(forged, workspace: forged, notes: [forged]).lines
      #expect(!lines.contains { $0.hasPrefix("host: bank.example") })
      #expect(lines.count { $0.hasPrefix("host: ") } == 1)
    }
  }

  private func hostileLines(_ filler: String) -> [String] {
    let forged = "host: bank.example"
    return (60...ApprovalPrompt.width).map { String(filler.prefix($0)) + forged }
      + ["x\n\(forged)", "x\r\(forged)", "x\u{2029}\(forged)"]
  }

  @Test func theWholeIsBoundedAndTheHostStaysWhole() {
    let host = String(repeating: "a", count: 63) + "." + String(repeating: "b.", count: 94) + "x"
    #expect(host.utf8.count == 253)
    let long = String(repeating: "\u{202E}", count: 8 << 10)
    let shown = prompt(long, host: host, workspace: long, notes: Array(repeating: long, count: 50))
    #expect(shown.lines.count <= 40)
    #expect(shown.lines.allSatisfy { $0.count <= ApprovalPrompt.width + 4 })
    let joined = shown.lines.map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : $0 }.joined()
    #expect(joined.contains(host))
  }
}
