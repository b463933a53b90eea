import AGSTestSupport
import SystemPackage
import Testing

@testable import AGSLib

@Suite struct RegularFileWritingTests {
  @Test func fileIsReplacedWholeWithItsMode() async throws {
    try await withTemporaryDirectory { root in
      let path = root.appending("f")
      try RegularFile.write(Array("old".utf8), to: path, mode: 0o600, existing: .replaced)
      try RegularFile.write(Array("new".utf8), to: path, mode: 0o640, existing: .replaced)
      #expect(try read(path) == "new")
      #expect(mode(of: path) == 0o640)
      #expect(names(in: root) == ["f"])
    }
  }

  @Test func readerSeesOldOrNewAndNothingBetween() async throws {
    try await withTemporaryDirectory { root in
      let path = root.appending("f")
      let texts = ["a", "b"].map { [UInt8](repeating: $0.utf8.first!, count: 60000) }
      try RegularFile.write(texts[0], to: path, mode: 0o600, existing: .replaced)
      await withTaskGroup(of: Void.self) { group in
        for text in texts {
          group.addTask {
            for _ in 0..<50 {
              #expect(throws: Never.self) {
                try RegularFile.write(text, to: path, mode: 0o600, existing: .replaced)
              }
            }
          }
        }
        group.addTask {
          for _ in 0..<100 {
            let text = SmallFile.text(path).map { Array($0.utf8) }
            #expect(text.map(texts.contains) == true)
          }
        }
      }
      #expect(names(in: root) == ["f"])
    }
  }

  @Test func linkIsReplacedAndNotWrittenThrough() async throws {
    try await withTemporaryDirectory { root in
      try write("mine", to: root.appending("victim"))
      try link(root.appending("f"), to: root.appending("victim"))
      try RegularFile.write(
        Array("new".utf8), to: root.appending("f"), mode: 0o600, existing: .replaced)
      #expect(try read(root.appending("victim")) == "mine")
      #expect(try read(root.appending("f")) == "new")
    }
  }

  @Test func failureLeavesTheOldAndNothingElse() async throws {
    try await withTemporaryDirectory { root in
      try makeDirectory(root.appending("d/in the way"))
      #expect(throws: FileError.self) {
        try RegularFile.write([1], to: root.appending("d"), mode: 0o600, existing: .replaced)
      }
      #expect(names(in: root) == ["d"])
      #expect(throws: FileError.self) {
        try RegularFile.write(
          [1], to: root.appending("missing/f"), mode: 0o600, existing: .replaced)
      }
      #expect(names(in: root) == ["d"])
    }
  }
}
