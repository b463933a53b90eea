import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

private let overlay = "[sandbox]\ncontainer_boot_dirs = [\"/x\"]\n"

@Test func overlayWinsKeyByKeyAndRepeatedSectionsAppend() throws {
  try ConfigurationFixture.with { fixture in
    let loaded = try fixture.load(
      base: """
        [sandbox]
        passthrough_env = ["A", "B"]
        container_boot_dirs = ["/base"]
        memory = "4g"
        homes = "project"
        [[mount]]
        host = "/base"
        container = "/base"
        mode = "ro"
        """,
      overlay: """
        [sandbox]
        passthrough_env = ["C"]
        memory = "2g"
        [[mount]]
        host = "data"
        container = "/data"
        mode = "ro"
        """)
    let sandbox = loaded.configuration.sandbox
    #expect(loaded.overlay == .applied(fixture.overlayFile))
    #expect(sandbox.passthroughEnvironment.map(\.text) == ["C"])
    #expect(sandbox.containerBootDirectories.map(\.description) == ["/base"])
    #expect(sandbox.memory?.text == "2g")
    #expect(sandbox.homes == .project)
    #expect(loaded.configuration.mounts.map(\.host) == ["/base", fixture.root.appending("data")])
    #expect(loaded.configuration.mounts.map(\.origin?.layer) == [.base, .overlay])
  }
}

@Test func unknownOverlayIsSkippedWithoutATerminal() throws {
  try ConfigurationFixture.with { fixture in
    // It is not parsed either: what is wrong with it does not stop the run.
    let loaded = try fixture.load(overlay: "not toml at all", answer: nil)
    #expect(loaded.overlay == .skipped(fixture.overlayFile))
    #expect(loaded.warnings.count == 1)
    #expect(loaded.warnings.first?.contains("ags trust") == true)
    #expect(loaded.configuration == fixture.defaults)
  }
}

@Test func unknownOverlayIsAnErrorWhenTrustIsRequired() throws {
  try ConfigurationFixture.with { fixture in
    try fixture.write(overlay, to: fixture.overlayFile)
    #expect(throws: OverlayNotTrusted.self) {
      try fixture.loader.load(
        workspaceRoot: fixture.root, trust: TrustPolicy(isRequired: true))
    }
    #expect(throws: OverlayNotTrusted.self) {
      try fixture.loader.load(
        workspaceRoot: fixture.root,
        trust: TrustPolicy(prompt: RecordingPrompt(givenAnswer: .deny), isRequired: true))
    }
  }
}

@Test func allowedContentIsNotAskedAgain() throws {
  try ConfigurationFixture.with { fixture in
    _ = try fixture.load(overlay: overlay, answer: .allow)
    let loaded = try fixture.load(overlay: overlay, answer: nil)
    #expect(loaded.overlay == .applied(fixture.overlayFile))
    #expect(loaded.warnings.isEmpty)
  }
}

@Test func deniedContentStaysDenied() throws {
  try ConfigurationFixture.with { fixture in
    let first = try fixture.load(overlay: overlay, answer: .deny)
    #expect(first.overlay == .denied(fixture.overlayFile))
    // The prompt would allow it, but is not asked.
    let second = try fixture.load(overlay: overlay, answer: .allow)
    #expect(second.overlay == .denied(fixture.overlayFile))
    #expect(second.warnings.count == 1)
    #expect(second.configuration == fixture.defaults)
  }
}

@Test func noAnswerIsAskedAgain() throws {
  try ConfigurationFixture.with { fixture in
    let status1 = try fixture.load(overlay: overlay, answer: .undecided).overlay
    #expect(status1 == .skipped(fixture.overlayFile))
    let status2 = try fixture.load(overlay: overlay, answer: .allow).overlay
    #expect(status2 == .applied(fixture.overlayFile))
  }
}

@Test func changedContentIsAskedWithADifference() throws {
  try ConfigurationFixture.with { fixture in
    let many = (1...20).map { "# line \($0)\n" }.joined()
    _ = try fixture.load(overlay: many + overlay, answer: .allow)
    try fixture.write(
      many + overlay.replacing("/x", with: "/y"), to: fixture.overlayFile)
    let prompt = RecordingPrompt(givenAnswer: .deny)
    let loaded = try fixture.loader.load(
      workspaceRoot: fixture.root, trust: TrustPolicy(prompt: prompt))
    #expect(loaded.overlay == .denied(fixture.overlayFile))
    let question = try #require(prompt.questions.first)
    #expect(question.reason == .changed)
    #expect(
      question.lines == [
        .init(.leftOut, "18 unchanged lines"), .init(.same, "# line 19"),
        .init(.same, "# line 20"), .init(.same, "[sandbox]"),
        .init(.removed, "container_boot_dirs = [\"/x\"]"),
        .init(.added, "container_boot_dirs = [\"/y\"]"),
      ])
    // What was allowed stays allowed.
    let status3 = try fixture.load(overlay: many + overlay, answer: nil).overlay
    #expect(status3 == .applied(fixture.overlayFile))
  }
}

@Test func sameContentInAnotherRepositoryIsUnknown() throws {
  let one = TrustSubject(root: "/a", name: "n", content: [1, 2])
  var others = [one, one, one, one]
  others[0].root = "/b"
  others[1].name = "m"
  others[2].content = [1, 2, 3]
  others[3].root = "/a1"
  #expect(Set(others.map(\.digest) + [one.digest]).count == 5)
}

@Test func linkedOverlayFileIsRefused() throws {
  try ConfigurationFixture.with { fixture in
    try fixture.write("", to: fixture.baseFile)
    let elsewhere = fixture.directory.appending("elsewhere/config.toml")
    try fixture.write(overlay, to: elsewhere)
    try fixture.link(fixture.overlayFile, to: elsewhere.string)
    #expect(throws: FileError.self) {
      try fixture.loader.load(
        workspaceRoot: fixture.root,
        trust: TrustPolicy(prompt: RecordingPrompt(givenAnswer: .allow)))
    }
    try FileManager.default.removeItem(atPath: fixture.root.appending(".ags").string)
    try fixture.link(
      fixture.root.appending(".ags"), to: elsewhere.removingLastComponent().string)
    let error = try #require(throws: FileError.self) {
      _ = try fixture.loader.load(workspaceRoot: fixture.root)
    }
    #expect(error.summary.contains("symbolic link"))
  }
}

@Test func hugeOverlayIsRefused() throws {
  try ConfigurationFixture.with { fixture in
    let error = try #require(throws: FileError.self) {
      _ = try fixture.load(overlay: String(repeating: "#", count: 1 << 20 + 1))
    }
    #expect(error.summary.contains("larger than"))
  }
}

@Test func directoryOrPipeInThePlaceOfTheOverlayDoesNotHang() throws {
  try ConfigurationFixture.with { fixture in
    try fixture.write("", to: fixture.baseFile)
    #expect(mkfifo(fixture.overlayFile.string, 0o600) == 0)
    #expect(throws: FileError.self) {
      try fixture.loader.load(workspaceRoot: fixture.root)
    }
  }
}

@Test func questionShowsNothingATerminalActsOn() throws {
  try ConfigurationFixture.with { fixture in
    let prompt = RecordingPrompt(givenAnswer: .deny)
    try fixture.write("", to: fixture.baseFile)
    try fixture.write(
      "# a\u{202e}b\u{200b}c\td\u{7}\u{a0}é 中\n# carriage\r\n[[secret]]\n"
        + "env = \"A\"\nsecret_store = { k = \"x\\u001b[31m\\ny\" }\n",
      to: fixture.overlayFile)
    // A control character is not valid TOML; in strings it can be written as an escape.
    #expect(throws: ConfigurationError.self) {
      try fixture.loader.load(
        workspaceRoot: fixture.root, trust: TrustPolicy(prompt: prompt))
    }
    try fixture.write(
      "# a\u{202e}b\u{200b}c\td\u{a0}é 中\n# carriage\r\n[[secret]]\n"
        + "env = \"A\"\nsecret_store = { k = \"x\\u001b[31m\\ny\" }\n",
      to: fixture.overlayFile)
    _ = try fixture.loader.load(
      workspaceRoot: fixture.root, trust: TrustPolicy(prompt: prompt))
    let question = try #require(prompt.questions.first)
    #expect(question.lines[0].text == "# a\\u{202E}b\\u{200B}c\\td\\u{A0}é 中")
    #expect(question.lines[1].text == "# carriage")
    #expect(
      question.requests == ["give the agent A from the keyring's item with k=x\\u{1B}[31m\\u{A}y"])
  }
}

@Test func storeIsPrivateAndCanForget() throws {
  try ConfigurationFixture.with { fixture in
    _ = try fixture.load(overlay: overlay, answer: .allow)
    _ = try fixture.load(overlay: "# other\n", answer: .deny)
    let records = try fixture.store.records()
    #expect(records.map(\.decision) == [.allowed, .denied])
    #expect(records.allSatisfy { $0.root == fixture.root.string })
    for record in records {
      let path = fixture.store.directory.appending(record.digest).string
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
      #expect(mode as? Int == 0o600)
    }
    #expect(try fixture.store.revoke(root: "/somewhere/else") == 0)
    #expect(try fixture.store.revoke(root: fixture.root.string) == 2)
    let status4 = try fixture.load(overlay: overlay, answer: nil).overlay
    #expect(status4 == .skipped(fixture.overlayFile))
  }
}

@Test func changedTrustRecordDecidesNothing() throws {
  try ConfigurationFixture.with { fixture in
    _ = try fixture.load(overlay: overlay, answer: .allow)
    let record = try #require(try fixture.store.records().first)
    let path = fixture.store.directory.appending(record.digest)
    var bytes = try Data(contentsOf: URL(filePath: path.string))
    bytes.append(contentsOf: Array("# more\n".utf8))
    try bytes.write(to: URL(filePath: path.string))
    #expect(throws: FileError.self) { try fixture.load(overlay: overlay, answer: nil) }
    #expect(chmod(path.string, 0o666) == 0)
    #expect(throws: FileError.self) { try fixture.load(overlay: overlay, answer: nil) }
  }
}
