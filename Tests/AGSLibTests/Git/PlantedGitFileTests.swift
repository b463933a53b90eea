import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// 6-security 10: what an agent can write in a workspace never has another repository's
/// git directory mounted.
@Suite struct PlantedGitFileTests {
  private func workspace(_ fixture: GitFixture) throws -> FilePath {
    let path = fixture.root.appending("w")
    try makeDirectory(path)
    return path
  }

  @Test func fileToAnotherRepositoryIsRefused() async throws {
    try await GitFixture.with { fixture in
      let victim = try await fixture.repository("victim")
      let tree = fixture.root.appending("tree")
      try await fixture.git("worktree", "add", "-q", tree.string, in: victim)
      let workspace = try workspace(fixture)
      for target in ["\(victim)/.git", "../victim/.git", "\(victim)/.git/worktrees/tree"] {
        try write("gitdir: \(target)\n", to: workspace.appending(".git"))
        let summary = try #require(fixture.refusal(at: workspace))
        #expect(summary.contains("does not point back to \(workspace)"), "\(target)")
      }
    }
  }

  /// Anybody can put a `.git` into a directory like /tmp.
  @Test func repositoryOfSomebodyElseIsRefused() async throws {
    try await GitFixture.with { fixture in
      let isRoot = getuid() == 0
      let owner: UInt32 = isRoot ? 4242 : getuid()
      let below = fixture.root.appending("shared/mine")
      let marker = fixture.root.appending("shared/.git")
      try makeDirectory(below)
      try makeGitDirectory(marker)
      if isRoot { #expect(chown(marker.string, owner, 0) == 0) }
      #expect(try Repository.find(from: below, userID: owner)?.gitDirectory == marker)
      let error = try #require(throws: RepositoryError.self) {
        _ = try Repository.find(from: below, userID: owner + 1)
      }
      #expect(error.summary.contains("belongs to uid \(owner)"))
      #expect(error.hint?.contains("--here") == true)
      guard isRoot else { return }
      // Root takes what belongs to the owner of where it stands, and nobody else's.
      #expect(throws: RepositoryError.self) {
        _ = try Repository.find(from: below, userID: 0)
      }
      #expect(chown(below.string, owner, 0) == 0)
      #expect(try Repository.find(from: below, userID: 0)?.gitDirectory == marker)
    }
  }

  @Test func fileToAnywhereElseIsRefused() async throws {
    try await GitFixture.with { fixture in
      let workspace = try workspace(fixture)
      for target in ["/", "/etc", "/etc/passwd", "/nowhere", "..", ".", ".git", "~/x"] {
        try write("gitdir: \(target)\n", to: workspace.appending(".git"))
        #expect(fixture.refusal(at: workspace) != nil, "\(target)")
      }
    }
  }

  /// A worktree's metadata of the agent's own, whose common directory is the victim's.
  @Test func plantedCommonDirectoryIsRefused() async throws {
    try await GitFixture.with { fixture in
      let victim = try await fixture.repository("victim")
      let workspace = try workspace(fixture)
      let fake = workspace.appending("fake/worktrees/x")
      try makeGitDirectory(fake)
      try makeGitDirectory(workspace.appending("fake"))
      try write("gitdir: fake/worktrees/x\n", to: workspace.appending(".git"))
      try write("\(workspace)/.git\n", to: fake.appending("gitdir"))
      for common in ["\(victim)/.git", "../../../../victim/.git", "/", "."] {
        try write(common + "\n", to: fake.appending("commondir"))
        #expect(fixture.refusal(at: workspace) != nil, "\(common)")
      }
      // The victim's worktree directory, reached through a link of the agent's.
      try link(workspace.appending("way"), to: victim.appending(".git"))
      try makeDirectory(victim.appending(".git/worktrees/y"))
      try write("gitdir: way/worktrees/y\n", to: workspace.appending(".git"))
      #expect(fixture.refusal(at: workspace) != nil)
      // One that is all inside the workspace mounts nothing but the workspace.
      try write("gitdir: fake/worktrees/x\n", to: workspace.appending(".git"))
      try write("../..\n", to: fake.appending("commondir"))
      let found = try Repository.find(from: workspace, userID: getuid())
      #expect(found?.commonDirectory == workspace.appending("fake"))
    }
  }

  @Test func commonDirectoryPlantedInAPlainRepositoryIsNotMounted() async throws {
    try await PlanFixture.with { fixture in
      let victim = fixture.root.appending("victim/.git")
      try makeGitDirectory(victim)
      try fixture.makeRepository()
      try write("\(victim)\n", to: fixture.project.appending(".git/commondir"))
      #expect(!(try fixture.plan().mounts.contains { $0.source == victim }))
    }
  }

  @Test func submoduleMetadataNamingAnotherWorkTreeIsRefused() async throws {
    try await GitFixture.with { fixture in
      let workspace = try workspace(fixture)
      let git = fixture.root.appending("victim/.git/modules/x")
      try makeGitDirectory(git)
      try write("gitdir: \(git)\n", to: workspace.appending(".git"))
      for (config, isFound) in [
        ("", false), ("[core]\n\tworktree = ../../../x\n", false),
        ("[other]\nworktree = \(workspace)\n", false),
        ("[core]\n\tworktree = \(workspace)\n\tworktree = /\n", false),
        ("[CORE]\r\n\tWorkTree = \"\(workspace)\"\r\n[x]\r\n", true),
        ("[core]\n\tworktree = ../../../../w\n", true),
      ] {
        try write(config, to: git.appending("config"))
        #expect((fixture.refusal(at: workspace) == nil) == isFound, "\(config)")
      }
    }
  }

  @Test func linkInPlaceOfTheGitDirectoryIsRefused() async throws {
    try await GitFixture.with { fixture in
      let victim = try await fixture.repository("victim")
      let workspace = try workspace(fixture)
      try link(workspace.appending(".git"), to: victim.appending(".git"))
      #expect(fixture.refusal(at: workspace)?.contains("neither a directory nor a file") == true)
    }
  }

  @Test func pipeAndDeviceDoNotHang() async throws {
    try await GitFixture.with { fixture in
      let workspace = try workspace(fixture)
      #expect(mkfifo(workspace.appending(".git").string, 0o600) == 0)
      #expect(fixture.refusal(at: workspace)?.contains("neither a directory nor a file") == true)

      // The same for the files that are read behind it.
      unlink(workspace.appending(".git").string)
      let git = fixture.root.appending("g")
      try makeGitDirectory(git)
      try write("gitdir: \(git)\n", to: workspace.appending(".git"))
      for name in ["gitdir", "commondir", "config"] {
        #expect(mkfifo(git.appending(name).string, 0o600) == 0)
      }
      #expect(fixture.refusal(at: workspace) != nil)
    }
  }

  @Test func hugeAndMalformedFilesAreRefused() async throws {
    try await GitFixture.with { fixture in
      let workspace = try workspace(fixture)
      let valid = "gitdir: \(fixture.root)\n"
      for text in [
        "", "\n", "gitdir:\n", "gitdir:", "\ngitdir: /\n", "GITDIR: /\n", "ref: x\n",
        valid + String(repeating: "#", count: 1 << 20), "gitdir: /\u{0}/x\n",
        "gitdir: " + String(repeating: "a/", count: 30000),
      ] {
        try write(text, to: workspace.appending(".git"))
        #expect(fixture.refusal(at: workspace) != nil, "\(text.prefix(40))")
      }
    }
  }
}
