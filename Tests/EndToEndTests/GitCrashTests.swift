import AGSTestSupport
import Glibc
import SystemPackage
import Testing

extension EndToEnd {
  /// 11-git: `kill -9` of `ags` while it prepares, runs and imports loses nothing, and leaves
  /// no half of anything.
  @Suite struct GitCrashTests {
    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    private static let identity = "git config user.name x; git config user.email x@example.org"

    /// What the agent does in one round; `done-N` is there once all of it was done.
    private static func work(_ round: Int) -> String {
      """
      \(identity)
      echo \(round) >file-\(round); git add file-\(round); git commit -q -m work-\(round)
      git branch branch-\(round); git tag tag-\(round); touch ../done/\(round)
      """
    }

    /// Kills every session, the one that takes over what the last one left included, at a
    /// moment drawn from a seed that a failure names.
    @Test func killAtAnyMomentLosesNothing() async throws {
      let seed = UInt64.random(in: 0...UInt64.max)
      var random = SeededNumbers(state: seed)
      try await withRepository(fixture, named: "place") { place in
        let path = place.appending("project")
        let flags = ["-d", place.appending("done").string]
        try await fixture.shell("mkdir done; git clone -q . project", in: place)
        let clock = ContinuousClock()
        let began = clock.now
        _ = try await fixture.sandbox(Self.work(0), in: path, flags: flags)
        let whole = clock.now - began
        var known: Set<String> = []
        for round in 1...50 {
          let moment = whole * Double.random(in: 0...1.1, using: &random)
          _ = try await fixture.sandbox(Self.work(round), in: path, flags: flags) { program in
            try await Task.sleep(for: moment)
            program.send(SIGKILL)
          }
          let label = "seed \(seed), round \(round), killed after \(moment) of \(whole)"
          try await eventually("no container is left, \(label)") {
            try await fixture.leftovers(of: path) == []
          }
          let host = try await fixture.call(
            "/bin/bash",
            ["-euc", "git fsck --full --no-dangling; git for-each-ref --format='%(refname)'"],
            in: path
          ).run()
          #expect(host.status == 0, "\(label): \(host)")
          // What is under way is below refs/ags, and goes when it has arrived.
          let names = Set(host.lines.filter { !$0.hasPrefix("refs/ags/") })
          #expect(known.isSubset(of: names), "\(label): \(known.subtracting(names))")
          known = names
        }
        let last = try await fixture.sandbox(
          "\(Self.identity); git add -A; git commit -q --allow-empty -m last", in: path,
          flags: flags)
        #expect(last.status == 0, "seed \(seed): \(last)")
        try await expectAll(in: path, besides: place.appending("done"), seed: seed)
      }
    }

    /// Everything that was done inside is here, and nothing waits for anything.
    private func expectAll(in path: FilePath, besides done: FilePath, seed: UInt64) async throws {
      let rounds = try await fixture.shell("ls", in: done).lines
      #expect(rounds.count > 5, "seed \(seed)")
      let missing = try await fixture.shell(
        """
        git fsck --full --no-dangling
        git log --format=%s --branches --glob='refs/ags/*' >../log
        for round in \(rounds.joined(separator: " ")); do
          grep -qx work-$round ../log || echo commit $round
          for name in branch-$round tag-$round; do
            git for-each-ref --format='%(refname)' | grep -qE "/$name$" || echo $name
          done
        done
        git status --porcelain
        """, in: path)
      #expect(missing.lines == [], "seed \(seed)")
      let left = try await fixture.ags("quarantine", "list", in: path)
      #expect(left.standardOutput == "", "seed \(seed)")
      #expect(try await fixture.sessionDirectories() == [], "seed \(seed)")
    }
  }
}
