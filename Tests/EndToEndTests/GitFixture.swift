import AGSTestSupport
import FoundationEssentials
import SystemPackage

/// The scripts of Tests/Fixtures about git, and one directory of a test in which they work:
///
/// - `tools`: what is run inside, in the sandbox at the same path; what both sides say to each
///   other is here too
/// - `tree`: the workspace and what belongs to it
/// - `cases`: what attacks must not reach
struct GitFixture: Sendable {
  /// The kinds of workspace that git-workspaces makes.
  static let kinds = [
    "plain", "worktree", "submodule", "submodules", "subdirectory", "none", "bare-worktree",
  ]
  static let scripts = FilePath(#filePath).removingLastComponent()
    .removingLastComponent().appending("Fixtures")

  let fixture: SandboxFixture
  let kind: String
  let base: FilePath
  let workspace: FilePath

  var tools: FilePath { base.appending("tools") }

  /// Runs `body` with a workspace of this kind.
  static func with(
    _ fixture: SandboxFixture, kind: String, _ body: (GitFixture) async throws -> Void
  ) async throws {
    let place = try await Workspace(fixture, named: "base")
    do {
      let made = try await fixture.shell(
        """
        mkdir tools cases
        cp -r \(scripts)/git-attack \(scripts)/git-attacks tools
        cp -r \(scripts)/git-operation \(scripts)/git-operations \(scripts)/git-state tools
        \(scripts)/git-workspaces \(kind) tree
        """, in: place.path)
      try await body(
        GitFixture(
          fixture: fixture, kind: kind, base: place.path, workspace: FilePath(made.lines[0])))
    } catch {
      try await dropQuarantines(fixture)
      try await place.remove()
      throw error
    }
    try await dropQuarantines(fixture)
    try await place.remove()
  }

  /// What is kept of an attack's git directory is nobody's work, and would be in other tests' way.
  private static func dropQuarantines(_ fixture: SandboxFixture) async throws {
    try await fixture.shell(
      """
      ags=\(fixture.programs)/ags
      $ags quarantine list | grep -v '  running  ' | while read -r session _; do
        $ags quarantine drop $session || true
      done
      """)
  }

  /// Runs a script of `tools` in the sandbox; `body` runs when it is done and the session still
  /// lives.
  func inside(
    _ command: String, while body: @Sendable (GitFixture) async throws -> Void = { _ in }
  ) async throws -> ProgramOutcome {
    let script = """
      \(tools)/\(command)
      status=$?
      touch \(tools)/done
      until [ -e \(tools)/end ]; do sleep 0.02; done
      exit $status
      """
    return try await fixture.sandbox(script, in: workspace, flags: ["-d", tools.string]) { _ in
      try await eventually(within: .seconds(100), "\(command) is done") {
        FileManager.default.fileExists(atPath: tools.appending("done").string)
      }
      try await body(self)
      try await fixture.shell("touch end", in: tools)
    }
  }
}
