import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

@Suite struct GitReferencesTests {
  private func read(_ path: FilePath) throws -> GitReferences {
    let directory = try #require(try DataDirectory.open(path.appending(".git")))
    return try GitReferences.read(directory)
  }

  @Test(arguments: ["sha1", "sha256"])
  func sameAsGitSaysLooseAndPacked(format: String) async throws {
    try await GitFixture.with { fixture in
      let root = fixture.root.appending("work")
      try makeDirectory(root)
      try await fixture.git("init", "-q", "--object-format=\(format)", "-b", "main", in: root)
      for step in 1...3 {
        try await fixture.git("commit", "-q", "--allow-empty", "-m", "\(step)", in: root)
        try await fixture.git("branch", "topic/\(step)", in: root)
        try await fixture.git("tag", "-a", "-m", "t", "v\(step)", in: root)
        // The second commit's are packed, the third's loose, one of them over a packed one.
        if step == 2 { try await fixture.git("pack-refs", "--all", in: root) }
      }
      try await fixture.git("branch", "-f", "topic/1", "main", in: root)
      try await fixture.git("symbolic-ref", "refs/remotes/o/HEAD", "refs/heads/main", in: root)
      let references = try read(root)
      let lines = try await fixture.git(
        "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags", in: root
      ).lines
      #expect(
        references.objects.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" } == lines)
      #expect(references.symbolic.count == 1 && references.oddities == 0)
      #expect(references.head == .symbolic(try #require(GitReferenceName("refs/heads/main"))))
      try await fixture.git("checkout", "-q", "--detach", in: root)
      let head = try #require(try await fixture.git("rev-parse", "HEAD", in: root).lines.first)
      #expect(try read(root).head == .detached(try #require(GitObjectID(head))))
    }
  }

  @Test func whatIsNoReferenceIsCountedAndNotFollowed() async throws {
    try await withTemporaryDirectory { root in
      let directory = root.appending(".git")
      try makeGitDirectory(directory)
      let object = String(repeating: "a", count: 40)
      let heads = directory.appending("refs/heads")
      try write(object + "\n", to: heads.appending("good"))
      try write(object + "\n", to: root.appending("elsewhere"))
      try link(heads.appending("link"), to: root.appending("elsewhere"))
      mkfifo(heads.appending("pipe").string, 0o600)
      try link(directory.appending("refs/linked"), to: heads)
      try write("nonsense", to: heads.appending("nonsense"))
      try write(object, to: heads.appending("with space"))
      try write(object, to: heads.appending("-option"))
      try write(object, to: heads.appending("x.lock"))
      try write(
        "\(object) refs/heads/packed\n\(object) refs/heads/../up\nzz refs/heads/z\n",
        to: directory.appending("packed-refs"))
      let references = try read(root)
      #expect(
        references.objects.keys.sorted().map(\.text) == ["refs/heads/good", "refs/heads/packed"])
      #expect(references.oddities == 8)
    }
  }

  @Test func linkInPlaceOfTheDirectoryIsAnError() async throws {
    try await withTemporaryDirectory { root in
      try makeGitDirectory(root.appending("real"))
      try link(root.appending(".git"), to: root.appending("real"))
      #expect(throws: GitDataError.self) { try read(root) }
      #expect(try DataDirectory.open(root.appending("absent")) == nil)
    }
  }

  @Test func headThatIsNoneIsNone() async throws {
    try await withTemporaryDirectory { root in
      let directory = root.appending(".git")
      try makeGitDirectory(directory)
      for content in ["", "ref: ../../etc/passwd", "ref: refs/heads/a..b", "0123"] {
        try write(content, to: directory.appending("HEAD"))
        #expect(try read(root).head == nil, "\(content)")
      }
    }
  }

  @Test(arguments: [
    "refs/heads/main", "refs/heads/a/b", "refs/tags/v1.0", "refs/heads/ünï", "refs/notes/commits",
    "refs/heads/x@y", "refs/heads/a-b",
  ])
  func soundNamesAre(name: String) { #expect(GitReferenceName(name)?.text == name) }

  @Test(arguments: [
    "main", "refs/main", "refs/heads/", "refs//heads", "refs/heads/a..b", "refs/heads/.a",
    "refs/heads/a.", "refs/heads/a.lock", "refs/heads/a b", "refs/heads/a\nb", "refs/heads/a:b",
    "refs/heads/a~1", "refs/heads/a^", "refs/heads/a?", "refs/heads/*", "refs/heads/[a",
    "refs/heads/a\\b", "refs/heads/a@{1}", "refs/heads/-a", "refs/heads/\u{7F}",
    "refs/heads/" + String(repeating: "a", count: 201), "../refs/heads/a", "refs/heads/..",
    "refs/heads/a.\u{301}.b/../c", "refs/heads/HEAD", "refs/tags/@", "refs/heads/refs/heads/main",
    "refs/tags/refs/x",
  ])
  func oddNamesAreNot(name: String) { #expect(GitReferenceName(name) == nil) }
}
