import AGSWire
import Glibc
import Testing

@Suite struct InitDocumentTests {
  func run(_ bytes: [UInt8]) throws -> (status: Int32?, output: String) {
    let shim = try ShimProcess()
    shim.send(bytes)
    let output = shim.read()
    return (shim.wait(), output)
  }

  @Test func incompleteDocumentEndsQuietly() throws {
    let bytes = LaunchDocument.shell("echo started").encoded()
    for count in [0, 1, bytes.count / 2, bytes.count - 1] {
      let result = try run(Array(bytes.prefix(count)))
      #expect(result.status == 137)
      #expect(result.output == "")
    }
  }

  @Test func malformedDocumentIsRefusedInOneLine() throws {
    for text in ["{}\n[]\n", "\n\n", "[\n]\n", "{\"v\":1}\n[]\n", "a\nb\nc\n"] {
      let result = try run(Array(text.utf8))
      #expect(result.status == 125)
      #expect(result.output.hasPrefix("ags-shim: the launch document "))
      #expect(result.output.filter { $0 == "\n" }.count == 1)
    }
  }

  @Test func malformedEnvironmentStartsNothing() throws {
    let header = LaunchDocument.shell("echo started").encoded().split(separator: 0x0A)[0]
    let result = try run(header + Array("\n[[\"A\",\"hunter2\"],7]\n".utf8))
    #expect(result.status == 125)
    #expect(result.output.hasPrefix("ags-shim: ") && !result.output.contains("hunter2"))
  }

  @Test func mutatedDocumentsNeverCrash() throws {
    let bytes = LaunchDocument.programs(["/no/such/program"]).encoded()
    var state: UInt64 = 99
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<150 {
      var mutated = bytes
      for _ in 0...next(3) { mutated[next(mutated.count)] = UInt8(next(256)) }
      let status = try #require(try run(mutated).status)
      #expect([125, 126, 127, 137].contains(status))
    }
  }

  @Test func tenMegabytesComeThroughThePipe() throws {
    var document = LaunchDocument.shell("exit 9")
    let link = String(repeating: "x", count: 1000)
    document.environment = (0..<10_000).map { .init(name: "V\($0)", value: link) }
    // More than any kernel hands to a program: said, not cut off.
    let large = try run(document.encoded())
    #expect(large.status == 126)
    #expect(large.output.contains("larger than the kernel takes"))

    document.environment = (0..<1000).map { .init(name: "V\($0)", value: link) }
    #expect(try run(document.encoded()).status == 9)
  }

  @Test func variableThatIsTooLongIsNamed() throws {
    let long = String(repeating: "hunter2", count: 30_000)
    let result = try run(LaunchDocument.shell("exit 9", environment: [("BIG", long)]).encoded())
    #expect(result.status == 126)
    #expect(result.output.hasSuffix("variable BIG is longer than 128 KiB\n"))
  }

  @Test func missingDescriptorsAreExplained() throws {
    let binary = ShimProcess.binary
    for script in ["exec \(binary) init 3<&-", "exec \(binary) init 4<&-"] {
      let shim = try ShimProcess(arguments: ["sh", "-c", script])
      #expect(shim.read().contains("is not open: only ags starts this program"))
      #expect(shim.wait() == 125)
    }
    let shim = try ShimProcess(arguments: ["sh", "-c", "exec \(binary) init 4</dev/null"])
    #expect(shim.read().contains("not the lifeline"))
    #expect(shim.wait() == 125)
  }

  @Test func appletsAreChosenByNameOrWord() throws {
    let directory = try TemporaryDirectory()
    symlink(ShimProcess.binary, "\(directory.path)/init")
    symlink(ShimProcess.binary, "\(directory.path)/frobnicate")
    let named = try ShimProcess(arguments: ["\(directory.path)/init"])
    named.send(.shell("exit 6"))
    #expect(named.wait() == 6)
    for words in [["\(directory.path)/frobnicate"], [ShimProcess.binary, "frobnicate"]] {
      let unknown = try ShimProcess(arguments: words)
      #expect(unknown.wait() == 127)
      #expect(unknown.read().hasPrefix("ags-shim: frobnicate: no such applet"))
    }
    let version = try ShimProcess(arguments: [ShimProcess.binary, "--version"])
    #expect(version.wait() == 0)
    #expect(version.read() == "ags-shim \(AGSVersion.current)\n")
    #expect(try ShimProcess(arguments: [ShimProcess.binary]).wait() == 2)
  }
}
