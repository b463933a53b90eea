import AGSWire
import CPosix
import Glibc
import Testing

@Suite struct GuardAppletTests {
  static let ordinary = #"{"v":1,"lockdown":false,"yolo":false,"readRoots":[],"writeRoots":[]}"#
  static let lockdown = #"{"v":1,"lockdown":true,"yolo":false,"readRoots":[],"writeRoots":[]}"#
  static let yolo = #"{"v":1,"lockdown":false,"yolo":true,"readRoots":[],"writeRoots":[]}"#
  static let deny =
    #"{"hookSpecificOutput":{"permissionDecision":"deny","permissionDecisionReason":"too bold"}}"#

  /// One line that begins as the guard's do, and status 2.
  func expectRefusal(
    _ answer: GuardProcess.Answer, _ words: String, _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(answer.status == 2, "\(answer.text)", sourceLocation: location)
    #expect(answer.text.hasPrefix("ags guard: "), "\(answer.text)", sourceLocation: location)
    #expect(answer.text.contains(words), "\(answer.text)", sourceLocation: location)
    #expect(answer.text.filter { $0 == "\n" }.count == 1, sourceLocation: location)
  }

  @Test func answersAreStatusAndOneLine() throws {
    let shim = try GuardProcess()
    shim.writeSession(Self.ordinary)
    let allowed = GuardProcess.Answer(status: 0, text: "")
    #expect(try shim.ask(GuardProcess.command("ls -l")) == allowed)
    #expect(try shim.ask(GuardProcess.document("Read", "file_path", "/etc/passwd")) == allowed)
    expectRefusal(try shim.ask(GuardProcess.command("cat ~/.ssh/id_x")), "~/.ssh")
    expectRefusal(
      try shim.ask(GuardProcess.document("Read", "file_path", "/home/dev/\n\u{1B}/../.ssh/x")),
      "/home/dev/??/../.ssh/x")
    expectRefusal(try shim.ask(GuardProcess.document("Write", "file_path", "/a/.env")), "secrets")
    expectRefusal(try shim.ask(GuardProcess.command("git worktree prune")), "worktree")
    expectRefusal(try shim.ask(GuardProcess.command("rm -rf /")), "removes")
    for text in ["", "x", "{}", "[]", "{\"tool_name\":3}", "\u{0}", "{\"tool_name\":\"Read\"}"] {
      expectRefusal(try shim.ask(text), "hook document")
    }
    expectRefusal(try shim.ask(String(repeating: "[", count: 1 << 20)), "hook document")
  }

  @Test func linksAreFollowedInTheFileSystem() throws {
    let shim = try GuardProcess()
    shim.writeSession(Self.ordinary)
    mkdir("\(shim.root.path)/home/dev/.ssh", 0o755)
    symlink("/home/dev", "\(shim.root.path)/to-home")
    symlink("to-home/.ssh/../.ssh", "\(shim.root.path)/keys")
    symlink("loop", "\(shim.root.path)/loop")
    for path in ["/keys/id_x", "keys", "/to-home/.ssh/x", "/bin/../keys/x", "to-home/./.aws/x"] {
      expectRefusal(try shim.ask(GuardProcess.document("Read", "file_path", path)), "keys or login")
      expectRefusal(try shim.ask(GuardProcess.command("cat \(path)")), "keys or logins")
    }
    for path in ["/loop/x", "/to-home/x", "/gone/x"] {
      #expect(try shim.ask(GuardProcess.document("Read", "file_path", path)).status == 0)
    }
    expectRefusal(try shim.ask(GuardProcess.document("Grep", "path", "/home")), "~/.ssh")
    rmdir("\(shim.root.path)/home/dev/.ssh")
    #expect(try shim.ask(GuardProcess.document("Grep", "path", "/home")).status == 0)
  }

  @Test func sessionThatCannotBeReadIsTheStrictest() throws {
    let shim = try GuardProcess()
    let loose = ["AGS_GUARD_YOLO=1", "AGS_LOCKDOWN=0", "HOME=/", "DCG_BYPASS=1"]
    let sessions: [String?] = [
      nil, "", "{}", "null", Self.lockdown, Self.yolo.replacing(":1", with: ":2"),
      Self.yolo + "x", Self.yolo.replacing("true", with: "1"),
      String(repeating: " ", count: 1 << 20) + Self.yolo,
    ]
    for session in sessions {
      if let session { shim.writeSession(session) }
      let answer = try shim.ask(GuardProcess.command("ls"), environment: loose)
      expectRefusal(answer, "in lockdown no command runs without dcg")
      #expect(try shim.ask(GuardProcess.document("Read", "file_path", "/x")).status == 0)
    }
    unlink("\(shim.root.path)/run/ags/session.json")
    mkdir("\(shim.root.path)/run/ags/session.json", 0o755)
    expectRefusal(try shim.ask(GuardProcess.command("ls")), "in lockdown")
    rmdir("\(shim.root.path)/run/ags/session.json")
    mkfifo("\(shim.root.path)/run/ags/session.json", 0o644)
    expectRefusal(try shim.ask(GuardProcess.command("ls")), "in lockdown")
  }

  @Test func yoloAllowsWhateverComes() throws {
    let shim = try GuardProcess()
    shim.writeSession(Self.yolo)
    shim.writeDCG("exit 2")
    for text in [
      GuardProcess.command("rm -rf / ~/.ssh"), "x", "", String(repeating: "x", count: 1 << 20),
    ] {
      #expect(try shim.ask(text) == GuardProcess.Answer(status: 0, text: ""))
    }
  }

  @Test func dcgHasTheLastWordOnCommands() throws {
    let shim = try GuardProcess()
    for session in [Self.ordinary, Self.lockdown] {
      shim.writeSession(session)
      shim.writeDCG("exit 0")
      #expect(try shim.ask(GuardProcess.command("ls")).status == 0)
      #expect(try shim.ask(GuardProcess.command("rm -rf /")).status == 0)
      expectRefusal(try shim.ask(GuardProcess.command("cat ~/.ssh/x")), "~/.ssh")
      shim.writeDCG("echo '\(Self.deny)'")
      expectRefusal(try shim.ask(GuardProcess.command("ls")), "dcg: too bold")
      #expect(try shim.ask(GuardProcess.document("Read", "file_path", "/x")).status == 0)
      shim.writeDCG("echo no >&2; echo never >&2; exit 2")
      expectRefusal(try shim.ask(GuardProcess.command("ls")), "dcg: no never")
      // It is asked in the hook's words, with nothing of the caller's around it.
      shim.writeDCG(
        """
        read -r line; case $line in *'"tool_name":"Bash","tool_input":{"command":"echo \\"a\\""}}');;
        *) exit 2;; esac
        [ "$HOME$DCG_BYPASS" = /nonexistent ] && [ "$PWD" = / ] || exit 2
        """)
      let loose = ["HOME=/home/dev", "DCG_BYPASS=1", "PWD=/x"]
      let answer = try shim.ask(GuardProcess.command("echo \"a\""), environment: loose)
      #expect(answer.status == 0, "\(answer.text)")
    }
  }

  @Test func dcgThatFailsIsNone() throws {
    let shim = try GuardProcess()
    let failures = [
      "echo garbage", "exit 1", "exit 101", "kill -9 $$", "kill -11 $$", "echo '{}'",
      "while :; do echo 0123456789012345678901234567890123456789; done", "sleep 60",
      "sleep 60 &\nexit 1", "exec >&- 2>&-; sleep 60", "(sleep 60; echo) & exit 0",
    ]
    for script in failures {
      shim.writeDCG(script)
      shim.writeSession(Self.lockdown)
      expectRefusal(try shim.ask(GuardProcess.command("ls")), "in lockdown no command runs")
      guard !script.contains("sleep") else { continue }
      shim.writeSession(Self.ordinary)
      #expect(try shim.ask(GuardProcess.command("ls")).status == 0, "\(script)")
      expectRefusal(try shim.ask(GuardProcess.command("rm -rf /")), "removes")
    }
  }

  @Test func onlyRootsOwnDCGIsAsked() throws {
    let shim = try GuardProcess()
    shim.writeSession(Self.lockdown)
    func expectUntrusted(_ location: SourceLocation = #_sourceLocation) throws {
      expectRefusal(try shim.ask(GuardProcess.command("ls")), "is not root's alone", location)
    }
    let dcg = "\(shim.root.path)/usr/local/bin/dcg"
    for mode: mode_t in [0o777, 0o775, 0o644] {
      shim.writeDCG("exit 0", mode: mode)
      try expectUntrusted()
    }
    unlink(dcg)
    shim.writeDCG("exit 0", to: "home/dev/dcg")
    symlink("/home/dev/dcg", dcg)
    try expectUntrusted()
    unlink(dcg)
    // One on PATH is nobody's business.
    expectRefusal(
      try shim.ask(GuardProcess.command("ls"), environment: ["PATH=/home/dev:/bin"]), "not in the")
    shim.writeDCG("exit 0")
    #expect(try shim.ask(GuardProcess.command("ls")).status == 0)
    for directory in ["usr/local/bin", "usr/local", "usr"] {
      chmod("\(shim.root.path)/\(directory)", 0o777)
      try expectUntrusted()
      chmod("\(shim.root.path)/\(directory)", 0o755)
    }
    if getuid() == 0 {
      chown(dcg, 1, 0)
      try expectUntrusted()
    }
    // The second place is looked at when the first is untrusted.
    mkdir("\(shim.root.path)/usr/bin", 0o755)
    chmod(dcg, 0o777)
    shim.writeDCG("exit 0", to: "usr/bin/dcg")
    #expect(try shim.ask(GuardProcess.command("ls")).status == 0)
  }

  @Test func thirtyTwoMegabytesAreTakenAndNoMore() throws {
    let shim = try GuardProcess()
    shim.writeSession(Self.ordinary)
    let head = #"{"tool_name":"Write","tool_input":{"file_path":"/a","content":""#
    let room = HookDocument.maximumSize - head.utf8.count - 3
    let largest = head + String(repeating: "a", count: room) + #""}}"#
    // Its memory does not grow with what is written.
    let bounded = "ulimit -v 4096;"
    #expect(try shim.ask(largest, before: bounded) == GuardProcess.Answer(status: 0, text: ""))
    expectRefusal(try shim.ask(largest + " ", before: bounded), "too large")
  }

  @Test func whateverEndsTheCheckIsARefusal() throws {
    let shim = try GuardProcess()
    shim.writeSession(Self.ordinary)
    // No memory: a trap.
    let long = GuardProcess.command(String(repeating: "a ", count: 4 << 20))
    expectRefusal(try shim.ask(long, before: "ulimit -v 4096;"), "the check itself failed")
    expectRefusal(try shim.ask("", before: "exec 0<&-; exec /guard;"), "cannot be read")
    let secret = GuardProcess.command("cat ~/.ssh/x")
    #expect(try shim.ask(secret, before: "exec 2>&-;") == GuardProcess.Answer(status: 2, text: ""))
    #expect(
      try shim.ask(secret, before: "/guard 2>&1 </document | :; trap '' TERM ALRM;").status == 2)
    let waiting = GuardProcess.command("x=$(")
    #expect(try shim.ask(waiting).status == 0)
  }

  @Test func mutatedDocumentsEndInYesOrNo() throws {
    let shim = try GuardProcess()
    shim.writeSession(Self.ordinary)
    let corpus = [
      GuardProcess.command("cat ~/.s*/id_{x,y} $(echo `pwd`) <<E\nx\nE\n"),
      GuardProcess.document("Read", "file_path", "~/../.ssh/./x"),
    ].map { Array($0.utf8) }
    var state: UInt64 = 77
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for round in 0..<150 {
      var bytes = corpus[round % corpus.count]
      for _ in 0...next(4) { bytes[next(bytes.count)] = UInt8(next(128)) }
      let answer = try shim.ask(String(decoding: bytes, as: UTF8.self))
      let isClear = answer.status == 0 && answer.text.isEmpty
      if !isClear { expectRefusal(answer, "") }
      #expect(!answer.text.contains("failed"), "\(String(decoding: bytes, as: UTF8.self))")
    }
  }
}
