import AGSTestSupport
import SystemPackage
import Testing

extension EndToEnd {
  /// 11-git: repositories that are not the usual one are inside what they are outside, and work
  /// in them arrives.
  @Suite struct GitShapeTests {
    struct Shape: Sendable, CustomTestStringConvertible {
      var name: String
      /// Run on the host beside `source`, a repository of three commits; makes `project`.
      var setUp: String
      /// Run inside, before a commit of `work`.
      var work = ""
      /// Run on the host afterwards in `project`; must print `true`.
      var holds: String

      var testDescription: String { name }
    }

    static let shapes: [Shape] = [
      Shape(
        name: "shallow", setUp: "git clone -q --depth 2 file://$PWD/source project",
        holds: "git rev-parse --is-shallow-repository; test $(git rev-list --count HEAD) = 3"),
      Shape(
        name: "sha256",
        setUp: """
          git init -q -b main --object-format=sha256 project
          cd project; git commit -q --allow-empty -m begin
          """,
        holds: "git rev-parse HEAD | grep -qE '^[0-9a-f]{64}$' && echo true"),
      Shape(
        name: "sparse",
        setUp: """
          git clone -q source project; cd project; git sparse-checkout set --sparse-index src
          """,
        work: "echo x >src/new; git add src/new",
        holds: "test -d src; test ! -e docs; git cat-file -e HEAD:docs/c; echo true"),
      Shape(
        name: "alternates", setUp: "git clone -q --shared source project",
        holds: """
          test $(cat .git/objects/info/alternates) = $(realpath ../source/.git/objects)
          test $(git rev-list --count HEAD) = 4; echo true
          """),
      Shape(
        name: "alternates by a relative path",
        setUp: """
          git clone -q --shared source project
          echo ../../../source/.git/objects >project/.git/objects/info/alternates
          """,
        holds: "test $(git rev-list --count HEAD) = 4; echo true"),
      Shape(
        name: "20 000 files",
        setUp: """
          git init -q -b main project; cd project
          for d in {1..200}; do mkdir $d; (cd $d; for f in {1..100}; do echo $f >$f; done); done
          git add -A; git commit -q -m begin
          """,
        work: "echo x >7/7; git rm -rq 9; mkdir new; echo y >new/y; git add -A",
        holds: "test $(git ls-files | wc -l) = 19901; echo true"),
      Shape(
        name: "2000 branches",
        setUp: """
          git clone -q source project; cd project
          for n in {1..2000}; do echo create refs/heads/b/$n HEAD; done | git update-ref --stdin
          """,
        work: "git branch -f b/7 HEAD~1; git branch -q -D b/8; git branch b/new",
        holds: "test $(git branch | wc -l) = 2001; echo true"),
      Shape(
        name: "large files",
        setUp: """
          git clone -q source project; cd project
          echo '*.bin filter=lfs -text' >.gitattributes; git add -A; git commit -q -m lfs
          """,
        // As git-lfs leaves it: the content below .git/lfs, its pointer in the commit.
        work: """
          lfs() { mkdir -p .git/lfs/objects/${1:0:2}/${1:2:2}; cat >.git/lfs/objects/${1:0:2}/${1:2:2}/$1; }
          head -c 3000000 /dev/zero >/tmp/big; oid=$(sha256sum /tmp/big | cut -c1-64)
          lfs $oid </tmp/big; echo lies | lfs $(printf 'a%.0s' {1..64})
          printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%s\\nsize 3000000\\n' $oid >a.bin
          git add a.bin
          """,
        holds: """
          oid=$(git cat-file -p HEAD:a.bin | sed -n 's/^oid sha256://p')
          sha256sum .git/lfs/objects/${oid:0:2}/${oid:2:2}/$oid | grep -q ^$oid
          test $(find .git/lfs -type f | wc -l) = 1; echo true
          """),
    ]

    let fixture: SandboxFixture

    init() throws { fixture = try SandboxFixture() }

    @Test(arguments: shapes)
    func workArrives(shape: Shape) async throws {
      let place = try await Workspace(fixture, named: "place")
      do {
        try await fixture.shell(
          """
          mkdir tools; cp \(GitFixture.scripts)/git-state tools
          export GIT_AUTHOR_NAME=u GIT_AUTHOR_EMAIL=u@x GIT_COMMITTER_NAME=u GIT_COMMITTER_EMAIL=u@x
          git init -q -b main source; cd source; mkdir src docs
          for f in src/a src/b docs/c; do echo $f >$f; git add $f; git commit -q -m $f; done
          cd ..; \(shape.setUp)
          """, in: place.path)
        let project = place.path.appending("project")
        let tools = place.path.appending("tools")
        let inside = try await fixture.sandbox(
          """
          set -e; git config user.name agent; git config user.email agent@example.org
          \(shape.work)
          git commit -q --allow-empty -m work; \(tools)/git-state
          """, in: project, flags: ["-d", tools.string])
        #expect(inside.status == 0, "\(inside.standardError)")
        let host = try await fixture.shell("\(tools)/git-state", in: project)
        #expect(host.lines.count == inside.lines.count)
        // A comparison of whole states would print megabytes.
        #expect(zip(host.lines, inside.lines).first { $0 != $1 }.map { "\($0)" } == nil)
        let holds = try await fixture.shell(
          "git fsck --no-dangling; git log -1 --format=%s; \(shape.holds)", in: project)
        #expect(holds.lines == ["work", "true"], "\(holds)")
      } catch {
        try await place.remove()
        throw error
      }
      try await place.remove()
    }
  }
}
