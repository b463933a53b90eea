import SystemPackage
import Testing

@testable import AGSLib

@Suite struct ContainerNameTests {
  private func name(_ root: FilePath, repository: Repository? = nil) -> String {
    let workspace = Workspace(
      root: root, workingDirectory: root, repository: repository, owner: 0, group: 0, mode: 0)
    return "ags-\(workspace.slug)-0123abcd"
  }

  @Test func lastTwoPartsOfThePathAreSaid() {
    #expect(name("/home/me/src/Project_1") == "ags-src-project-1-0123abcd")
    #expect(name("/project") == "ags-project-0123abcd")
  }

  @Test func nothingToSayIsTheWorkspace() {
    for path: FilePath in ["/", "/日本/語", "/.../---", "/ / ", "/🦊"] {
      #expect(name(path) == "ags-workspace-0123abcd", "\(path)")
    }
  }

  @Test(arguments: [
    "/a b/c.d", "/-x/-y-", "/Ünï/İstanbul", "/a/.hidden", "/x,y/\"z\"", "/a\nb/c\td",
    "/" + String(repeating: "long", count: 60), "/a/" + String(repeating: "-", count: 200) + "z",
    "/KELVIN\u{212A}/\u{FB01}ligature", "/--rm/--privileged", "/a/b;rm -rf ~",
  ])
  func nameIsOnePodmanTakes(path: String) throws {
    let name = name(FilePath(path))
    let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789-".unicodeScalars)
    #expect(name.unicodeScalars.allSatisfy(allowed.contains), "\(name)")
    #expect(name.utf8.count <= 63, "\(name)")
    #expect(name.hasPrefix("ags-") && name.hasSuffix("-0123abcd"))
    #expect(!name.contains("--"), "\(name)")
  }

  @Test func longNameKeepsItsEnd() {
    let name = name(FilePath("/" + String(repeating: "x", count: 100) + "/the-end"))
    #expect(name.hasSuffix("the-end-0123abcd"))
  }

  @Test func linkedWorktreeIsNamedAfterItsRepository() {
    let worktree = Repository(
      root: "/tmp/fix-42", kind: .linkedWorktree,
      gitDirectory: "/src/tool/.git/worktrees/fix-42", commonDirectory: "/src/tool/.git")
    #expect(name("/tmp/fix-42", repository: worktree) == "ags-src-tool-0123abcd")
    let bare = Repository(
      root: "/tmp/fix-42", kind: .linkedWorktree,
      gitDirectory: "/src/tool.git/worktrees/fix-42", commonDirectory: "/src/tool.git")
    #expect(name("/tmp/fix-42", repository: bare) == "ags-src-tool-git-0123abcd")
  }

  @Test func sessionIDsAreEightHexadecimalDigits() {
    for _ in 0..<200 { #expect(SessionID.isValid(SessionID.random())) }
    for text in ["", "0123abc", "0123abcde", "0123ABCD", "0123abcg", "../../..", "０１２３abcd"] {
      #expect(!SessionID.isValid(text))
    }
  }
}
