import Testing

@testable import AGSWire

@Suite struct HookDocumentTests {
  func read(_ text: String, piece: Int = 4096) -> Result<HookDocument, HookError> {
    read(Array(text.utf8), piece: piece)
  }

  func read(_ bytes: [UInt8], piece: Int = 4096) -> Result<HookDocument, HookError> {
    var source = ArraySource(bytes: bytes, piece: piece)
    do throws(HookError) {
      return .success(try HookDocument.read(&source))
    } catch {
      return .failure(error)
    }
  }

  @Test func whatCountsIsKept() throws {
    let text = #"""
       {"session_id":"x","cwd":"/w","n":[1,-2.5e3,true,{"a":null}],"tool_name":"MultiEdit",
      "tool_input":{"file_path":"a\u00e9\ud834\udd1e\n","edits":[{"old_string":"x","path":"y"}],
      "content":"…","glob":["a",{"b":"c"},null,7],"path":null,"Notebook-Path":false}}
      """#
    for piece in [1, 2, 3, 7, 4096] {
      let hook = try read(text, piece: piece).get()
      #expect(hook.toolName == Array("MultiEdit".utf8))
      #expect(hook.workingDirectory == Array("/w".utf8))
      let fields = hook.fields.map { field in
        String(decoding: field.name, as: UTF8.self) + "="
          + (field.text.map { String(decoding: $0, as: UTF8.self) } ?? "-")
      }
      #expect(
        fields == ["filepath=aé𝄞\n", "path=y", "glob=a", "glob=-", "glob=-", "notebookpath=-"])
    }
  }

  @Test func everythingElseIsRefused() throws {
    let refused: [(String, String)] = [
      ("", "ends too early"), ("   ", "ends too early"), ("null", "unexpected byte"),
      ("[]", "unexpected byte"), ("{}", "no tool_name"),
      (#"{"tool_name":""}"#, "invalid tool_name"),
      (#"{"tool_name":null}"#, "invalid tool_name"), (#"{"tool_name":7}"#, "invalid tool_name"),
      (#"{"tool_name":["Read"]}"#, "invalid tool_name"),
      (#"{"tool_name":"a"} x"#, "something follows"),
      (#"{"tool_name":"a"}{}"#, "something follows"), (#"{"tool_name":"a""#, "ends too early"),
      (#"{"tool_name":"a","tool_name":"b"}"#, "invalid tool_name"),
      (#"{"cwd":"a","cwd":"b","tool_name":"c"}"#, "invalid cwd"), (#"{"cwd":1}"#, "invalid cwd"),
      (#"{"tool_name":"a\u0000"}"#, "invalid tool_name"), (#"{"cwd":"\u0000"}"#, "invalid cwd"),
      (#"{"tool_name":"a","tool_input":{"path":"a\u0000b"}}"#, "NUL"),
      (#"{"tool_name":"a","tool_input":{"x":"\ud800"}}"#, "invalid escape"),
      (#"{"tool_name":"a","tool_input":{"x":01}}"#, "invalid number"),
      (#"{"tool_name":"a","x":nul}"#, "unexpected byte"),
      (#"{'tool_name':"a"}"#, "unexpected byte"),
      ("{\"tool_name\":\"a\nb\"}", "control character"),
      (#"{"tool_name":"a",}"#, "unexpected byte"),
      (#"{"tool_name":"a","x":"# + String(repeating: "[", count: 100), "too deep"),
      (#"{"tool_name":"a","tool_input":"# + String(repeating: #"{"a":"#, count: 100), "too deep"),
    ]
    for (text, words) in refused {
      guard case .failure(let error) = read(text) else {
        Issue.record("\(text)")
        continue
      }
      #expect(error.message.contains(words), "\(text): \(error.message)")
    }
    for bytes: [UInt8] in [[0], [0xFF], [0xEF, 0xBB, 0xBF, 0x7B, 0x7D], [0x7B, 0x22, 0xC0, 0x80]] {
      #expect(throws: HookError.self) { try read(bytes).get() }
    }
  }

  @Test func toolsThatLackWhatTheyWorkOnAreRefused() throws {
    let fixture = GuardFixture()
    for text in [
      #"{"tool_name":"Read"}"#, #"{"tool_name":"Read","tool_input":null}"#,
      #"{"tool_name":"Read","tool_input":{"file_path":7}}"#,
      #"{"tool_name":"Read","tool_input":{"file_path":""}}"#,
      #"{"tool_name":"Read","tool_input":{"file_path":{"a":1}}}"#,
      #"{"tool_name":"Write","tool_input":{"content":"x"}}"#,
      #"{"tool_name":"Bash","tool_input":{}}"#,
      #"{"tool_name":"Bash","tool_input":{"command":null}}"#,
      #"{"tool_name":"Bash","tool_input":[]}"#,
      #"{"tool_name":"Bash","tool_input":{"command":true}}"#,
      #"{"tool_name":"Grep","tool_input":{"path":7}}"#,
      #"{"tool_name":"apply_patch","tool_input":{}}"#,
    ] {
      guard case .refused = try fixture.finding(Array(text.utf8)) else {
        Issue.record("\(text)")
        continue
      }
    }
    // Of a name that stands there twice both count.
    let twice = #"{"tool_name":"Read","tool_input":{"path":"a","path":"~/.ssh/x"}}"#
    #expect(try fixture.finding(Array(twice.utf8)) != .allowed)
  }

  @Test func sizeAndNumberAreLimited() throws {
    let head = Array(#"{"tool_name":"Write","tool_input":{"file_path":"a","content":""#.utf8)
    let tail = Array(#""}}"#.utf8)
    let room = HookDocument.maximumSize - head.count - tail.count
    let largest = head + [UInt8](repeating: 0x61, count: room) + tail
    #expect(try read(largest, piece: 65536).get().fields.count == 1)
    guard case .failure(let error) = read(largest + [0x20], piece: 65536) else {
      Issue.record("too large, and accepted")
      return
    }
    #expect(error == .malformed(JSONError(.tooLarge, offset: HookDocument.maximumSize)))

    let many = [String](repeating: "\"a\"", count: 10_001).joined(separator: ",")
    guard
      case .failure(.tooManyValues) = read(#"{"tool_name":"a","tool_input":{"paths":[\#(many)]}}"#)
    else {
      Issue.record("too many, and accepted")
      return
    }
    var broken = ArraySource(bytes: Array(#"{"tool_name":"a"}"#.utf8), piece: 9)
    broken.failsAtEnd = true
    #expect(throws: HookError.unreadable) { try HookDocument.read(&broken) }
  }

  @Test func mutatedDocumentsNeverTrap() {
    let fixture = GuardFixture()
    var generator = SeededGenerator(state: 0x6A4D)
    let commands = GuardCommandTests.references + GuardCommandTests.harmless
    let corpus =
      commands.map { fixture.document("Bash", .object([JSONMember("command", .string($0))])) }
      + GuardToolTests.secretPlaces.map {
        fixture.document("Read", .object([JSONMember("file_path", .string($0))]))
      }
      + ["**/*.{json,md}", "~/{.ssh,a}/[!x]*", "!a"].map {
        fixture.document("Glob", .object([JSONMember("pattern", .string($0))]))
      }
    var read = 0
    for round in 0..<24_000 {
      var bytes = corpus[round % corpus.count]
      JSONMutationTests.mutate(&bytes, with: &generator)
      do {
        _ = try fixture.finding(bytes, piece: 1 + round % 97)
        read += 1
      } catch {
        #expect(error is HookError)
      }
    }
    #expect(read > 1000)
  }

  @Test func mutatedCommandsNeverTrap() throws {
    let fixture = GuardFixture()
    var generator = SeededGenerator(state: 0xC0DE)
    let corpus = GuardCommandTests.references + GuardCommandTests.destructive
    let pieces = [
      "$(", "${", "`", "'", "\"", "\\", "{", ",", "}", "..", "*", "[", "<<", "<<<", "\n", ")",
      "$((", "~",
    ]
    for round in 0..<20_000 {
      var command = Array(corpus[round % corpus.count].utf8)
      for _ in 0..<Int.random(in: 1...5, using: &generator) {
        let place = Int.random(in: 0...command.count, using: &generator)
        if Bool.random(using: &generator), let piece = pieces.randomElement(using: &generator) {
          command.insert(contentsOf: Array(piece.utf8), at: place)
        } else {
          command.removeSubrange(place..<min(command.count, place + 2))
        }
      }
      let text = String(decoding: command, as: UTF8.self)
      if text.utf8.contains(0) { continue }
      _ = try fixture.refusal(ofCommand: text)
    }
  }
}
