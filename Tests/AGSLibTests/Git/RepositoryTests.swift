import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// What real git makes is found; 3-run "Mounts" 1 and 2.
@Suite struct RepositoryTests {
  @Test func plainRepositoryIsFoundFromAnywhereBelow() async throws {
    try await GitFixture.with { fixture in
      let root = try await fixture.repository("r")
      let below = root.appending("a/b/c")
      try makeDirectory(below)
      let expected = Repository(
        root: root, kind: .plain, gitDirectory: root.appending(".git"),
        commonDirectory: root.appending(".git"))
      for place in [root, below, root.appending(".git/refs/heads")] {
        #expect(try Repository.find(from: place, userID: getuid()) == expected)
      }
      #expect(expected.namingDirectory == root)
      #expect(try Repository.find(from: fixture.root, userID: getuid()) == nil)
      #expect(try Repository.find(from: root.appending("not/there"), userID: getuid()) == nil)
    }
  }

  @Test func nearestRepositoryWins() async throws {
    try await GitFixture.with { fixture in
      let outer = try await fixture.repository("outer")
      let inner = try await fixture.repository("outer/inner")
      #expect(try Repository.find(from: inner, userID: getuid())?.root == inner)
      #expect(try Repository.find(from: outer, userID: getuid())?.root == outer)
    }
  }

  @Test func linkToTheRepositoryIsResolved() async throws {
    try await GitFixture.with { fixture in
      let root = try await fixture.repository("r")
      try link(fixture.root.appending("l"), to: root)
      let found = try Repository.find(from: fixture.root.appending("l"), userID: getuid())
      #expect(found?.root == root)
    }
  }

  @Test func emptyGitDirectoryIsSkippedAsGitDoes() async throws {
    try await GitFixture.with { fixture in
      let root = try await fixture.repository("r")
      try makeDirectory(root.appending("sub/.git"))
      #expect(try Repository.find(from: root.appending("sub"), userID: getuid())?.root == root)
      let git = try await fixture.git("rev-parse", "--show-toplevel", in: root.appending("sub"))
      #expect(git.lines == [root.string])
    }
  }

  @Test func linkedWorktreeKnowsItsRepository() async throws {
    try await GitFixture.with { fixture in
      let root = try await fixture.repository("main")
      let tree = fixture.root.appending("else where/fix")
      try await fixture.git("worktree", "add", "-q", tree.string, in: root)
      try makeDirectory(tree.appending("deep"))
      let found = try #require(try Repository.find(from: tree.appending("deep"), userID: getuid()))
      #expect(found.kind == .linkedWorktree && found.root == tree)
      #expect(found.commonDirectory == root.appending(".git"))
      #expect(found.gitDirectory == root.appending(".git/worktrees/fix"))
      #expect(found.namingDirectory == root)
    }
  }

  @Test func worktreeOfABareRepositoryIsFound() async throws {
    try await GitFixture.with { fixture in
      let root = try await fixture.repository("main")
      try await fixture.git("clone", "-q", "--bare", root.string, "bare.git", in: fixture.root)
      let bare = fixture.root.appending("bare.git")
      let tree = fixture.root.appending("tree")
      try await fixture.git("worktree", "add", "-q", tree.string, in: bare)
      let found = try #require(try Repository.find(from: tree, userID: getuid()))
      #expect(found.kind == .linkedWorktree && found.commonDirectory == bare)
      #expect(found.namingDirectory == bare)
    }
  }

  @Test func bareRepositoryIsItsOwnWorkspace() async throws {
    try await GitFixture.with { fixture in
      let root = try await fixture.repository("main")
      try await fixture.git("clone", "-q", "--bare", root.string, "bare.git", in: fixture.root)
      let bare = fixture.root.appending("bare.git")
      let expected = Repository(
        root: bare, kind: .bare, gitDirectory: bare, commonDirectory: bare)
      for place in [bare, bare.appending("refs/heads"), bare.appending("hooks")] {
        #expect(try Repository.find(from: place, userID: getuid()) == expected, "\(place)")
      }
      // What git keeps inside another repository is no workspace of its own.
      let sub = try await fixture.repository("sub")
      try await fixture.git("submodule", "--quiet", "add", sub.string, "s", in: root)
      let inside = root.appending(".git/modules/s")
      #expect(try Repository.find(from: inside, userID: getuid())?.root == root)
    }
  }

  /// A bare repository in a hidden directory with its worktrees beside it.
  @Test func hiddenBareRepositoryIsFoundFromBesideItAndFromItsWorktrees() async throws {
    try await GitFixture.with { fixture in
      let source = try await fixture.repository("source")
      let project = fixture.root.appending("project")
      try makeDirectory(project)
      try await fixture.git("clone", "-q", "--bare", source.string, ".bare", in: project)
      try write("gitdir: ./.bare\n", to: project.appending(".git"))
      try await fixture.git("worktree", "add", "-q", "fix", in: project)
      let found = try #require(try Repository.find(from: project, userID: getuid()))
      #expect(found.kind == .plain && found.gitDirectory == project.appending(".bare"))
      let tree = try #require(
        try Repository.find(from: project.appending("fix"), userID: getuid()))
      #expect(tree.kind == .linkedWorktree && tree.namingDirectory == project)
      // The same file leading out of the workspace is nobody's.
      try write("gitdir: ../source/.git\n", to: project.appending(".git"))
      #expect(fixture.refusal(at: project)?.contains("does not point back") == true)
    }
  }

  @Test func worktreeWithRelativePathsIsFound() async throws {
    try await GitFixture.with { fixture in
      let root = try await fixture.repository("main")
      let tree = fixture.root.appending("tree")
      try await fixture.git("worktree", "add", "-q", tree.string, in: root)
      try write("gitdir: ../main/.git/worktrees/tree\n", to: tree.appending(".git"))
      try write("../../../../tree/.git\n", to: root.appending(".git/worktrees/tree/gitdir"))
      try await fixture.git("status", in: tree)
      #expect(try Repository.find(from: tree, userID: getuid())?.kind == .linkedWorktree)
      // As git, which cuts line ends of either kind.
      try write("gitdir: ../main/.git/worktrees/tree\r\n", to: tree.appending(".git"))
      try await fixture.git("status", in: tree)
      #expect(try Repository.find(from: tree, userID: getuid())?.kind == .linkedWorktree)
    }
  }

  @Test func movedWorktreeIsRefusedUntilItIsRepaired() async throws {
    try await GitFixture.with { fixture in
      let root = try await fixture.repository("main")
      let old = fixture.root.appending("old")
      let new = fixture.root.appending("new")
      try await fixture.git("worktree", "add", "-q", old.string, in: root)
      #expect(rename(old.string, new.string) == 0)
      let summary = try #require(fixture.refusal(at: new))
      #expect(summary.contains("does not point back to \(new)"))
      try await fixture.git("worktree", "repair", new.string, in: root)
      #expect(try Repository.find(from: new, userID: getuid())?.root == new)
    }
  }

  @Test func worktreeOfAMovedRepositoryIsRefused() async throws {
    try await GitFixture.with { fixture in
      let root = try await fixture.repository("main")
      let tree = fixture.root.appending("tree")
      try await fixture.git("worktree", "add", "-q", tree.string, in: root)
      #expect(rename(root.string, fixture.root.appending("other").string) == 0)
      #expect(fixture.refusal(at: tree)?.contains("is not there") == true)
    }
  }

  @Test func submoduleMountsItsOwnGitDirectoryOnly() async throws {
    try await GitFixture.with { fixture in
      let library = try await fixture.repository("library")
      let root = try await fixture.repository("main")
      try await fixture.git("submodule", "--quiet", "add", library.string, "lib/x", in: root)
      let sub = root.appending("lib/x")
      let found = try #require(try Repository.find(from: sub, userID: getuid()))
      #expect(found.kind == .submodule && found.root == sub)
      #expect(found.gitDirectory == root.appending(".git/modules/lib/x"))
      #expect(found.commonDirectory == found.gitDirectory)
      #expect(found.namingDirectory == sub)
    }
  }

  @Test func planMountsTheRepositorysGitDirectoryBesideTheWorktree() async throws {
    try await PlanFixture.with { fixture in
      let git = GitFixture(root: fixture.root)
      let root = try await git.repository("main")
      let tree = fixture.root.appending("tree")
      try await git.git("worktree", "add", "-q", tree.string, in: root)
      fixture.host.currentDirectory = tree
      let usual = try fixture.plan()
      #expect(usual.git == .quarantined && usual.mounts[0].source == tree)
      #expect(!usual.mounts.contains { $0.source == root.appending(".git") })
      fixture.configuration.git.mode = .direct
      let plan = try fixture.plan()
      #expect(plan.mounts.prefix(2).map(\.source) == [tree, root.appending(".git")])
      #expect(plan.mounts.prefix(2).map(\.target.description) == [tree.string, "\(root)/.git"])
      #expect(plan.containerName.hasSuffix("-main-0123abcd"))
      #expect(try PlanDescription(plan).json().contains("\"linkedWorktree\""))
    }
  }
}
