import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// With shell scripts in place of the sidecar.
@Suite struct SidecarProcessTests {
  private func start(
    _ script: String, in root: FilePath, document: String = "{}"
  ) throws -> SidecarProcess {
    let program = root.appending("sidecar")
    try RegularFile.write(
      Array("#!/bin/sh\n\(script)\n".utf8), to: program, mode: 0o755, existing: .replaced)
    while true {
      do {
        return try SidecarProcess(
          program, environment: ["PATH": "/usr/bin:/bin"], document: Array(document.utf8),
          log: root.appending("log"))
      } catch let error as SpawnError where error.cause == "Text file busy" {
        // Another test forked while the script was open for writing.
        usleep(1000)
      }
    }
  }

  private func text(_ file: FilePath) throws -> String {
    String(decoding: try RegularFile.read(file, limit: 4096, links: .refused) ?? [], as: UTF8.self)
  }

  @Test func getsItsDocumentASessionOfItsOwnAndEndsWithTheLifeline() async throws {
    try await withTemporaryDirectory { root in
      let sidecar = try start(
        """
        cat >\(root)/document
        ps -o sid= -p $$ | tr -d ' ' >\(root)/session; echo $$ >\(root)/id
        ls /proc/$$/fd | tr '\\n' ' ' >\(root)/descriptors
        echo gone wrong >&2
        echo ready
        cat <&3
        echo ended >\(root)/ended
        """, in: root, document: "{\"a\":1}")
      try await sidecar.waitUntilReady(limit: .seconds(30))
      #expect(try text(root.appending("document")) == "{\"a\":1}")
      #expect(try text(root.appending("session")) == text(root.appending("id")))
      let descriptors = try text(root.appending("descriptors")).split(separator: " ")
      // Others may come from tests beside this one.
      #expect(Set(["0", "1", "2", "3"]).isSubset(of: descriptors.map(String.init)))
      #expect(try text(root.appending("log")) == "gone wrong\n")
      sidecar.end()
      #expect(try text(root.appending("ended")) == "ended\n")
    }
  }

  @Test(arguments: [
    ("echo 'error: no room\tmake some'", "no room", "make some"),
    ("echo no more memory >&2; exit 3", "sidecar ended before it served", nil),
    ("echo nonsense", "sidecar ended before it served", nil),
  ])
  func oneThatDoesNotServeSaysWhy(script: String, summary: String, hint: String?) async throws {
    try await withTemporaryDirectory { root in
      let sidecar = try start(script, in: root)
      defer { sidecar.end() }
      do {
        try await sidecar.waitUntilReady(limit: .seconds(30))
        Issue.record("ready")
      } catch let error as SidecarError {
        #expect(error.summary == summary)
        #expect(error.hint == hint)
        #expect(error.cause == (script.contains("memory") ? "no more memory" : nil))
      }
    }
  }

  @Test func silentOneIsGivenUpAndOneThatStaysIsKilled() async throws {
    try await withTemporaryDirectory { root in
      let sidecar = try start("trap '' TERM; while :; do sleep 0.1; done", in: root)
      await #expect(throws: SidecarError.self) {
        try await sidecar.waitUntilReady(limit: .milliseconds(300))
      }
      // Returns only when it is gone.
      sidecar.end(grace: .milliseconds(100))
    }
  }

  @Test func missingProgramIsAnError() async throws {
    try await withTemporaryDirectory { root in
      do {
        try SidecarProcess(
          root.appending("none"), environment: [:], document: [], log: root.appending("log")
        ).end()
        Issue.record("started")
      } catch let error as SpawnError {
        #expect(error.summary.contains("none"))
      }
    }
  }
}
