import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

@Suite struct PrivateDirectoryTests {
  private func refusal(_ path: FilePath, isShared: Bool = false) -> DirectoryError? {
    do throws(DirectoryError) {
      try PrivateDirectory.ensure(path, userID: getuid(), isShared: isShared)
      return nil
    } catch {
      return error
    }
  }

  @Test func oneLevelIsMadeForTheUserAlone() async throws {
    try await withTemporaryDirectory { root in
      let path = root.appending("d")
      #expect(refusal(path) == nil)
      #expect(mode(of: path) == 0o700)
      #expect(refusal(path) == nil)
      #expect(refusal(root.appending("a/b")) != nil)
      #expect(!exists(root.appending("a")))
    }
  }

  @Test func linkInItsPlaceIsNeverFollowed() async throws {
    try await withTemporaryDirectory { root in
      try makeDirectory(root.appending("elsewhere"))
      chmod(root.appending("elsewhere").string, 0o700)
      for target: FilePath in [root.appending("elsewhere"), root.appending("nothing"), "."] {
        try link(root.appending("l"), to: target)
        #expect(refusal(root.appending("l"))?.summary.contains("not a real directory") == true)
        unlink(root.appending("l").string)
      }
      #expect(!exists(root.appending("nothing")))
    }
  }

  @Test func fileOrPipeInItsPlaceIsRefused() async throws {
    try await withTemporaryDirectory { root in
      try write("x", to: root.appending("f"))
      #expect(refusal(root.appending("f"))?.summary.contains("not a real directory") == true)
      #expect(mkfifo(root.appending("p").string, 0o700) == 0)
      #expect(refusal(root.appending("p")) != nil)
    }
  }

  @Test func openModesAreRefusedWithTheCommandThatMends() async throws {
    try await withTemporaryDirectory { root in
      let path = root.appending("d")
      try makeDirectory(path)
      for (bits, shared) in [
        (0o755, true), (0o711, true), (0o770, false), (0o777, false), (0o701, true),
        (0o1777, false),
      ] as [(mode_t, Bool)] {
        chmod(path.string, bits)
        let error = refusal(path)
        #expect(error?.summary.contains("open to other users") == true)
        #expect(error?.hint == "chmod 700 \(path)")
        #expect((refusal(path, isShared: true) == nil) == shared, "\(String(bits, radix: 8))")
      }
      #expect(mode(of: path) == 0o1777)
    }
  }

  @Test func directoryOfAnotherUserIsRefused() async throws {
    try await withTemporaryDirectory { root in
      let path = root.appending("d")
      try makeDirectory(path)
      chmod(path.string, 0o700)
      let error = #expect(throws: DirectoryError.self) {
        try PrivateDirectory.ensure(path, userID: getuid() + 1)
      }
      #expect(error?.summary.contains("belongs to uid \(getuid())") == true)
      guard getuid() == 0 else { return }
      chown(path.string, 4242, 4242)
      #expect(refusal(path)?.summary.contains("belongs to uid 4242") == true)
    }
  }

  @Test func everyMissingLevelIsMadeAndWhatIsThereIsLeft() async throws {
    try await withTemporaryDirectory { root in
      try makeDirectory(root.appending("real"))
      chmod(root.appending("real").string, 0o755)
      try link(root.appending("l"), to: root.appending("real"))
      try PrivateDirectory.makeAll(root.appending("l/a/b"))
      #expect(mode(of: root.appending("real")) == 0o755)
      #expect(mode(of: root.appending("real/a")) == 0o700)
      #expect(mode(of: root.appending("real/a/b")) == 0o700)
      try PrivateDirectory.makeAll(root.appending("l/a/b"))
      try PrivateDirectory.makeAll("/")

      try write("x", to: root.appending("file"))
      for path in ["file", "file/x"] {
        #expect(throws: DirectoryError.self) {
          try PrivateDirectory.makeAll(root.pushing(FilePath(path)))
        }
      }
    }
  }
}
