import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

@Suite struct AttachedProcessTests {
  private func run(
    _ script: String, environment: [String: String] = ["PATH": "/usr/bin:/bin"],
    passing: [CInt] = [], _ body: (AttachedProcess) -> Void = { _ in }
  ) throws -> TerminationStatus {
    let process = try AttachedProcess.spawn(
      "/bin/sh", arguments: ["-c", script], environment: environment, passing: passing)
    body(process)
    return process.reap()
  }

  @Test func endingsComeBack() throws {
    #expect(try run("exit 0") == .exited(0))
    #expect(try run("exit 255") == .exited(255))
    #expect(try run("kill -TERM $$") == .signalled(SIGTERM))
    #expect(try run("kill -SEGV $$") == .signalled(SIGSEGV))
    #expect(try run("sleep 30") { $0.send(SIGKILL) } == .signalled(SIGKILL))
  }

  @Test func passedDescriptorsAreThreeAndFourWhateverTheyWere() async throws {
    try await withTemporaryDirectory { root in
      for name in ["a", "b"] { try write(name, to: root.appending(name)) }
      let a = open(root.appending("a").string, O_RDONLY | O_CLOEXEC)
      let b = open(root.appending("b").string, O_RDONLY | O_CLOEXEC)
      defer {
        close(a)
        close(b)
      }
      for passing in [[a, b], [b, a]] {
        lseek(a, 0, SEEK_SET)
        lseek(b, 0, SEEK_SET)
        let status = try run(
          "cat <&3 >\(root)/three; cat <&4 >\(root)/four", passing: passing)
        #expect(status == .exited(0))
        #expect(try read(root.appending("three")) == (passing == [a, b] ? "a" : "b"))
        #expect(try read(root.appending("four")) == (passing == [a, b] ? "b" : "a"))
      }
    }
  }

  @Test func environmentIsExactlyWhatWasGiven() async throws {
    try await withTemporaryDirectory { root in
      _ = try run(
        "tr '\\0' '\\n' </proc/self/environ >\(root)/env",
        environment: ["PATH": "/usr/bin:/bin", "ODD": "a b\"c"])
      #expect(try read(root.appending("env")) == "ODD=a b\"c\nPATH=/usr/bin:/bin\n")
    }
  }

  /// SIGPIPE and the rest are as a fresh program expects them, whatever this one did.
  @Test func noSignalIsBlockedOrIgnored() async throws {
    try await withTemporaryDirectory { root in
      _ = try run("grep -E '^Sig(Blk|Ign):' /proc/self/status >\(root)/signals")
      for line in try read(root.appending("signals")).split(separator: "\n") {
        let set = try #require(UInt64(line.suffix(16), radix: 16))
        // 32 and 33 are the C library's own, which it leaves ignored in what it spawns.
        #expect(set & ~0x1_8000_0000 == 0, "\(line)")
      }
    }
  }

  @Test func childStaysInTheProcessGroup() async throws {
    try await withTemporaryDirectory { root in
      _ = try run("cut -d' ' -f5 /proc/self/stat >\(root)/group")
      #expect(try read(root.appending("group")) == "\(getpgrp())\n")
    }
  }

  @Test func programThatCannotBeStartedIsAnError() throws {
    for path: FilePath in ["/nowhere/podman", "/etc", "/etc/hostname"] {
      let error = #expect(throws: SpawnError.self) {
        try AttachedProcess.spawn(path, arguments: [], environment: [:], passing: [])
      }
      #expect(error?.summary == "cannot start \(path)")
      #expect(error?.cause != nil)
    }
  }
}
