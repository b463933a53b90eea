import AGSTestSupport
import Glibc
import SystemPackage
import Testing

@testable import AGSLib

/// What an agent may leave in its private git directory: nothing of it runs or is followed,
/// and the host's repository works afterwards.
@Suite struct HostileQuarantineTests {
  struct Scene {
    let fixture: QuarantineFixture
    let quarantine: GitQuarantine
    /// The private directory.
    let own: FilePath
    let victim: FilePath

    /// An object the agent makes, by its name.
    func object(_ type: String, _ content: String) async throws -> String {
      var call = fixture.git.call(
        ["hash-object", "-t", type, "-w", "--stdin", "--literally"], in: fixture.work)
      call.environment["GIT_DIR"] = own.string
      call.input = .text(content)
      return try await call.runOrThrow().lines[0]
    }

    func commit(_ tree: String, parent: String? = nil) async throws -> String {
      let person = "a <a@b> 1700000000 +0000"
      let parent = parent.map { "parent \($0)\n" } ?? ""
      return try await object(
        "commit", "tree \(tree)\n\(parent)author \(person)\ncommitter \(person)\n\nx\n")
    }

    func tree(_ name: String, mode: String = "40000", of object: String) async throws -> String {
      var call = fixture.git.call(["mktree", "-z", "--missing"], in: fixture.work)
      call.environment["GIT_DIR"] = own.string
      let type = mode == "40000" ? "tree" : "blob"
      call.input = .text("\(mode) \(type) \(object)\t\(name)\0")
      return try await call.runOrThrow().lines[0]
    }

    func branch(_ name: String, _ object: String) throws {
      try write(object + "\n", to: own.appending("refs/heads/\(name)"))
    }

    func remove(_ name: String) async throws {
      try await fixture.git.shell("rm -rf \(name)", in: own)
    }
  }

  typealias Attack = @Sendable (Scene) async throws -> Void

  static let attacks: [String: Attack] = [
    "config that runs programs": { scene in
      let trap = scene.fixture.trap
      try write(
        """
        [core]
        \trepositoryformatversion = 0
        \tfsmonitor = \(trap)
        \thooksPath = /
        \tpager = \(trap)
        \teditor = \(trap)
        \tsshCommand = \(trap)
        \taskPass = \(trap)
        \talternateRefsCommand = \(trap)
        \tgitProxy = \(trap)
        \tworktree = \(scene.victim)
        [uploadpack]
        \tpackObjectsHook = \(trap)
        [filter "x"]
        \tclean = \(trap)
        \tprocess = \(trap)
        [diff]
        \texternal = \(trap)
        [include]
        \tpath = \(scene.victim)/config
        [extensions]
        \tpartialClone = evil
        [remote "evil"]
        \turl = ext::\(trap)
        \tpromisor = true
        [url "ext::\(trap) "]
        \tinsteadOf = /
        """, to: scene.own.appending("config"))
      try write("* filter=x diff=x\n", to: scene.own.appending("info/attributes"))
    },
    "config.worktree and commondir": { scene in
      try write(
        "[core]\n\tfsmonitor = \(scene.fixture.trap)\n",
        to: scene.own.appending("config.worktree"))
      try write("\(scene.victim)/.git\n", to: scene.own.appending("commondir"))
      try write("\(scene.victim)/.git\n", to: scene.own.appending("gitdir"))
    },
    "hooks": { scene in
      for name in [
        "reference-transaction", "post-index-change", "fsmonitor-watchman", "post-checkout",
        "pre-auto-gc", "update", "post-update", "pre-receive",
      ] {
        let hook = scene.own.appending("hooks/\(name)")
        try write("#!/bin/sh\n\(scene.fixture.trap)\n", to: hook)
        chmod(hook.string, 0o755)
      }
    },
    "links to another repository": { scene in
      for name in ["refs", "logs", "packed-refs", "index", "info", "hooks"] {
        try await scene.remove(name)
        try link(scene.own.appending(name), to: scene.victim.appending(".git/\(name)"))
      }
    },
    "objects that are a link": { scene in
      try await scene.remove("objects")
      try link(scene.own.appending("objects"), to: scene.victim.appending(".git/objects"))
    },
    "the whole directory is a link": { scene in
      try await scene.remove("../main")
      try link(scene.own, to: scene.victim.appending(".git"))
    },
    "pipes": { scene in
      for name in ["index", "packed-refs", "HEAD", "config", "shallow"] {
        try await scene.remove(name)
        mkfifo(scene.own.appending(name).string, 0o600)
      }
      mkfifo(scene.own.appending("refs/heads/pipe").string, 0o600)
      mkfifo(scene.own.appending("objects/pack/pack-0.pack").string, 0o600)
      try makeDirectory(scene.own.appending("objects/aa"))
      let name = String(repeating: "b", count: 38)
      mkfifo(scene.own.appending("objects/aa/\(name)").string, 0o600)
    },
    "odd reference names": { scene in
      let head = try await scene.fixture.inside(scene.quarantine, "rev-parse", "HEAD")[0]
      for name in ["-option", "with space", "x.lock", "--upload-pack=id", "a\nb", "@{1}"] {
        try write(head + "\n", to: scene.own.appending("refs/heads").appending(name))
      }
      try write(
        """
        # pack-refs with: peeled fully-peeled sorted
        \(head) refs/heads/../../../escape
        \(head) ../../../escape
        \(head) refs/heads/a
        \(head) refs/heads/a/b
        \(head) HEAD
        garbage
        ^^^^
        \(head) refs/heads/\u{1B}[31m
        """, to: scene.own.appending("packed-refs"))
    },
    "garbage in packed-refs": { scene in
      try write(
        String(repeating: "\0\u{7F}zz ", count: 50_000), to: scene.own.appending("packed-refs"))
    },
    "20000 references": { scene in
      let head = try await scene.fixture.inside(scene.quarantine, "rev-parse", "HEAD")[0]
      let lines = (0..<20_000).map { "\(head) refs/heads/many/\($0)\n" }.joined()
      try write(lines, to: scene.own.appending("packed-refs"))
    },
    "HEAD that leads outside": { scene in
      try write("ref: ../../../../etc/passwd\n", to: scene.own.appending("HEAD"))
    },
    "HEAD on no branch": { scene in
      try write("ref: refs/remotes/x/y\n", to: scene.own.appending("HEAD"))
    },
    "detached HEAD of nothing": { scene in
      try write(String(repeating: "1", count: 40) + "\n", to: scene.own.appending("HEAD"))
    },
    "a branch of nothing": { scene in
      try scene.branch("nothing", String(repeating: "1", count: 40))
    },
    "a branch that is a file": { scene in
      try scene.branch("blob", try await scene.object("blob", "x"))
    },
    "a tree with .git": { scene in
      let blob = try await scene.object("blob", "[core]\n\tfsmonitor = \(scene.fixture.trap)\n")
      let inner = try await scene.tree("config", mode: "100644", of: blob)
      for (number, name) in [".git", ".GIT", "..", ".", "git~1", ".g\u{200C}it"].enumerated() {
        let outer = try await scene.tree(name, of: inner)
        try scene.branch("dotgit\(number)", try await scene.commit(outer))
      }
    },
    "a .gitmodules that runs a program": { scene in
      let blob = try await scene.object(
        "blob", "[submodule \"../../x\"]\n\tpath = x\n\turl = -upload\n\tupdate = !id\n")
      let tree = try await scene.tree(".gitmodules", mode: "100644", of: blob)
      try scene.branch("modules", try await scene.commit(tree))
    },
    "a commit whose tree is missing": { scene in
      try scene.branch("hole", try await scene.commit(String(repeating: "2", count: 40)))
    },
    "broken packs": { scene in
      let pack = scene.own.appending("objects/pack/pack-\(String(repeating: "a", count: 40)).pack")
      try write("PACK\0\0\0\u{2}\0\0\0\u{1}garbage", to: pack)
      try write("not an index", to: FilePath(pack.string.dropLast(4) + "idx"))
      try write("x", to: scene.own.appending("objects/pack/multi-pack-index"))
      try write("x", to: scene.own.appending("objects/info/commit-graph"))
    },
    "an object under a wrong name": { scene in
      let name = String(repeating: "c", count: 38)
      let blob = try await scene.object("blob", "true content")
      try makeDirectory(scene.own.appending("objects/cc"))
      try await scene.fixture.git.shell(
        "cp objects/\(blob.prefix(2))/\(blob.dropFirst(2)) objects/cc/\(name)", in: scene.own)
      let tree = try await scene.tree("f", mode: "100644", of: "cc\(name)")
      try scene.branch("wrong", try await scene.commit(tree))
    },
    "an object that inflates": { scene in
      var call = scene.fixture.git.call(
        ["hash-object", "-w", "--stdin"], in: scene.fixture.work)
      call.environment["GIT_DIR"] = scene.own.string
      call.input = .text(String(repeating: "\0", count: 8 << 20))
      let blob = try await call.runOrThrow().lines[0]
      let tree = try await scene.tree("big", mode: "100644", of: blob)
      try scene.branch("bomb", try await scene.commit(tree))
    },
    "an object that claims to be huge": { scene in
      // zlib's stored block with the header of a blob of many terabytes.
      let header = "blob 99999999999999\0"
      let bytes: [UInt8] =
        [0x78, 0x01, 0x01, UInt8(header.utf8.count), 0, ~UInt8(header.utf8.count), 0xFF]
        + Array(header.utf8)
      let name = scene.own.appending("objects/dd/" + String(repeating: "d", count: 38))
      try makeDirectory(name.removingLastComponent())
      try write("", to: name)
      try RegularFile.write(bytes, to: name, existing: .replaced)
      let tree = try await scene.tree(
        "f", mode: "100644", of: "dd" + String(repeating: "d", count: 38))
      try scene.branch("claims", try await scene.commit(tree))
    },
    "garbage in the index": { scene in
      try write("DIRC\0\0\0\u{2}\u{7F}\u{7F}\u{7F}\u{7F}xx", to: scene.own.appending("index"))
    },
    "an index with .git": { scene in
      let blob = try await scene.object("blob", "x")
      let index = GitIndexBytes.one(path: ".git/config", object: blob)
      try RegularFile.write(index, to: scene.own.appending("index"), existing: .replaced)
    },
    "an index that leads out": { scene in
      let blob = try await scene.object("blob", "x")
      let index = GitIndexBytes.one(path: "../../escape", object: blob)
      try RegularFile.write(index, to: scene.own.appending("index"), existing: .replaced)
    },
    "planted alternates": { scene in
      let commit = try await scene.fixture.host("rev-parse", "HEAD", in: scene.victim)[0]
      try write(
        "\(scene.victim)/.git/objects\n", to: scene.own.appending("objects/info/alternates"))
      try write(
        "ext::\(scene.fixture.trap)\n", to: scene.own.appending("objects/info/http-alternates"))
      try scene.branch("stolen", commit)
    },
    "replace and graft": { scene in
      let head = try await scene.fixture.inside(scene.quarantine, "rev-parse", "HEAD")[0]
      try makeDirectory(scene.own.appending("refs/replace"))
      try write(head, to: scene.own.appending("refs/replace/\(head)"))
      try write("\(head)\n", to: scene.own.appending("info/grafts"))
      try write(String(repeating: "3", count: 40) + "\n", to: scene.own.appending("shallow"))
    },
    "a rebase that runs a program": { scene in
      try write(
        "exec \(scene.fixture.trap)\n", to: scene.own.appending("rebase-merge/git-rebase-todo"))
      try write("refs/heads/main\n", to: scene.own.appending("rebase-merge/head-name"))
    },
    "a stash that is none": { scene in
      let head = try await scene.fixture.inside(scene.quarantine, "rev-parse", "HEAD")[0]
      let zero = String(repeating: "0", count: 40)
      try write(
        "\(zero) \(head) a <a@b> 1 +0000\t\u{1B}]0;x\u{7} --help\n",
        to: scene.own.appending("logs/refs/stash"))
    },
    "everything is gone": { scene in
      try await scene.remove("*")
    },
    "the directory is gone": { scene in
      try await scene.remove("../main")
    },
    "nothing may be read": { scene in
      chmod(scene.own.appending("refs").string, 0)
      chmod(scene.own.appending("objects").string, 0)
    },
  ]

  @Test(arguments: attacks.keys.sorted())
  func nothingRunsAndTheHostWorksOn(attack: String) async throws {
    try await QuarantineFixture.with { fixture in
      let victim = try await fixture.git.repository("victim")
      let before = try await fixture.picture()
      let victimBefore = try contents(of: victim)
      let quarantine = try fixture.prepare()
      let scene = Scene(
        fixture: fixture, quarantine: quarantine,
        own: quarantine.record.repositories[0].privateDirectory, victim: victim)
      try await fixture.inside(quarantine, "branch", "good", "HEAD~1")
      try await Self.attacks[attack]?(scene)
      let report = try await fixture.take(quarantine)
      chmod(scene.own.appending("refs").string, 0o700)
      chmod(scene.own.appending("objects").string, 0o700)
      // What the host had it has, whatever else came.
      let now = try await fixture.picture()
      #expect(before.allSatisfy { now.contains($0) }, "\(now) \(report)")
      try await fixture.host("fsck", "--strict")
      try await fixture.host("commit", "-q", "--allow-empty", "-m", "on")
      #expect(!fixture.canaryFired)
      #expect(try contents(of: victim) == victimBefore)
      for name in ["hooks/update", "config.worktree", "commondir", "rebase-merge", "shallow"] {
        #expect(!exists(fixture.work.appending(".git").appending(name)), "\(name)")
      }
      #expect(!(try read(fixture.work.appending(".git/config")).contains("fsmonitor")))
      // Reports can be shown.
      #expect(report.lines.allSatisfy { $0.utf8.allSatisfy { $0 >= 0x20 } })
      let count = try await fixture.host("for-each-ref", "refs/heads").count
      #expect(count <= GitReferencePlan.limit + 3)
    }
  }

  /// The rest of an agent's work is not lost because of one thing that is broken.
  @Test(arguments: [
    "a tree with .git", "broken packs", "a commit whose tree is missing", "odd reference names",
    "an object under a wrong name", "a branch that is a file", "garbage in the index",
    "HEAD that leads outside", "config that runs programs", "an object that claims to be huge",
  ])
  func whatIsSoundArrivesAllTheSame(attack: String) async throws {
    try await QuarantineFixture.with { fixture in
      let victim = try await fixture.git.repository("victim")
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "checkout", "-q", "-b", "good")
      try await fixture.inside(quarantine, "commit", "-q", "--allow-empty", "-m", "good")
      try await Self.attacks[attack]?(
        Scene(
          fixture: fixture, quarantine: quarantine,
          own: quarantine.record.repositories[0].privateDirectory, victim: victim))
      let report = try await fixture.take(quarantine)
      #expect(
        report.imported.contains { $0.name == "good" && $0.subject == .branch }, "\(report)")
      #expect(!report.notTaken.isEmpty)
      let bad = try await fixture.host("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads")
      #expect(!bad.contains { $0.hasPrefix("dotgit") || $0 == "hole" || $0 == "wrong" }, "\(bad)")
      #expect(!fixture.canaryFired)
    }
  }

  @Test func replacedGitDirectoryIsNotImportedAndIsDisarmed() async throws {
    try await QuarantineFixture.with { fixture in
      let quarantine = try fixture.prepare()
      try await fixture.inside(quarantine, "branch", "good")
      // As if it had been renamed and rebuilt.
      let host = fixture.work.appending(".git")
      #expect(rename(host.string, fixture.work.appending("old").string) == 0)
      try await fixture.host("init", "-q", ".")
      try await fixture.host("config", "core.fsmonitor", fixture.trap)
      let report = try await fixture.take(quarantine)
      #expect(report.imported == [])
      #expect(report.notTaken.map(\.what) == [host.string])
      try await fixture.host("status")
      #expect(!fixture.canaryFired)
      #expect(exists(quarantine.record.repositories[0].privateDirectory))
    }
  }
}

/// Indexes that git would not write.
enum GitIndexBytes {
  static func one(path: String, object: String) -> [UInt8] {
    var bytes = Array("DIRC".utf8) + [0, 0, 0, 2, 0, 0, 0, 1]
    let start = bytes.count
    bytes += [UInt8](repeating: 0, count: 24) + [0, 0, 0x81, 0xA4]
    bytes += [UInt8](repeating: 0, count: 12)
    let digits = Array(object.utf8)
    for index in stride(from: 0, to: digits.count, by: 2) {
      bytes.append(UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16)!)
    }
    bytes += [0, UInt8(path.utf8.count)] + Array(path.utf8)
    repeat { bytes.append(0) } while (bytes.count - start) % 8 != 0
    return bytes + [UInt8](repeating: 0, count: 20)
  }
}
