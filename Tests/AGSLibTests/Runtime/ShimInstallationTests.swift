import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

@Suite struct ShimInstallationTests {
  private func installation(_ root: FilePath, _ content: String) throws -> ShimInstallation {
    let source = root.appending("src/ags-shim")
    try write(content, to: source)
    return try ShimInstallation(
      candidates: [root.appending("missing"), source], stateDirectory: root.appending("state"))
  }

  private func program(_ installation: ShimInstallation) -> FilePath {
    installation.binDirectory.appending("ags-shim")
  }

  @Test func shimIsPutInPlaceExecutableAndOnce() async throws {
    try await withTemporaryDirectory { root in
      let shim = try installation(root, "one")
      #expect(!exists(root.appending("state")))
      try shim.install()
      #expect(try read(program(shim)) == "one")
      #expect(mode(of: program(shim)) == 0o755)
      #expect(mode(of: shim.directory) == 0o755 && mode(of: shim.binDirectory) == 0o755)
      #expect(mode(of: root.appending("state/shim")) == 0o700)
      var before = stat()
      var after = stat()
      #expect(stat(program(shim).string, &before) == 0)
      try shim.install()
      #expect(stat(program(shim).string, &after) == 0)
      #expect(before.st_ino == after.st_ino)
      #expect(names(in: root.appending("state/shim")).count == 1)
    }
  }

  @Test func everythingBesidesTheShimIsReadableAndNotExecutable() async throws {
    try await withTemporaryDirectory { root in
      let shim = try installation(root, "one")
      try shim.install()
      for path: FilePath in [
        "share/tmux.conf", "share/guard.ts", "share/claude-plugin/.claude-plugin/plugin.json",
        "share/claude-plugin/skills/guard/SKILL.md", "etc/claude-code/managed-settings.json",
        "etc/codex/requirements.toml",
      ] {
        let file = shim.directory.pushing(path)
        let text = try read(file)
        #expect(mode(of: file) == 0o644 && !text.isEmpty, "\(path)")
        #expect(mode(of: file.removingLastComponent()) == 0o755)
      }
      #expect(try read(shim.emptyFile) == "")
      #expect(mode(of: shim.emptyFile) == 0o644)
    }
  }

  @Test func shimHasItsOtherNamesBesideIt() async throws {
    try await withTemporaryDirectory { root in
      let shim = try installation(root, "one")
      try shim.install()
      let names = [
        "ags-open", "xdg-open", "sensible-browser", "x-www-browser", "www-browser",
        "ags-webview-url",
      ]
      #expect(Set(AGSLibTests.names(in: shim.binDirectory)) == Set(names + ["ags-shim"]))
      // Read where it is mounted, which is elsewhere.
      let moved = root.appending("moved")
      try #require(rename(shim.binDirectory.string, moved.string) == 0)
      for name in names { #expect(try read(moved.appending(name)) == "one", "\(name)") }
    }
  }

  @Test func namesThatLeadElsewhereAreReplaced() async throws {
    try await withTemporaryDirectory { root in
      let shim = try installation(root, "one")
      try shim.install()
      let name = shim.binDirectory.appending("xdg-open")
      try write("planted", to: root.appending("planted"))
      for target in [root.appending("planted").string, "ags-shi", "ags-shim2", nil] {
        unlink(name.string)
        if let target { symlink(target, name.string) } else { try write("ags-shim", to: name) }
        try shim.install()
        #expect(try read(name) == "one", "\(target ?? "a file")")
      }
      #expect(try read(root.appending("planted")) == "planted")
    }
  }

  @Test func anotherContentGoesToAnotherPlace() async throws {
    try await withTemporaryDirectory { root in
      let one = try installation(root, "one")
      try one.install()
      let two = try installation(root, "two")
      try two.install()
      #expect(one.directory != two.directory)
      #expect(try read(program(one)) == "one")
      #expect(try read(program(two)) == "two")
      let again = try installation(root, "one")
      #expect(again.directory == one.directory)
    }
  }

  @Test func installationsAtOnceLeaveOneWholeShim() async throws {
    try await withTemporaryDirectory { root in
      let content = String(repeating: "shim", count: 100_000)
      let shim = try installation(root, content)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<12 { group.addTask { try shim.install() } }
        try await group.waitForAll()
      }
      #expect(try read(program(shim)) == content)
      #expect(names(in: root.appending("state/shim")) == [shim.directory.lastComponent!.string])
    }
  }

  @Test func partialLeftoversAreReplaced() async throws {
    try await withTemporaryDirectory { root in
      let shim = try installation(root, "one")
      try makeDirectory(shim.directory)
      try shim.install()
      #expect(try read(program(shim)) == "one")

      for leftover in ["bin/other", "bin/ags-shim/x", "share/x"] {
        #expect(
          TreeRemoval.remove(shim.directory.lastComponent!.string, in: root.appending("state/shim"))
        )
        try write("x", to: shim.directory.pushing(FilePath(leftover)))
        try shim.install()
        #expect(try read(program(shim)) == "one", "\(leftover)")
      }
      // A file that lost its content or its right to run is none either.
      for damage in ["", "on"] {
        try write(damage, to: program(shim))
        chmod(program(shim).string, 0o755)
        try shim.install()
        #expect(try read(program(shim)) == "one")
      }
      chmod(program(shim).string, 0o600)
      try shim.install()
      #expect(mode(of: program(shim)) == 0o755)
      #expect(names(in: root.appending("state/shim")).count == 1)
    }
  }

  @Test func missingShimSaysWhereItWasLookedFor() async throws {
    try await withTemporaryDirectory { root in
      let error = #expect(throws: LaunchError.self) {
        try ShimInstallation(
          candidates: [root.appending("a"), root.appending("b")], stateDirectory: root)
      }
      #expect(error?.summary.contains("\(root)/a, \(root)/b") == true)
      // An empty file or a directory is no shim.
      try write("", to: root.appending("a"))
      try makeDirectory(root.appending("b"))
      #expect(throws: (any Error).self) {
        try ShimInstallation(
          candidates: [root.appending("a"), root.appending("b")], stateDirectory: root)
      }
    }
  }

  @Test func shimGoneBeforeTheInstallationIsSaid() async throws {
    try await withTemporaryDirectory { root in
      let shim = try installation(root, "one")
      unlink(shim.source.string)
      let error = #expect(throws: LaunchError.self) { try shim.install() }
      #expect(error?.summary.contains("cannot be read") == true)
      #expect(names(in: root.appending("state/shim")).isEmpty)
    }
  }
}
