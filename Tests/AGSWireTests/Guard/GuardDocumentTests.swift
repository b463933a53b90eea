import Testing

@testable import AGSWire

@Suite struct GuardDocumentTests {
  @Test func sessionSurvivesWritingAndReading() {
    let document = SessionDocument(
      lockdown: true, yolo: true, readRoots: ["/a \"b\""], writeRoots: ["/c", "/d\n"])
    #expect(SessionDocument.decode(document.encoded()) == document)
    #expect(document.encoded().filter { $0 == 0x0A }.count == 1)
    #expect(SessionDocument.strictest.lockdown && !SessionDocument.strictest.yolo)
    let plain = SessionDocument(lockdown: false)
    #expect(
      String(decoding: plain.encoded(), as: UTF8.self)
        == #"{"v":1,"lockdown":false,"yolo":false,"readRoots":[],"writeRoots":[]}"# + "\n")
  }

  @Test func unreadableSessionsAreNone() {
    let good = #"{"v":1,"lockdown":false,"yolo":false,"readRoots":[],"writeRoots":[],"later":1}"#
    #expect(SessionDocument.decode(Array(good.utf8)) == SessionDocument(lockdown: false))
    for text in [
      "", "{}", "[]", "null", good + good, String(good.dropLast()),
      good.replacing("1,", with: "2,"), good.replacing("false,\"yolo", with: "0,\"yolo"),
      good.replacing("\"yolo\":false,", with: ""), good.replacing("[],\"w", with: "[\"a\"],\"w"),
      good.replacing("\"writeRoots\":[]", with: "\"writeRoots\":[1]"),
      good.replacing("\"lockdown\":false", with: "\"lockdown\":true,\"lockdown\":false"),
    ] {
      #expect(SessionDocument.decode(Array(text.utf8)) == nil, "\(text)")
    }
  }

  @Test func answersOfDCGAreUnderstood() {
    func answer(_ status: Int32, _ output: String, _ errors: String = "") -> DCGAnswer {
      DCGAnswer(status: status, output: Array(output.utf8), errors: Array(errors.utf8))
    }
    func decision(_ word: String, _ reason: String = "why") -> String {
      #"{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"\#(word)","#
        + #""permissionDecisionReason":"\#(reason)","ruleId":"a:b","confidence":0.5}}"#
    }
    #expect(answer(0, "") == .allowed)
    #expect(answer(0, " \n", "a warning") == .allowed)
    #expect(answer(0, decision("allow") + "\n") == .allowed)
    #expect(answer(0, decision("deny")) == .refused("why"))
    #expect(answer(0, decision("ask")) == .refused("why"))
    #expect(answer(0, decision("later")) == .refused("why"))
    #expect(answer(0, #"{"decision":"block","reason":"r"}"#) == .refused("r"))
    #expect(
      answer(0, decision("deny", #"a\n\tb  \u001b[31mred\u001b[0m\u0007"#)) == .refused("a b red"))
    #expect(answer(0, decision("deny", "")) == .refused("it refuses the command"))
    #expect(answer(2, "", "no\nnever") == .refused("no never"))
    #expect(answer(2, "") == .refused("it refuses the command"))
    for garbage in ["yes", "{}", "[]", #"{"hookSpecificOutput":{}}"#, decision("deny") + "x"] {
      #expect(answer(0, garbage) == .unavailable("dcg answered something else"))
    }
    for status: Int32 in [1, 3, 101, 126, 127, 255] {
      #expect(answer(status, decision("allow")) == .unavailable("dcg failed"))
    }
    let question = DCGAnswer.question(Array("ls \"a\"\n".utf8))
    #expect(
      String(decoding: question, as: UTF8.self)
        == #"{"hook_event_name":"PreToolUse","tool_name":"Bash","#
        + #""tool_input":{"command":"ls \"a\"\n"}}"#)
  }

  @Test func linksAreFollowedAsTheKernelDoes() {
    let files = MadeFiles(
      missing: ["/gone"],
      links: ["/a": "b/../c", "/loop": "/loop", "/c/d": "/x/y", "/x/y/up": "../z"])
    func resolved(_ path: String) -> String {
      let parts = files.resolve(GuardPath.split(Array(path.utf8)), from: [])
      return String(decoding: GuardPath.joined(parts), as: UTF8.self)
    }
    #expect(resolved("/a/d/f") == "/x/y/f")
    #expect(resolved("/a/d/up/q") == "/x/z/q")
    #expect(resolved("/a/d/..") == "/x")
    #expect(resolved("/gone/a/../b") == "/gone/b")
    #expect(resolved("/../..") == "/")
    #expect(resolved("/loop/x") == "/loop/x")
  }

  @Test func partsMatchAsShellsMatchThem() {
    func match(_ pattern: [UInt16], _ text: String) -> ComponentPattern.Match {
      ComponentPattern.match(pattern, Array(text.utf8))
    }
    func units(_ text: String) -> [UInt16] { ShellText.globs(Array(text.utf8))?.first ?? [] }
    #expect(match(units(".ssh"), ".ssh") == .specific)
    #expect(match(units(".s*"), ".ssh") == .specific)
    #expect(match(units(".*"), ".ssh") == .anything)
    #expect(match(units("*"), "dev") == .anything)
    #expect(match(units("*"), ".ssh") == .none)
    #expect(match(units("?ssh"), ".ssh") == .none)
    #expect(match(units("*a*b*c"), "xxaxxbxxbxc") == .specific)
    #expect(match(units("*a*b*c"), "xxaxxbxxbx") == .none)
    #expect(match([ShellText.unknown] + units(".ssh"), ".ssh") == .specific)
    #expect(match([], "") == .specific)
    #expect(match(units("a"), "") == .none)
  }
}
