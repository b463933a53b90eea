import AGSWire
import CPosix
import Glibc
import Testing

@Suite struct InitSecretTests {
  static let secret = "s3cr3t-hunter2-\(getpid())"

  func document(_ script: String) -> LaunchDocument {
    .shell(script, environment: [("TOKEN", Self.secret), ("BASE", "two")])
  }

  @Test func environmentIsExact() throws {
    let shim = try ShimProcess(environment: ["PATH=/usr/bin:/bin", "BASE=one", "KEPT=a=b", "E="])
    var document = LaunchDocument.programs(["env"])
    document.environment = [
      .init(name: "BASE", value: "first"), .init(name: "NEW", value: "line\nbreak é"),
      .init(name: "BASE", value: "last"), .init(name: "EMPTY", value: ""),
    ]
    shim.send(document)
    let lines = shim.read().split(separator: "\n").map(String.init).sorted()
    #expect(
      lines == [
        "BASE=last", "E=", "EMPTY=", "KEPT=a=b", "NEW=line", "PATH=/usr/bin:/bin", "break é",
      ])
    #expect(shim.wait() == 0)
  }

  @Test func agentInheritsNoDescriptor() throws {
    let shim = try ShimProcess()
    shim.send(
      document("for n in 3 4 5 6 7 8 9; do test -e /proc/$$/fd/$n && echo open $n; done; echo end"))
    #expect(shim.read() == "end\n")
  }

  @Test(arguments: InitStatusTests.places)
  func onlyTheAgentHoldsTheSecret(_ place: ShimProcess.Place) throws {
    let shim = try ShimProcess(place)
    shim.send(document("echo \"$TOKEN\"; sleep 30"))
    #expect(shim.read(until: Self.secret).contains(Self.secret))
    let process = try shim.shim(place)
    #expect(textOfFile("/proc/\(process)/environ")?.contains(Self.secret) != true)
    #expect(textOfFile("/proc/\(process)/cmdline")?.contains(Self.secret) != true)
    #expect(access("/proc/\(process)/fd/3", F_OK) != 0)
    if getuid() == 0 || place == .first {
      #expect(try memory(of: process, holds: "ags-shim"))
      // Wiped before PID 1 waits; on a busy machine the agent may speak before that.
      let deadline = ContinuousClock().now + .seconds(20)
      while try memory(of: process, holds: Self.secret), ContinuousClock().now < deadline {
        usleep(10_000)
      }
      #expect(try !memory(of: process, holds: Self.secret))
    } else {
      // Neither root nor owner of its namespace: nothing of it can be looked at.
      #expect(cposix_open("/proc/\(process)/mem", O_RDONLY | O_CLOEXEC, 0) < 0)
    }
    shim.closeLifeline()
    #expect(shim.wait() == 137)
  }

  /// Searches everything a process has written to memory.
  func memory(of process: pid_t, holds text: String) throws -> Bool {
    let maps = try #require(textOfFile("/proc/\(process)/maps"))
    let memory = cposix_open("/proc/\(process)/mem", O_RDONLY | O_CLOEXEC, 0)
    try #require(memory >= 0)
    defer { close(memory) }
    let needle = Array(text.utf8)
    for line in maps.split(separator: "\n") where line.contains(" rw") {
      let bounds = line.prefix { $0 != " " }.split(separator: "-").compactMap {
        Int($0, radix: 16)
      }
      guard bounds.count == 2 else { continue }
      var bytes = [UInt8](repeating: 0, count: bounds[1] - bounds[0])
      let count = pread(memory, &bytes, bytes.count, bounds[0])
      guard count > 0 else { continue }
      if contains(bytes, count, needle) { return true }
    }
    return false
  }

  private func contains(_ bytes: [UInt8], _ count: Int, _ needle: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress else { return false }
      var from = 0
      while count - from >= needle.count,
        let hit = memchr(start + from, Int32(needle[0]), count - from - needle.count + 1)
      {
        if memcmp(hit, needle, needle.count) == 0 { return true }
        from = UnsafeRawPointer(hit) - start + 1
      }
      return false
    }
  }

  @Test func othersOfTheSameUserCannotLookIntoInit() throws {
    let root = try TemporaryDirectory()
    let binary = "\(root.path)/ags-shim"
    try #require(try ShimProcess(arguments: ["cp", ShimProcess.binary, binary]).wait() == 0)
    let shim = try ShimProcess(runner: try Namespace.otherUser(), arguments: [binary, "init"])
    // The agent is an ordinary process of that user: it may look at itself, not at init.
    shim.send(
      document(
        """
        for name in environ maps; do
          head -c1 /proc/$$/$name >/dev/null && echo own $name
          head -c1 /proc/$PPID/$name >/dev/null && echo init $name
        done; test -r /proc/$$/mem && echo own mem; test -r /proc/$PPID/mem && echo init mem
        test -e /proc/$PPID/fd/0 && echo init fd; echo ready; sleep 30
        """))
    let output = shim.read(until: "ready")
    #expect(output.contains("own environ") && output.contains("own mem"))
    #expect(!output.contains("init"), "\(output)")
    #expect(output.contains("Permission denied"))
    var status = stat()
    // Its files in /proc belong to the namespace's root, which outside is who tests.
    #expect(stat("/proc/\(shim.process)/environ", &status) == 0 && status.st_uid == getuid())
    shim.closeLifeline()
    #expect(shim.wait() == 137)
  }

  @Test func onlyInitGivesUpItsCore() throws {
    let shim = try ShimProcess(arguments: [
      "sh", "-c", "ulimit -Sc 4; exec \(ShimProcess.binary) init",
    ])
    shim.send(document("ulimit -Sc; grep 'core file' /proc/$PPID/limits"))
    let words = shim.read().split(whereSeparator: { $0 == " " || $0 == "\n" })
    #expect(words.prefix(6) == ["4", "Max", "core", "file", "size", "0"])
  }
}
