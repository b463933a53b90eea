internal import FoundationEssentials
internal import SystemPackage

/// The host's own git, run only on the host's own git directory or on a staging one, and
/// with nothing from outside that could make it run a program (11-git "ags' own git on the
/// host"). No configuration of the user's is read but the repository's.
struct HostGit: Sendable {
  /// Nil where there is none: many sessions leave nothing that needs it.
  var program: FilePath?
  var runner: any CommandRunner
  /// Of the host's variables only those a program needs to start.
  private var environment: [String: String]

  /// - Parameter host: git is looked for in its trusted search path.
  init(host: Host, runner: any CommandRunner) {
    program = ProgramLookup.find("git", on: host)
    self.runner = runner
    environment = [
      "PATH": host.searchPath.map(\.string).joined(separator: ":"),
      "HOME": "/nonexistent", "LC_ALL": "C", "TZ": "UTC",
      "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_ATTR_NOSYSTEM": "1",
      "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0",
      "GIT_NO_REPLACE_OBJECTS": "1", "GIT_ALLOW_PROTOCOL": "file", "GIT_EDITOR": "false",
      "GIT_SEQUENCE_EDITOR": "false", "GIT_ASKPASS": "false", "SSH_ASKPASS": "false",
      "GIT_SSH_COMMAND": "false", "GIT_PAGER": "cat",
      // Of one piece of memory: an object may claim any size.
      "GIT_ALLOC_LIMIT": "\(1 << 30)",
      // Reflog entries that ags writes, and `stash store`, need a name.
      "GIT_COMMITTER_NAME": "ags", "GIT_COMMITTER_EMAIL": "ags@localhost",
      "GIT_AUTHOR_NAME": "ags", "GIT_AUTHOR_EMAIL": "ags@localhost",
    ]
  }

  private static let settings = [
    "core.fsmonitor=false", "core.hooksPath=/dev/null", "core.alternateRefsCommand=true",
    "diff.ignoreSubmodules=all", "submodule.recurse=false", "fetch.recurseSubmodules=false",
    "gc.auto=0", "maintenance.auto=false", "safe.bareRepository=explicit",
  ].flatMap { ["-c", $0] }

  /// Where git works.
  struct Place: Sendable {
    var gitDirectory: FilePath
    /// Nil for what touches no files of a work tree.
    var workTree: FilePath?
    /// Another index than the directory's own.
    var index: FilePath?
    /// Read too.
    var alternates: [FilePath] = []
  }

  /// Runs git with `arguments` and returns what it prints, up to 64 MiB.
  /// - Throws: `GitCommandFailure` when it fails, a `CommandError` when it cannot be run.
  @discardableResult
  func run(
    _ arguments: [String], in place: Place, input: [UInt8] = [],
    settings: [String] = [], timeout: Duration = .seconds(600)
  ) async throws -> [UInt8] {
    guard let program else {
      throw GitDataError("git is not installed", hint: "install git and try again")
    }
    var environment = environment
    environment["GIT_DIR"] = place.gitDirectory.string
    if let tree = place.workTree { environment["GIT_WORK_TREE"] = tree.string }
    if let index = place.index { environment["GIT_INDEX_FILE"] = index.string }
    if !place.alternates.isEmpty {
      environment["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = place.alternates.map(\.string)
        .joined(separator: ":")
    }
    let command = Command(
      executable: program,
      arguments: ["--git-dir=\(place.gitDirectory)"] + Self.settings
        + settings.flatMap { ["-c", $0] } + arguments,
      environment: environment,
      // Nothing git looks up by a relative path is found in a directory an agent writes.
      workingDirectory: place.workTree ?? place.gitDirectory, input: input, timeout: timeout,
      outputLimit: 64 << 20)
    let result = try await runner.run(command)
    guard result.status.isSuccess else {
      throw GitCommandFailure(
        arguments: arguments, status: result.status,
        message: String(decoding: result.standardError.prefix(4096), as: UTF8.self))
    }
    return result.standardOutput
  }
}

/// git said no. The message may quote what an agent wrote, so it is escaped when shown.
struct GitCommandFailure: DescribedError, Equatable {
  var arguments: [String]
  var status: TerminationStatus
  var message: String

  var summary: String { "git \(arguments.first ?? "") failed (\(status.shellStatus))" }
  var cause: String? {
    let lines = message.split(separator: "\n").prefix(3).joined(separator: "; ")
    return lines.isEmpty ? nil : TerminalText.escaped(lines)
  }
  var exitStatus: ExitStatus { .failure }
}
